//! The harness: each test has a server, a database and a folder of its own.

mod answer;
mod app;
mod bodies;
mod client;
mod database;
mod door;
mod flaky;
mod garage;
mod guest;
mod history;
mod owner;
mod parts;
mod process;
mod random;
mod shared;
mod store;

pub use answer::{Answer, keys};
pub use app::{OWNER_KEY, S3_KEY_PAIR, TestApp, external};
pub use bodies::{BodyType, EVERY_BODY_TYPE};
pub use client::{Call, Client, path_and_query};
pub use database::{Database, PostgresDatabase};
pub use door::Door;
pub use flaky::{COMPLETIONS, DOWNLOADS, Flaky, REMOVALS};
pub use garage::Garage;
pub use guest::{Guest, Signed, exactly, sha256, signed};
pub use history::{Operation, is_linearizable};
pub use owner::Owner;
pub use parts::{Large, PART_BYTES, film};
pub use process::{Hasty, blobs, hasty_command, worker_that};
pub use random::Random;
pub use shared::Shared;
pub use store::StoreClient;

/// Runs each of these `async fn(Database)` on SQLite and on PostgreSQL.
///
/// A test that is missing in the list is dead code, which the lints refuse.
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $test() { super::$test($crate::support::Database::Sqlite).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $test() { super::$test($crate::support::Database::Postgres).await; })+
        }
    };
}

/// A small photo of its own: another number gives other bytes.
pub fn photo(number: u64) -> Vec<u8> {
    metadata::samples::jpeg(48, 32, number)
}
