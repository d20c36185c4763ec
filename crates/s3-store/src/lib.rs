//! An S3 server for one machine, embedded in its host: an owner's only copy may live here.
//!
//! A request goes one way: [`Store::call`] → `guard` (what must be refused before anything is read) → `cors` →
//! s3s (signatures, XML, routing) → `s3` (the operations, by noun) → `receive` (a body becomes a blob) and `index`
//! (a row makes it visible); `harden` has the last word on what a browser may do with an answer.
//!
//! - `blobs`: the folder of files named by the store's own ids; never by a client's key.
//! - `index`: SQLite; one writer thread with group commit, a pool of readers.
//! - `reader`, `leases`, `sweeper`: streaming objects, and removing files that nothing shows any more.
//! - `hasher`, `blob_reader`, [`scrub`]: every block of a file has a checksum, and is compared before it is sent.
//! - `lost`: what happens to files that the index does not know: they are set aside, never removed.
//! - `disk`: after a failed write or sync, the store only reads until its next start.
//! - `controls`: control characters in XML answers.
//! - `checksum`, `combine`: what a client says its bytes are, and what they turn out to be.
//! - `form`: uploads by an HTML form, which s3s would read to their end before it asks who sent them.
//! - `xml_body`: bodies that bring no object are what their headers say, too.
//! - `linger`: lets a refused upload end in an answer.
//! - `region`, `explain`: errors that S3's clients act upon, and that people understand.
//!
//! Order of a write: file written and checked → renamed → file synced → folder synced → row committed and synced →
//! 200. A crash at any point leaves either the whole object or a file that nobody sees: the next start removes it from
//! `tmp`, or moves it from `blobs` to `lost`. It removes from `blobs` only what a committed row calls trash; so an index
//! of an older backup costs no photo, and without an index the store does not open over files.

mod blob_reader;
mod blobs;
mod checksum;
mod clock;
mod combine;
mod controls;
mod cors;
mod disk;
mod error;
mod explain;
mod form;
mod guard;
mod harden;
mod hasher;
mod index;
mod inner;
mod leases;
mod linger;
mod lost;
mod reader;
mod receive;
mod region;
mod s3;
pub mod scrub;
mod settings;
mod store;
mod sweeper;
mod xml_body;

pub use s3s::Body;
pub use settings::{OpenError, Settings};
pub use store::Store;
