//! JPEG (ITU-T T.81): decoded at an eighth, a quarter or half of its size where that is enough, which costs a fraction.

use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::Decoded;
use crate::color::Space;
use crate::picture::{Layout, Picture};
use crate::{LARGE_SIDE, Limits, PreviewError};

/// What a progressive file's coefficients need: all of them are kept until the last scan.
const COEFFICIENT_BYTES: u64 = 2;
/// Most scans of a progressive file; cameras write ten.
const MAX_SCANS: usize = 64;

/// The scaling decoder is strict; what it refuses is given to one that is not.
pub(super) fn decode(file: &[u8], limits: &Limits) -> Result<Decoded, PreviewError> {
    match decode_scaled(file, limits) {
        Err(PreviewError::Damaged(_)) => decode_leniently(file, limits),
        decoded => decoded,
    }
}

fn decode_scaled(file: &[u8], limits: &Limits) -> Result<Decoded, PreviewError> {
    let mut decoder = Decoder::new(file);
    decoder.read_info().map_err(PreviewError::damaged)?;
    let info = decoder.info().ok_or_else(|| PreviewError::damaged("it has no frame"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let channels = info.pixel_format.pixel_bytes() as u64;
    let kept = if info.coding_process == CodingProcess::DctProgressive { channels * COEFFICIENT_BYTES } else { 0 };
    limits.check(width, height, kept)?;
    // The decoder is content where one side is large enough: only the longer one may be.
    let wanted = width.max(height).min(LARGE_SIDE) as u16;
    let (across, down) = if width >= height { (wanted, u16::MAX) } else { (u16::MAX, wanted) };
    let scaled = decoder.scale(across, down).map_err(PreviewError::damaged)?;
    let (scaled_width, scaled_height) = (u32::from(scaled.0), u32::from(scaled.1));
    limits
        .check(scaled_width, scaled_height, 2 * channels)
        .map_err(|_| PreviewError::TooManyPixels { width, height })?;
    let pixels = decoder.decode().map_err(PreviewError::damaged)?;
    let (layout, pixels) = match info.pixel_format {
        PixelFormat::L8 => (Layout::Gray, pixels),
        PixelFormat::L16 => (
            Layout::Gray,
            pixels.as_chunks::<2>().0.iter().map(|two| u16::from_ne_bytes(*two).to_be_bytes()[0]).collect(),
        ),
        PixelFormat::RGB24 => (Layout::Rgb, pixels),
        PixelFormat::CMYK32 => (Layout::Cmyk, pixels),
    };
    let picture = Picture { width: scaled_width, height: scaled_height, layout, pixels };
    let space = decoder.icc_profile().map_or(Space::Srgb, Space::Icc);
    Ok(Decoded { picture, width, height, space, is_upright: false, is_partial: false })
}

/// What cannot be read stays gray, and then the picture is partial. A file that is merely unusual is read in full.
fn decode_leniently(file: &[u8], limits: &Limits) -> Result<Decoded, PreviewError> {
    decode_in_full(file, limits, Strictness::Strict).or_else(|error| match error {
        PreviewError::Damaged(_) => decode_in_full(file, limits, Strictness::Lenient),
        other => Err(other),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    Strict,
    Lenient,
}

fn decode_in_full(file: &[u8], limits: &Limits, strictness: Strictness) -> Result<Decoded, PreviewError> {
    let options = DecoderOptions::default()
        .set_strict_mode(strictness == Strictness::Strict)
        .set_max_width(limits.max_side as usize)
        .set_max_height(limits.max_side as usize)
        .jpeg_set_max_scans(MAX_SCANS);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(PreviewError::damaged)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| PreviewError::damaged("it has no frame"))?;
    // Sides of a JPEG have 16 bits.
    let (width, height) = (width as u32, height as u32);
    let (layout, color) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (Layout::Gray, ColorSpace::Luma),
        _ => (Layout::Rgb, ColorSpace::RGB),
    };
    let channels = layout.channels() as u64;
    // Of a progressive file, the coefficients too.
    limits.check(width, height, channels * (1 + COEFFICIENT_BYTES))?;
    decoder.set_options(options.jpeg_set_out_colorspace(color));
    let pixels = decoder.decode().map_err(PreviewError::damaged)?;
    let picture = Picture { width, height, layout, pixels };
    let space = decoder.icc_profile().map_or(Space::Srgb, Space::Icc);
    let is_partial = strictness == Strictness::Lenient;
    Ok(Decoded { picture, width, height, space, is_upright: false, is_partial })
}
