//! A picture from a file of any format: one module per family of formats.

mod av1;
mod coded;
mod heif;
mod jpeg;
mod raster;
mod tiles;

use metadata::FileType;

use crate::color::Space;
use crate::picture::Picture;
use crate::{Limits, PreviewError};

/// What a decoder makes of a file.
pub(crate) struct Decoded {
    /// The whole photo, at its own size or already smaller, but never smaller than the large preview.
    pub(crate) picture: Picture,
    /// Of the photo at its own size, in pixels, turned as `picture` is.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) space: Space,
    /// The format's own turning has been applied, and EXIF has no say.
    pub(crate) is_upright: bool,
    pub(crate) is_partial: bool,
}

/// Decodes `file`. A decoder that panics counts as one that finds damage: what has made it panic lies in the file.
pub(crate) fn decode(file: &[u8], file_type: FileType, limits: &Limits) -> Result<Decoded, PreviewError> {
    std::panic::catch_unwind(|| decode_type(file, file_type, limits))
        .unwrap_or_else(|_| Err(PreviewError::damaged("its decoder gave up")))
}

fn decode_type(file: &[u8], file_type: FileType, limits: &Limits) -> Result<Decoded, PreviewError> {
    match file_type {
        FileType::Jpeg => jpeg::decode(file, limits),
        FileType::Png => raster::png(file, limits),
        FileType::WebP => raster::webp(file, limits),
        FileType::Gif => raster::gif(file, limits),
        FileType::Tiff => raster::tiff(file, limits),
        FileType::Heic | FileType::Avif => heif::decode(file, limits),
        // A raw is shown by the JPEG in it, which its reader finds (`metadata::EmbeddedPreview`).
        FileType::Jxl
        | FileType::Dng
        | FileType::Cr2
        | FileType::Cr3
        | FileType::Nef
        | FileType::Arw
        | FileType::Orf
        | FileType::Rw2
        | FileType::Pef
        | FileType::Raf => Err(PreviewError::Unsupported),
    }
}
