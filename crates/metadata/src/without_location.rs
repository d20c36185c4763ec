//! A copy of a photo that does not tell where it was taken.
//!
//! What may stay is listed, not what has to go: the pixels, their colours, how they are turned, and of EXIF the camera, its
//! settings, the time, the description and the rights. Everything else may hold a place, and goes: GPS, makers' notes,
//! thumbnails, XMP, IPTC, comments, and whatever lies behind a picture, such as a phone's short film.
//!
//! The picture itself is not decoded, so that the copy loses nothing of it. Formats whose parts follow each other lose what
//! goes; where parts are found by their offset (HEIC, AVIF, TIFF, DNG), it is written over.

mod exif;
mod gif;
mod isobmff;
mod jpeg;
mod jxl;
mod pieces;
mod png;
mod tiff;
mod webp;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use pieces::Piece;

use crate::limits::COPY_BYTES;
use crate::{FileType, read, sniff};

/// A packet that says nothing (XMP part 1, 7.4), for where one has lain.
const EMPTY_XMP: &[u8] = b"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/></x:xmpmeta>";

/// Why there is no such copy of a photo. Serialised in snake_case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoCopy {
    /// Nobody has published what a file of this format may hold: a camera's raw file.
    Format,
    /// Its structure is damaged, so that what has to go cannot be found.
    Damaged,
    /// It is larger than `limits::COPY_BYTES`, or takes too long.
    TooLarge,
}

impl fmt::Display for NoCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "the place cannot be taken out of this kind of file",
            Self::Damaged => "the file is damaged in a way that may hide a place",
            Self::TooLarge => "the file is too large to take the place out of it",
        })
    }
}

/// The pieces of a copy of the whole `file`, in their order; their parts of the file lie within it. Takes time and memory in
/// proportion to the file; never panics. What the copy says of itself has been read again: no place is in it.
pub fn without_location(file: &[u8]) -> Result<Vec<Piece>, NoCopy> {
    if file.len() as u64 > COPY_BYTES {
        return Err(NoCopy::TooLarge);
    }
    let file_type = sniff(file).ok_or(NoCopy::Format)?;
    let pieces = match file_type {
        FileType::Jpeg => jpeg::copy(file),
        FileType::Png => png::copy(file),
        FileType::WebP => webp::copy(file),
        FileType::Gif => gif::copy(file),
        FileType::Jxl => jxl::copy(file),
        FileType::Heic | FileType::Avif => isobmff::copy(file)?,
        FileType::Tiff | FileType::Dng => tiff::copy(file)?,
        FileType::Cr2 | FileType::Cr3 | FileType::Nef | FileType::Arw => return Err(NoCopy::Format),
        FileType::Orf | FileType::Rw2 | FileType::Pef | FileType::Raf => return Err(NoCopy::Format),
    };
    let reading = read(&pieces.bytes(file));
    let places = [reading.metadata.latitude, reading.metadata.longitude, reading.metadata.altitude];
    if reading.file_type != Some(file_type) || places.iter().any(Option::is_some) {
        return Err(NoCopy::Damaged);
    }
    Ok(pieces.into_vec())
}
