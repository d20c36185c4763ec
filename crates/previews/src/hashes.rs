//! The two hashes of a picture: one to paint, one to compare.

use fast_image_resize::FilterType;

use crate::PreviewError;
use crate::picture::{Layout, Picture};
use crate::resize::{fit, to_size};

/// Longest side that ThumbHash takes.
const THUMB_SIDE: u32 = 100;
const HASH_WIDTH: u32 = 9;
const HASH_HEIGHT: u32 = 8;

pub(crate) fn thumb_hash(small: &Picture) -> Result<Vec<u8>, PreviewError> {
    let thumb = fit(small.clone(), THUMB_SIDE)?;
    Ok(thumbhash::rgba_to_thumb_hash(thumb.width as usize, thumb.height as usize, &thumb.rgba()))
}

pub(crate) fn perceptual_hash(small: &Picture) -> Result<u64, PreviewError> {
    let (width, height) = (small.width, small.height);
    let gray = Picture { width, height, layout: Layout::Gray, pixels: luma(small) };
    let tiny = to_size(&gray, HASH_WIDTH, HASH_HEIGHT, FilterType::Box)?;
    let rows = tiny.pixels.chunks_exact(HASH_WIDTH as usize);
    let bits = rows.flat_map(|row| row.array_windows().map(|[left, right]| left < right));
    Ok(bits.fold(0, |hash, bit| hash << 1 | u64::from(bit)))
}

/// Luma as JPEG weighs it (ITU-R BT.601), over white.
fn luma(picture: &Picture) -> Vec<u8> {
    let weigh = |[red, green, blue, alpha]: &[u8; 4]| {
        let luma = (299 * u32::from(*red) + 587 * u32::from(*green) + 114 * u32::from(*blue)) / 1000;
        ((luma * u32::from(*alpha) + 255 * (255 - u32::from(*alpha))) / 255) as u8
    };
    picture.rgba().as_chunks::<4>().0.iter().map(weigh).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(width: u32, height: u32, shade: impl Fn(u32, u32) -> u8) -> Picture {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| shade(x, y)).collect();
        Picture { width, height, layout: Layout::Gray, pixels }
    }

    #[test]
    fn each_bit_is_a_step_to_the_right_that_grows_brighter() {
        assert_eq!(perceptual_hash(&gray(90, 80, |x, _| x as u8)), Ok(u64::MAX));
        assert_eq!(perceptual_hash(&gray(90, 80, |x, _| 200 - x as u8)), Ok(0));
        let brighter_above = gray(90, 80, |x, y| if y < 40 { x as u8 } else { 200 - x as u8 });
        assert_eq!(perceptual_hash(&brighter_above), Ok(0xffff_ffff_0000_0000));
    }

    #[test]
    fn one_pixel_has_both_hashes() {
        let pixel = gray(1, 1, |_, _| 128);
        assert_eq!(perceptual_hash(&pixel), Ok(0));
        assert!(thumb_hash(&pixel).unwrap().len() >= 5);
    }
}
