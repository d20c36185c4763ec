//! What the previews of a photo are, of every format and of every kind of damage. The photos are made here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bombs;
mod colors;
mod formats;
mod hostile;
mod photos;
mod support;
