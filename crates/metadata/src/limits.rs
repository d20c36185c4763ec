//! The bounds within which a file is read. Hostile files meet them; no known camera does.

/// Longest text about the camera and its settings that [`crate::Metadata`] holds, in characters; longer ones are cut.
pub const TEXT_CHARS: usize = 255;

/// Longest title and creator, in characters; longer ones are cut.
pub const TITLE_CHARS: usize = 500;

/// Longest caption, in characters; longer ones are cut.
pub const CAPTION_CHARS: usize = 2_000;

/// Longest keyword, in characters, as IPTC has it (IIM 4.2, 2:25); longer ones are cut.
pub const KEYWORD_CHARS: usize = 64;

/// Most keywords that are told of one photo.
pub const KEYWORDS: usize = 100;

/// Most entries that are read of one EXIF directory.
pub const IFD_ENTRIES: usize = 4096;

/// Most directories of a TIFF file that are looked at for the main picture and for previews.
pub const IFDS: usize = 24;

/// Largest EXIF block, and largest XMP packet, that is read of any file.
pub const BLOCK_BYTES: usize = 4 * 1024 * 1024;

/// Largest file of which a copy without its location is made: file and copy are in memory at once.
pub const COPY_BYTES: u64 = 96 * 1024 * 1024;

/// Most pieces that a file may cut such a block into.
pub const BLOCK_PIECES: usize = 1_024;

/// Deepest element of an XMP packet that is read; a packet that goes deeper is broken.
pub const XMP_DEPTH: usize = 64;

/// How far into an embedded JPEG its frame header is looked for.
pub const PREVIEW_HEAD_BYTES: usize = 256 * 1024;

/// Largest number, either side of 0, that is told as a text; what is beyond is no length, time or resolution.
pub const NUMBER: f64 = 1e9;

/// What a rating can be (XMP part 1, 8.4 "xmp:Rating").
pub const RATING: std::ops::RangeInclusive<f64> = -1.0..=5.0;

/// Largest APEX aperture, either side of 0: f/1024.
pub const APEX: f64 = 20.0;
