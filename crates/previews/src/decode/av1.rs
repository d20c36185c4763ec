//! One AV1 picture (AOM AV1 bitstream specification), by `rav1d`: dav1d in Rust, here without its assembler.

use heifer::heifer_hevc_dec::recon::Frame;
use re_rav1d::dav1d::{Decoder, Picture, PixelLayout, PlanarImageComponent, Settings, pixel::YUVRange};

use crate::PreviewError;

/// The first picture that `data` holds; `max_pixels` is held against its header.
pub(super) fn decode(data: Vec<u8>, max_pixels: u64) -> Result<Frame, PreviewError> {
    if data.is_empty() {
        return Err(PreviewError::damaged("an item without data"));
    }
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_frame_size_limit(u32::try_from(max_pixels).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings).map_err(PreviewError::damaged)?;
    match decoder.send_data(data, None, None, None) {
        Err(error) if !error.is_again() => return Err(PreviewError::damaged(error)),
        _ => {}
    }
    let picture = decoder.get_picture().map_err(PreviewError::damaged)?;
    Ok(frame(&picture))
}

/// The planes without the decoder's padding. Each chroma sample belongs to whole luma samples: where a side is odd, the
/// luma plane is a sample longer than the picture.
fn frame(picture: &Picture) -> Frame {
    let (width, height) = (picture.width(), picture.height());
    let (across, down, chroma_format) = match picture.pixel_layout() {
        PixelLayout::I400 => (1, 1, 0),
        PixelLayout::I420 => (2, 2, 1),
        PixelLayout::I422 => (2, 1, 2),
        PixelLayout::I444 => (1, 1, 3),
    };
    let (chroma_width, chroma_height) = (width.div_ceil(across), height.div_ceil(down));
    let depth = picture.bit_depth() as u8;
    let chroma = |component| match chroma_format {
        0 => Vec::new(),
        _ => samples(picture, component, chroma_width, chroma_height),
    };
    let (chroma_widths, chroma_heights) =
        if chroma_format == 0 { ([0, 0], [0, 0]) } else { ([chroma_width; 2], [chroma_height; 2]) };
    let (luma_width, luma_height) = (chroma_width * across, chroma_height * down);
    Frame {
        widths: [luma_width, chroma_widths[0], chroma_widths[1]],
        heights: [luma_height, chroma_heights[0], chroma_heights[1]],
        planes: [
            samples(picture, PlanarImageComponent::Y, luma_width, luma_height),
            chroma(PlanarImageComponent::U),
            chroma(PlanarImageComponent::V),
        ],
        bit_depth: [depth, depth],
        chroma_format,
        full_range: picture.color_range() == YUVRange::Full,
        matrix_coeffs: picture.matrix_coefficients() as u8,
    }
}

/// `width` by `height` samples of a plane; the last row and column are repeated where the plane ends before.
fn samples(picture: &Picture, component: PlanarImageComponent, width: u32, height: u32) -> Vec<u16> {
    let plane = picture.plane(component);
    let sample_bytes = if picture.bit_depth() > 8 { 2 } else { 1 };
    let stride = picture.stride(component) as usize;
    let mut samples = Vec::with_capacity(width as usize * height as usize);
    let mut rows = plane.chunks_exact(stride.max(1));
    let mut row: &[u8] = &[];
    for _ in 0..height {
        row = rows.next().unwrap_or(row);
        let start = samples.len();
        match sample_bytes {
            1 => samples.extend(row.iter().take(width as usize).map(|sample| u16::from(*sample))),
            _ => {
                let pairs = row.as_chunks::<2>().0.iter();
                samples.extend(pairs.take(width as usize).map(|pair| u16::from_ne_bytes(*pair)));
            }
        }
        let last = samples.last().copied().unwrap_or_default();
        samples.resize(start + width as usize, last);
    }
    samples
}
