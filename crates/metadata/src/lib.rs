//! What a photo says about itself: its type, its size in pixels and its EXIF, read from its bytes.
//!
//! Pure: no I/O, no clock, no threads; the same code runs on the server and, as WebAssembly, in the guest's browser.
//! Every byte is taken for hostile: reads are checked, work is bounded ([`limits`]), and what cannot be read is left
//! out, never guessed.
//!
//! Reading order: a file is [`sniff`]ed, its container (`jpeg`, `png`, `webp`, `gif`, `isobmff`, `tiff`) is searched
//! for its dimensions and its EXIF block, and `exif` turns that block into [`Metadata`] with the help of `words`,
//! `numbers`, `text`, `taken_at` and `location`.

mod file_type;
mod sniff;

mod container;
mod gif;
mod isobmff;
mod jpeg;
mod png;
mod tiff;
mod webp;

mod exif;
mod location;
pub mod numbers;
mod taken_at;
mod text;
pub mod words;

mod bytes;
mod checksum;
pub mod limits;
mod reading;

#[cfg(feature = "samples")]
pub mod samples;

pub use checksum::Sha256;
pub use file_type::FileType;
pub use reading::{Metadata, Reading, Warning, read};
pub use sniff::{SNIFF_BYTES, sniff};
