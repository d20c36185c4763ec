//! Smaller pictures.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x3, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use crate::PreviewError;
use crate::picture::{Layout, Picture};

/// The picture so that it fits into a square of `side` pixels; as it is where it fits already.
pub(crate) fn fit(picture: Picture, side: u32) -> Result<Picture, PreviewError> {
    match fitting(picture.width, picture.height, side) {
        (width, height) if (width, height) == (picture.width, picture.height) => Ok(picture),
        (width, height) => to_size(&picture, width, height, FilterType::Lanczos3),
    }
}

/// The picture at another size. Colours are averaged as they are encoded, as most programs do it, weighted with their
/// alpha.
pub(crate) fn to_size(picture: &Picture, width: u32, height: u32, filter: FilterType) -> Result<Picture, PreviewError> {
    let options =
        ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).use_alpha(picture.layout == Layout::Rgba);
    let mut pixels = vec![0; width as usize * height as usize * picture.layout.channels()];
    let resized = match picture.layout {
        Layout::Gray => resize_pixels::<U8>(picture, &mut pixels, width, height, &options),
        Layout::Rgb => resize_pixels::<U8x3>(picture, &mut pixels, width, height, &options),
        Layout::Rgba | Layout::Cmyk => resize_pixels::<U8x4>(picture, &mut pixels, width, height, &options),
    };
    resized.map_err(PreviewError::damaged)?;
    Ok(Picture { width, height, layout: picture.layout, pixels })
}

/// The library's own choice between kinds of pixels would be compiled here for all fifteen of them.
fn resize_pixels<P: PixelTrait>(
    picture: &Picture,
    pixels: &mut [u8],
    width: u32,
    height: u32,
    options: &ResizeOptions,
) -> Result<(), Box<dyn std::error::Error>> {
    let source = TypedImageRef::<P>::from_buffer(picture.width, picture.height, &picture.pixels)?;
    let mut target = TypedImage::<P>::from_buffer(width, height, pixels)?;
    Ok(Resizer::new().resize_typed(&source, &mut target, options)?)
}

/// The largest size of the same shape that fits into a square of `side` pixels; never enlarged, never 0.
pub(crate) fn fitting(width: u32, height: u32, side: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= side {
        return (width, height);
    }
    let scaled = |length: u32| {
        let rounded = (u64::from(length) * u64::from(side) + u64::from(longest) / 2) / u64::from(longest);
        rounded.max(1) as u32
    };
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_kept_and_nothing_is_enlarged() {
        assert_eq!(fitting(4000, 3000, 1600), (1600, 1200));
        assert_eq!(fitting(3000, 4000, 320), (240, 320));
        assert_eq!(fitting(320, 10, 320), (320, 10));
        assert_eq!(fitting(10_000, 1, 1600), (1600, 1));
        assert_eq!(fitting(u32::MAX, u32::MAX, 320), (320, 320));
    }

    #[test]
    fn what_cannot_be_seen_does_not_color_what_can() {
        let pixels = [[255, 0, 0, 0], [0, 0, 255, 255]].concat();
        let picture = Picture { width: 2, height: 1, layout: Layout::Rgba, pixels };
        let one = to_size(&picture, 1, 1, FilterType::Box).unwrap();
        assert_eq!(one.pixels[..3], [0, 0, 255], "{:?}", one.pixels);
    }
}
