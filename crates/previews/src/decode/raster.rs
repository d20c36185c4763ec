//! PNG, WebP, GIF and TIFF, by the crate `image`. Of an animation the first frame is shown, of a TIFF file the first
//! directory.

use std::io::Cursor;

use image::codecs::{gif::GifDecoder, png::PngDecoder, tiff::TiffDecoder, webp::WebPDecoder};
use image::{ColorType, ImageDecoder, ImageError, ImageResult, Limits as DecoderLimits};

use super::Decoded;
use crate::color::Space;
use crate::picture::{Layout, Picture};
use crate::{Limits, PreviewError};

/// How many times the picture's own size a decoder holds at once: its own buffers beside ours.
const PNG_COPIES: u64 = 1;
const OTHER_COPIES: u64 = 2;

pub(super) fn png(file: &[u8], limits: &Limits) -> Result<Decoded, PreviewError> {
    read(PngDecoder::with_limits(Cursor::new(file), decoder_limits(limits)), PNG_COPIES, limits)
}

pub(super) fn webp(file: &[u8], limits: &Limits) -> Result<Decoded, PreviewError> {
    read(WebPDecoder::new(Cursor::new(file)), OTHER_COPIES, limits)
}

pub(super) fn gif(file: &[u8], limits: &Limits) -> Result<Decoded, PreviewError> {
    read(GifDecoder::new(Cursor::new(file)), OTHER_COPIES, limits)
}

pub(super) fn tiff(file: &[u8], limits: &Limits) -> Result<Decoded, PreviewError> {
    read(TiffDecoder::new(Cursor::new(file)), OTHER_COPIES, limits)
}

fn decoder_limits(limits: &Limits) -> DecoderLimits {
    let mut decoder = DecoderLimits::default();
    decoder.max_image_width = Some(limits.max_side);
    decoder.max_image_height = Some(limits.max_side);
    decoder.max_alloc = Some(limits.max_decoding_bytes);
    decoder
}

fn read(decoder: ImageResult<impl ImageDecoder>, copies: u64, limits: &Limits) -> Result<Decoded, PreviewError> {
    let mut decoder = decoder.map_err(|error| refusal(error, 0, 0))?;
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    limits.check(width, height, copies * u64::from(color.bytes_per_pixel()))?;
    decoder.set_limits(decoder_limits(limits)).map_err(|error| refusal(error, width, height))?;
    let space = decoder.icc_profile().ok().flatten().map_or(Space::Srgb, Space::Icc);
    // Within the limits, so it fits.
    let mut pixels = vec![0; decoder.total_bytes() as usize];
    let is_partial = match decoder.read_image(&mut pixels) {
        Ok(()) => false,
        // What was read before the damage has been written; nothing else is there to be shown.
        Err(ImageError::Decoding(_) | ImageError::IoError(_)) if pixels.iter().any(|byte| *byte != 0) => true,
        Err(error) => return Err(refusal(error, width, height)),
    };
    let (layout, pixels) = eight_bits(color, pixels)?;
    let picture = Picture { width, height, layout, pixels };
    Ok(Decoded { picture, width, height, space, is_upright: false, is_partial })
}

fn refusal(error: ImageError, width: u32, height: u32) -> PreviewError {
    match error {
        ImageError::Unsupported(_) => PreviewError::Unsupported,
        ImageError::Limits(_) => PreviewError::TooManyPixels { width, height },
        error => PreviewError::damaged(error),
    }
}

fn eight_bits(color: ColorType, pixels: Vec<u8>) -> Result<(Layout, Vec<u8>), PreviewError> {
    let gray_alpha = |pixels: &[u8]| {
        pixels.as_chunks::<2>().0.iter().flat_map(|[gray, alpha]| [*gray, *gray, *gray, *alpha]).collect()
    };
    Ok(match color {
        ColorType::L8 => (Layout::Gray, pixels),
        ColorType::La8 => (Layout::Rgba, gray_alpha(&pixels)),
        ColorType::Rgb8 => (Layout::Rgb, pixels),
        ColorType::Rgba8 => (Layout::Rgba, pixels),
        ColorType::L16 => (Layout::Gray, high_bytes(pixels)),
        ColorType::La16 => (Layout::Rgba, gray_alpha(&high_bytes(pixels))),
        ColorType::Rgb16 => (Layout::Rgb, high_bytes(pixels)),
        ColorType::Rgba16 => (Layout::Rgba, high_bytes(pixels)),
        // Floating point is for light beyond white, and says nothing about how to show it.
        _ => return Err(PreviewError::Unsupported),
    })
}

/// Of each two bytes in the machine's order the higher one, in place: a second copy may not fit.
fn high_bytes(mut pixels: Vec<u8>) -> Vec<u8> {
    let half = pixels.len() / 2;
    for index in 0..half {
        let [high, _] = u16::from_ne_bytes([pixels[2 * index], pixels[2 * index + 1]]).to_be_bytes();
        pixels[index] = high;
    }
    pixels.truncate(half);
    pixels
}
