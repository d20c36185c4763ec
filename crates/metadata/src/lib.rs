//! What a photo says about itself: its type, its size in pixels, and its EXIF, XMP and IPTC, read from its bytes.
//!
//! Pure: no I/O, no clock, no threads; the same code runs on the server and, as WebAssembly, in the guest's browser.
//! Every byte is taken for hostile: reads are checked, work is bounded ([`limits`]), and what cannot be read is left
//! out, never guessed.
//!
//! Reading order: a file is [`sniff`]ed, and its container (`jpeg`, `png`, `webp`, `gif`, `isobmff`, `jxl`; `raw` for TIFF
//! and what is built on it, `cr3`, `raf`) is searched for its dimensions and its blocks of metadata. `exif` turns the EXIF
//! block into [`Metadata`] with the help of `words`, `numbers`, `text`, `taken_at` and `location`; `description` fills in
//! what EXIF lacks, and says from where. Makers' notes are not read. [`without_location`] makes copies that tell no place.

mod file_type;
mod sniff;

mod boxes;
mod container;
mod cr3;
mod gif;
mod isobmff;
mod jpeg;
mod jxl;
mod photoshop;
mod png;
mod raf;
mod raw;
mod tiff;
mod webp;

mod description;
mod exif;
mod iptc;
mod location;
pub mod numbers;
mod taken_at;
mod text;
pub mod words;
mod xmp;

mod without_location;

mod bytes;
mod checksum;
pub mod limits;
mod reading;

#[cfg(feature = "samples")]
pub mod samples;
#[cfg(feature = "truth")]
pub mod truth;

pub use checksum::Sha256;
pub use file_type::FileType;
pub use reading::{EmbeddedPreview, Metadata, Reading, Warning, read};
pub use sniff::{SNIFF_BYTES, sniff};
pub use without_location::{NoCopy, Piece, without_location};
