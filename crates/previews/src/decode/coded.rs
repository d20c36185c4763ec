//! One coded image item of a HEIF file: HEVC or AV1, turned into RGBA.

use heifer::color::{ColorParams, frame_to_rgba_sized};
use heifer::heifer_hevc_dec::decoder::{DecodeOptions, decode_picture};
use heifer::heifer_hevc_dec::recon::Frame;
use heifer::heifer_isobmff::HeifFile;

use super::av1;
use super::heif::nclx;
use crate::picture::{Layout, Picture};
use crate::{Limits, PreviewError};

/// What a picture needs while it is decoded: its planes in 16 bits, the decoder's notes, and RGBA.
const BYTES_PER_PIXEL: u64 = 11;

/// Decodes the item `id`, opaque, at its own size. `params` are the colours that an item around it states.
pub(super) fn decode(
    file: &HeifFile,
    id: u32,
    params: Option<ColorParams>,
    limits: &Limits,
) -> Result<Picture, PreviewError> {
    let (width, height) = file
        .image_size(id)
        .map_err(PreviewError::damaged)?
        .ok_or_else(|| PreviewError::damaged("an item states no size"))?;
    limits.check(width, height, BYTES_PER_PIXEL)?;
    // The coded picture may be padded to whole blocks, on either side.
    let max_pixels = (u64::from(width) + 128) * (u64::from(height) + 128);
    let frame = decode_frame(file, id, max_pixels)?;
    let params = nclx(file, id).map(|nclx| nclx.params).or(params).unwrap_or_else(|| ColorParams::from_frame(&frame));
    let image = frame_to_rgba_sized::<u8>(&frame, params, width, height);
    if image.data.is_empty() {
        return Err(PreviewError::damaged("a picture without pixels"));
    }
    Ok(Picture { width: image.width, height: image.height, layout: Layout::Rgba, pixels: image.data })
}

fn decode_frame(file: &HeifFile, id: u32, max_pixels: u64) -> Result<Frame, PreviewError> {
    match &file.item(id).map_err(PreviewError::damaged)?.item_type.0 {
        b"hvc1" | b"hev1" => {
            let stream = file.hevc_bitstream(id).map_err(PreviewError::damaged)?;
            let options = DecodeOptions { max_pixels, ..DecodeOptions::default() };
            decode_picture(&stream, options).map_err(PreviewError::damaged)
        }
        b"av01" => av1::decode(file.item_data(id).map_err(PreviewError::damaged)?.into_owned(), max_pixels),
        _ => Err(PreviewError::Unsupported),
    }
}
