//! What HastyImages promises, asked from outside: over HTTP, and of the real binary.
//!
//! `story` is the main job on every database and every store; `http` follows the URLs; `process` starts `hasty serve`;
//! `ingest`, `duplicates` and `sweep` are what happens in the background, `downloads` what is taken away, `stats` what is
//! counted, `check` what must never happen; `worker` is what reads strangers' photos.
//! `support` speaks the user's language: `app.owner().invite("guest@example.com")`, `guest.upload("a.jpg", photo)`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod check;
mod downloads;
mod duplicates;
mod http;
mod ingest;
mod process;
mod stats;
mod story;
mod sweep;
mod worker;
