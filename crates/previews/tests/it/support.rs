//! Made photos, and eyes for what becomes of them.

use std::io::Cursor;

use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, RgbImage, RgbaImage};
use metadata::FileType;
use previews::{Limits, PreviewError, Previews, make};

pub const RED: [u8; 3] = [200, 30, 30];
pub const GREEN: [u8; 3] = [30, 180, 40];
pub const BLUE: [u8; 3] = [30, 40, 200];
pub const WHITE: [u8; 3] = [240, 240, 240];

/// Red and green above blue and white.
pub fn scene(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        image::Rgb(match (x < width.div_ceil(2), y < height.div_ceil(2)) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => WHITE,
        })
    })
}

/// The scene as a camera stores it that was held so: EXIF says which side of the scene the first row and the first
/// column show (CIPA DC-008 4.6.5).
pub fn stored(scene: &RgbImage, orientation: u8) -> RgbImage {
    let (width, height) = scene.dimensions();
    let (stored_width, stored_height) = if orientation < 5 { (width, height) } else { (height, width) };
    RgbImage::from_fn(stored_width, stored_height, |x, y| {
        let (right, bottom) = (width - 1, height - 1);
        let (x, y) = match orientation {
            1 => (x, y),
            2 => (right - x, y),
            3 => (right - x, bottom - y),
            4 => (x, bottom - y),
            5 => (y, x),
            6 => (right - y, x),
            7 => (right - y, bottom - x),
            _ => (y, bottom - x),
        };
        *scene.get_pixel(x, y)
    })
}

/// The formats that are decoded; others are shown by a JPEG in them, if at all.
pub const DECODED: [FileType; 7] =
    [FileType::Jpeg, FileType::Png, FileType::WebP, FileType::Gif, FileType::Tiff, FileType::Heic, FileType::Avif];

/// The picture as a file of this type, without metadata.
pub fn encoded(picture: &RgbImage, file_type: FileType) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    match file_type {
        FileType::Jpeg => jpeg(picture, None),
        FileType::Png => by_image(picture, ImageFormat::Png),
        FileType::WebP => by_image(picture, ImageFormat::WebP),
        FileType::Gif => by_image(picture, ImageFormat::Gif),
        FileType::Tiff => by_image(picture, ImageFormat::Tiff),
        FileType::Heic => heifer::encode_rgb8(width, height, picture, &heifer::EncodeOptions::default()).unwrap(),
        FileType::Avif => avif(picture),
        other => panic!("nothing here writes {other:?}"),
    }
}

fn by_image(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture.clone()).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn jpeg(picture: &RgbImage, icc: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    if let Some(icc) = icc {
        encoder.add_icc_profile(icc).unwrap();
    }
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    encoder.encode(picture, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    bytes
}

fn avif(picture: &RgbImage) -> Vec<u8> {
    use rgb::FromSlice;
    let pixels = ravif::Img::new(picture.as_rgb(), picture.width() as usize, picture.height() as usize);
    avif_encoder().encode_rgb(pixels).unwrap().avif_file
}

pub fn avif_with_alpha(picture: &RgbaImage) -> Vec<u8> {
    use rgb::FromSlice;
    let pixels = ravif::Img::new(picture.as_rgba(), picture.width() as usize, picture.height() as usize);
    avif_encoder().encode_rgba(pixels).unwrap().avif_file
}

fn avif_encoder() -> ravif::Encoder<'static> {
    ravif::Encoder::new().with_speed(10).with_quality(90.0).with_num_threads(Some(1))
}

/// Of raw pixels of any depth, in the machine's byte order.
pub fn png(pixels: &[u8], width: u32, height: u32, color: ExtendedColorType, icc: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    if let Some(icc) = icc {
        encoder.set_icc_profile(icc).unwrap();
    }
    encoder.write_image(pixels, width, height, color).unwrap();
    bytes
}

/// As [`make`] within the default limits.
pub fn previews(file: &[u8], file_type: FileType, orientation: u8) -> Result<Previews, PreviewError> {
    make(file, file_type, orientation, &Limits::default())
}

/// The previews, whose files must be what they say, fit, and tell nothing.
pub fn shown(file: &[u8], file_type: FileType, orientation: u8) -> Shown {
    let previews = previews(file, file_type, orientation).unwrap();
    let small = open(&previews, &previews.small);
    let large = open(&previews, &previews.large);
    let (width, height) = (previews.width, previews.height);
    for (picture, side) in [(&small, previews::SMALL_SIDE), (&large, previews::LARGE_SIDE)] {
        let longest = picture.width().max(picture.height());
        assert_eq!(longest, width.max(height).min(side), "{width} by {height}");
    }
    assert!((5..=25).contains(&previews.thumb_hash.len()));
    Shown { previews, small, large }
}

pub struct Shown {
    pub previews: Previews,
    pub small: RgbaImage,
    pub large: RgbaImage,
}

impl Shown {
    /// The colours in the middle of the four quarters: of the scene, they are red, green, blue and white.
    pub fn quarters(&self) -> [[u8; 3]; 4] {
        let (width, height) = self.large.dimensions();
        [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| {
            let [red, green, blue, _] = self.large.get_pixel(width * x / 4, height * y / 4).0;
            [red, green, blue]
        })
    }

    #[track_caller]
    pub fn is_the_scene(&self, tolerance: u8) {
        let quarters = self.quarters();
        for (seen, meant) in quarters.into_iter().zip([RED, GREEN, BLUE, WHITE]) {
            assert!(is_near(seen, meant, tolerance), "{quarters:?}");
        }
    }
}

pub fn is_near(seen: [u8; 3], meant: [u8; 3], tolerance: u8) -> bool {
    seen.iter().zip(meant).all(|(seen, meant)| seen.abs_diff(meant) <= tolerance)
}

fn open(previews: &Previews, bytes: &[u8]) -> RgbaImage {
    let reading = metadata::read(bytes);
    assert_eq!(reading.file_type.map(FileType::mime), Some(previews.content_type.mime()));
    let picture = image::load_from_memory(bytes).unwrap();
    // Dimensions are all that it says.
    let told = metadata::Metadata {
        width: Some(picture.width()),
        height: Some(picture.height()),
        x_dimension: Some(picture.width()),
        y_dimension: Some(picture.height()),
        ..metadata::Metadata::default()
    };
    assert_eq!(reading.metadata, told);
    for word in [&b"Exif\0"[..], b"ICC_PROFILE", b"http://ns.adobe.com", b"Photoshop", b"ICCP", b"EXIF", b"XMP "] {
        assert!(!bytes.windows(word.len()).any(|window| window == word), "{}", word.escape_ascii());
    }
    picture.to_rgba8()
}
