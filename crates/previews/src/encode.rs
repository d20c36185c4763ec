//! The finished files. Neither encoder is given any metadata to write.

use image::ExtendedColorType;
use image::codecs::webp::WebPEncoder;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::PreviewError;
use crate::picture::{Layout, Picture};

/// libjpeg's scale; above it previews grow faster than they gain.
const JPEG_QUALITY: u8 = 80;

/// What kind of file a preview is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentType {
    Jpeg,
    /// Lossless: there is no other encoder in Rust alone.
    WebP,
}

impl ContentType {
    /// The registered MIME type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    pub(crate) fn of(picture: &Picture) -> Self {
        match picture.layout {
            Layout::Rgba => Self::WebP,
            Layout::Gray | Layout::Rgb | Layout::Cmyk => Self::Jpeg,
        }
    }
}

pub(crate) fn encode(picture: &Picture) -> Result<Vec<u8>, PreviewError> {
    match picture.layout {
        Layout::Rgba => webp(picture),
        Layout::Gray => jpeg(picture, ColorType::Luma),
        Layout::Rgb => jpeg(picture, ColorType::Rgb),
        Layout::Cmyk => jpeg(picture, ColorType::Cmyk),
    }
}

fn jpeg(picture: &Picture, color: ColorType) -> Result<Vec<u8>, PreviewError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, JPEG_QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    // A preview has 1600 pixels a side at most.
    let (width, height) = (picture.width as u16, picture.height as u16);
    encoder.encode(&picture.pixels, width, height, color).map_err(PreviewError::damaged)?;
    Ok(bytes)
}

fn webp(picture: &Picture) -> Result<Vec<u8>, PreviewError> {
    let mut bytes = Vec::new();
    WebPEncoder::new_lossless(&mut bytes)
        .encode(&picture.pixels, picture.width, picture.height, ExtendedColorType::Rgba8)
        .map_err(PreviewError::damaged)?;
    Ok(bytes)
}
