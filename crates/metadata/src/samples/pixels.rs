//! Pictures, encoded by the crate `image`.

use image::codecs::{gif::GifEncoder, jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::{Photo, camera};

/// A gradient under noise: rows of 3 bytes (red, green, blue) a pixel.
pub(super) fn rgb(photo: &Photo) -> Vec<u8> {
    let mut noise = photo.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut pixels = Vec::new();
    for y in 0..photo.height {
        for x in 0..photo.width {
            // Marsaglia's xorshift64.
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            let grain = (noise & 15) as u32;
            pixels.push((x * 240 / photo.width + grain) as u8);
            pixels.push((y * 240 / photo.height + grain) as u8);
            pixels.push((photo.seed % 240) as u8 + grain as u8);
        }
    }
    pixels
}

pub(super) fn jpeg(photo: &Photo) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(JpegEncoder::new_with_quality(&mut bytes, 80), photo);
    bytes
}

pub(super) fn png(photo: &Photo) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(PngEncoder::new(&mut bytes), photo);
    bytes
}

pub(super) fn webp(photo: &Photo) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(WebPEncoder::new_lossless(&mut bytes), photo);
    bytes
}

/// GIF has no place for EXIF.
pub(super) fn gif(photo: &Photo) -> Vec<u8> {
    let mut bytes = Vec::new();
    GifEncoder::new_with_speed(&mut bytes, 30)
        .encode(&rgb(photo), photo.width, photo.height, ExtendedColorType::Rgb8)
        .expect("a picture that fits its size");
    bytes
}

fn encode(mut encoder: impl ImageEncoder, photo: &Photo) {
    if let Some(orientation) = photo.orientation {
        encoder.set_exif_metadata(camera::exif(photo, orientation)).expect("a format that holds EXIF");
    }
    encoder
        .write_image(&rgb(photo), photo.width, photo.height, ExtendedColorType::Rgb8)
        .expect("a picture that fits its size");
}
