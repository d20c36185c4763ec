//! Writes the made photos that the fuzzer starts from into `corpus/make`.

use std::{fs, io, path::Path};

use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use metadata::samples;
use rgb::FromSlice;

const WIDTH: u32 = 24;
const HEIGHT: u32 = 20;

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/make");
    fs::create_dir_all(&corpus)?;
    for (index, sample) in samples::all().iter().enumerate() {
        fs::write(corpus.join(format!("sample-{index}")), &sample.bytes)?;
    }
    let opaque = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| image::Rgb([(x * 9) as u8, (y * 9) as u8, 90]));
    let glass = RgbaImage::from_fn(WIDTH, HEIGHT, |x, y| image::Rgba([90, (x * 9) as u8, (y * 9) as u8, (x * 10) as u8]));
    for (name, bytes) in files(&opaque, &glass) {
        fs::write(corpus.join(name), bytes)?;
    }
    Ok(())
}

fn files(opaque: &RgbImage, glass: &RgbaImage) -> Vec<(&'static str, Vec<u8>)> {
    let by_image = |picture: DynamicImage, format| {
        let mut bytes = io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).expect("a picture that fits its format");
        bytes.into_inner()
    };
    let (width, height) = (WIDTH as usize, HEIGHT as usize);
    let heic = heifer::encode_rgba8(WIDTH, HEIGHT, glass, &heifer::EncodeOptions::default()).expect("a small picture");
    let avif = ravif::Encoder::new().with_speed(10).with_num_threads(Some(1)).encode_rgba(ravif::Img::new(glass.as_rgba(), width, height));
    vec![
        ("gray16.png", by_image(DynamicImage::from(opaque.clone()).into_luma16().into(), ImageFormat::Png)),
        ("glass.png", by_image(glass.clone().into(), ImageFormat::Png)),
        ("glass.webp", by_image(glass.clone().into(), ImageFormat::WebP)),
        ("glass.tiff", by_image(glass.clone().into(), ImageFormat::Tiff)),
        ("opaque.gif", by_image(opaque.clone().into(), ImageFormat::Gif)),
        ("progressive.jpg", jpeg(opaque, jpeg_encoder::ColorType::Rgb)),
        ("inks.jpg", jpeg(&[opaque.as_raw().as_slice(), &[0; 480]].concat(), jpeg_encoder::ColorType::CmykAsYcck)),
        ("glass.heic", heic),
        ("glass.avif", avif.expect("a small picture").avif_file),
    ]
}

fn jpeg(pixels: &[u8], color: jpeg_encoder::ColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 80);
    encoder.set_progressive(color == jpeg_encoder::ColorType::Rgb);
    encoder.encode(pixels, WIDTH as u16, HEIGHT as u16, color).expect("a small picture");
    bytes
}
