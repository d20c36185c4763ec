//! What is shown of a photo: two upright pictures in sRGB without any metadata, a ThumbHash to paint before they have
//! loaded, and a perceptual hash to find near duplicates by.
//!
//! Pure: bytes in, bytes out; no I/O, no clock, no threads. Every byte is taken for hostile: what a header claims is
//! held against [`Limits`] before anything is decoded. The decoders are other people's, and some allocate more than
//! they are told to: whoever hands in strangers' files does so in a process of its own, with limits of its own.
//!
//! Reading order: [`make`] has the steps. `decode` turns a file of any format into a `Picture`, already small where
//! the format allows that; `resize`, `color` and `turn` make it fit, sRGB and upright; `encode` and `hashes` finish.

mod color;
mod decode;
mod encode;
mod hashes;
mod limits;
mod picture;
mod resize;
mod turn;

use metadata::FileType;

use decode::Decoded;
pub use encode::ContentType;
pub use limits::Limits;

/// The box that the small preview fits in, in pixels.
pub const SMALL_SIDE: u32 = 320;
/// The box that the large preview fits in, in pixels.
pub const LARGE_SIDE: u32 = 1600;

/// What is shown of a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previews {
    /// Fits into 320 by 320 pixels; a file of type `content_type`.
    pub small: Vec<u8>,
    /// Fits into 1600 by 1600 pixels; a file of type `content_type`.
    pub large: Vec<u8>,
    /// Of both previews. JPEG, which is small, and which every mail program shows; WebP where some of the picture is
    /// transparent, which JPEG cannot say.
    pub content_type: ContentType,
    /// 5 to 25 bytes, as <https://evanw.github.io/thumbhash/> defines them.
    pub thumb_hash: Vec<u8>,
    /// A dHash: photos that look the same differ in few of its 64 bits (up to 10 are a near duplicate for most).
    /// The upright picture is averaged down to 9 by 8 pixels of luma over white; each bit says that a pixel is darker
    /// than its right neighbour, row by row, the first one in the highest bit.
    pub perceptual_hash: u64,
    /// Width of the whole photo in pixels, upright.
    pub width: u32,
    /// Height of the whole photo in pixels, upright.
    pub height: u32,
    /// The file is damaged, and the previews show what could be read of it.
    pub is_partial: bool,
}

/// Why there are no previews of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreviewError {
    /// Its header claims more pixels than are decoded, or than there is memory for in this format.
    #[error("{width} by {height} pixels are too many")]
    TooManyPixels { width: u32, height: u32 },
    /// No decoder for this kind of file.
    #[error("there is no decoder for it")]
    Unsupported,
    /// Nothing could be made of its bytes; with the decoder's words.
    #[error("the file is damaged: {0}")]
    Damaged(String),
}

impl PreviewError {
    fn damaged(error: impl std::fmt::Display) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// Makes the previews of `file`, which is of type `file_type`; what is smaller than a preview is never enlarged.
///
/// `orientation` is the file's EXIF Orientation, 1 to 8; anything else counts as 1. It is left aside for HEIC and AVIF,
/// whose own `irot` and `imir` say how to turn them (ISO/IEC 23008-12 6.5.10; EXIF is informative there, A.2.1).
pub fn make(file: &[u8], file_type: FileType, orientation: u8, limits: &Limits) -> Result<Previews, PreviewError> {
    let Decoded { picture, width, height, space, is_upright, is_partial } = decode::decode(file, file_type, limits)?;
    let orientation = if is_upright { 1 } else { orientation };
    let large = resize::fit(picture, LARGE_SIDE)?;
    let large = color::to_srgb(large.without_needless_alpha(), &space);
    let large = turn::upright(large, orientation);
    let small = resize::fit(large.clone(), SMALL_SIDE)?;
    let (width, height) = if turn::swaps_sides(orientation) { (height, width) } else { (width, height) };
    Ok(Previews {
        content_type: ContentType::of(&large),
        thumb_hash: hashes::thumb_hash(&small)?,
        perceptual_hash: hashes::perceptual_hash(&small)?,
        small: encode::encode(&small)?,
        large: encode::encode(&large)?,
        width,
        height,
        is_partial,
    })
}
