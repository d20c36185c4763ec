//! HastyImages: collect photos from other people, by link, straight into storage that you own.
//!
//! Data flows one way: `http | cli | jobs` → `domain` → `db`, `storage`. Nothing below knows anything above.
//!
//! - [`config`] what can be set; [`secrets`] what must stay secret; [`clock`] the time
//! - [`app`] puts the parts together; [`serve()`] runs them
//! - `http` the routes; `domain` the rules; `db` the tables; `storage` the bucket
//! - `jobs` background work; `ingest` the steps that make a fact of an upload; [`worker`] the process that reads photos
//! - [`telemetry`] the log and the figures; [`traces`] what each request did
//! - [`error`] every failure, its status and its code

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
mod db;
mod domain;
pub mod error;
mod http;
mod ingest;
mod jobs;
pub mod secrets;
pub mod serve;
mod storage;
pub mod telemetry;
pub mod traces;
pub mod worker;

pub use app::App;
pub use clock::Clock;
pub use config::Config;
pub use serve::serve;
