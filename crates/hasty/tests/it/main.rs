//! What HastyImages promises, asked from outside: over HTTP, and of the real binary.
//!
//! `story` is the main job on every database and every store; `http` follows the URLs; `process` starts `hasty serve`, and
//! `telemetry` reads what it tells; `ingest`, `duplicates` and `sweep` are what happens in the background, `downloads` what
//! is taken away, `stats` what is counted, `check` what must never happen; `doctor` what an operator asks; `archive` what
//! moves house, `lost_bucket` what must not; `database` is PostgreSQL's own; `history` is many guests on two instances,
//! `instances` what these leave to each other; `proxies` is what stands in
//! front; `worker` is what reads strangers' photos.
//! `support` speaks the user's language: `app.owner().invite("guest@example.com")`, `guest.upload("a.jpg", photo)`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod archive;
mod check;
mod database;
mod doctor;
mod downloads;
mod duplicates;
mod export;
mod history;
mod http;
mod ingest;
mod instances;
mod lost_bucket;
mod process;
mod proxies;
mod stats;
mod story;
mod sweep;
mod telemetry;
mod worker;
