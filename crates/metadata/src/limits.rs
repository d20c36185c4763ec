//! The bounds within which a file is read. Hostile files meet them; no known camera does.

/// Longest text that [`crate::Metadata`] holds, in characters; longer ones are cut.
pub const TEXT_CHARS: usize = 255;

/// Most entries that are read of one EXIF directory.
pub const IFD_ENTRIES: usize = 4096;

/// Largest EXIF block that is read of a HEIC, AVIF, PNG or WebP file (a JPEG cannot hold more than 64 kB of it).
pub const EXIF_BYTES: usize = 4 * 1024 * 1024;

/// Most pieces that a HEIC or AVIF file may cut its EXIF block into.
pub const EXIF_EXTENTS: usize = 64;

/// Largest number, either side of 0, that is told as a text; what is beyond is no length, time or resolution.
pub const NUMBER: f64 = 1e9;

/// Largest APEX aperture, either side of 0: f/1024.
pub const APEX: f64 = 20.0;
