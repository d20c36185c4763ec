//! The store through its door: an HTTP server on a port of its own, requests signed as S3 clients sign them.

mod attributes;
mod browser;
mod bucket_settings;
mod buckets;
mod clients;
mod copies;
mod cors;
mod damage;
mod deletes;
mod durability;
#[cfg(target_os = "linux")]
mod faults;
mod form_bodies;
mod forms;
mod guard;
mod integrity;
mod keys;
mod listing;
mod lost;
mod multipart;
mod objects;
mod part_copies;
mod presigned;
mod refusals;
mod scrub;
mod streaming;
mod support;
mod tagging;
mod versions;
