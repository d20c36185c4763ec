//! Every format, every orientation, every depth and shape.

use image::{ExtendedColorType, Rgba, RgbaImage};
use metadata::FileType;
use metadata::samples::Photo;
use previews::{ContentType, PreviewError};

use crate::support::{
    BLUE, DECODED, RED, avif_with_alpha, encoded, is_near, jpeg, png, previews, scene, shown, stored,
};

#[test]
fn every_format_is_shown() {
    let scene = scene(360, 240);
    for file_type in DECODED {
        let shown = shown(&encoded(&scene, file_type), file_type, 1);
        let previews = &shown.previews;
        assert_eq!((previews.width, previews.height, previews.is_partial), (360, 240, false), "{file_type:?}");
        assert_eq!((shown.small.dimensions(), shown.large.dimensions()), ((320, 213), (360, 240)), "{file_type:?}");
        shown.is_the_scene(12);
    }
}

#[test]
fn all_orientations_look_the_same_upright() {
    let scene = scene(96, 64);
    let upright = shown(&encoded(&scene, FileType::Png), FileType::Png, 1).previews;
    for orientation in 1..=8 {
        for file_type in [FileType::Jpeg, FileType::Png, FileType::WebP, FileType::Tiff] {
            let shown = shown(&encoded(&stored(&scene, orientation), file_type), file_type, orientation);
            assert_eq!((shown.previews.width, shown.previews.height), (96, 64), "{file_type:?} {orientation}");
            shown.is_the_scene(12);
            let distance = (shown.previews.perceptual_hash ^ upright.perceptual_hash).count_ones();
            assert!(distance <= 4, "{file_type:?} {orientation}: {distance}");
        }
    }
}

#[test]
fn heif_is_turned_by_itself_and_not_by_exif() {
    let scene = scene(96, 64);
    let heic = encoded(&stored(&scene, 6), FileType::Heic);
    let mut turned = heic.clone();
    // Its `pixi` becomes an `irot` of three quarters against the clock, with seven bytes that nobody reads.
    let at = turned.windows(4).position(|name| name == b"pixi").unwrap();
    turned[at..at + 5].copy_from_slice(b"irot\x03");
    for orientation in [1, 3, 6] {
        let upright = shown(&turned, FileType::Heic, orientation);
        assert_eq!((upright.previews.width, upright.previews.height), (96, 64));
        upright.is_the_scene(12);
        assert_eq!(shown(&heic, FileType::Heic, orientation).large.dimensions(), (64, 96));
    }
}

#[test]
fn large_pictures_are_scaled_and_tiles_are_put_together() {
    let scene = scene(3500, 2400);
    for file_type in [FileType::Jpeg, FileType::Heic] {
        let shown = shown(&encoded(&scene, file_type), file_type, 1);
        assert_eq!((shown.previews.width, shown.previews.height), (3500, 2400));
        assert_eq!((shown.small.dimensions(), shown.large.dimensions()), ((320, 219), (1600, 1097)));
        shown.is_the_scene(12);
        let (left, right) = (shown.large.get_pixel(792, 100), shown.large.get_pixel(807, 100));
        assert!(left[0] > 150 && right[0] < 90, "the seam is where it was: {left:?} {right:?}");
    }
}

#[test]
fn transparency_is_kept_and_weighs_colors() {
    // Transparent black around opaque blue, cut finer than the preview's pixels.
    let picture = RgbaImage::from_fn(2001, 90, |x, _| if x % 3 == 0 { Rgba([0; 4]) } else { Rgba([30, 40, 200, 255]) });
    let file = png(&picture, 2001, 90, ExtendedColorType::Rgba8, None);
    let shown_png = shown(&file, FileType::Png, 1);
    assert_eq!(shown_png.previews.content_type, ContentType::WebP);
    let Rgba([red, green, blue, alpha]) = *shown_png.small.get_pixel(160, 7);
    assert!(is_near([red, green, blue], BLUE, 12) && alpha.abs_diff(170) < 12, "{red} {green} {blue} {alpha}");

    let window = RgbaImage::from_fn(96, 64, |x, _| Rgba([200, 30, 30, if x < 48 { 255 } else { 0 }]));
    let heic = heifer::encode_rgba8(96, 64, &window, &heifer::EncodeOptions::default()).unwrap();
    for (file, file_type) in [(avif_with_alpha(&window), FileType::Avif), (heic, FileType::Heic)] {
        let shown = shown(&file, file_type, 1);
        let (left, right) = (shown.large.get_pixel(20, 30).0, shown.large.get_pixel(76, 30).0);
        assert!(is_near([left[0], left[1], left[2]], RED, 12) && left[3] > 250, "{file_type:?} {left:?}");
        assert!(right[3] < 5, "{file_type:?} {right:?}");
    }
}

#[test]
fn an_opaque_picture_with_an_alpha_channel_is_a_jpeg() {
    let picture = RgbaImage::from_pixel(40, 30, Rgba([200, 30, 30, 255]));
    let shown = shown(&png(&picture, 40, 30, ExtendedColorType::Rgba8, None), FileType::Png, 1);
    assert_eq!(shown.previews.content_type, ContentType::Jpeg);
}

#[test]
fn every_depth_of_png_is_shown() {
    let colors = [
        (ExtendedColorType::L8, vec![128]),
        (ExtendedColorType::La8, vec![128, 255]),
        (ExtendedColorType::L16, 0x8080_u16.to_ne_bytes().to_vec()),
        (ExtendedColorType::La16, [0x8080_u16, 0xffff].map(u16::to_ne_bytes).concat()),
        (ExtendedColorType::Rgb16, [0x8080_u16; 3].map(u16::to_ne_bytes).concat()),
        (ExtendedColorType::Rgba16, [0x8080_u16, 0x8080, 0x8080, 0xffff].map(u16::to_ne_bytes).concat()),
    ];
    for (color, pixel) in colors {
        let shown = shown(&png(&pixel.repeat(40 * 30), 40, 30, color, None), FileType::Png, 1);
        assert!(shown.quarters().iter().all(|seen| is_near(*seen, [128; 3], 2)), "{color:?} {:?}", shown.quarters());
    }
}

#[test]
fn four_inks_are_shown_as_light() {
    // Cyan and black ink, as jpeg-encoder takes them.
    for color in [jpeg_encoder::ColorType::Cmyk, jpeg_encoder::ColorType::CmykAsYcck] {
        let mut file = Vec::new();
        let pixels = [255_u8, 0, 0, 51].repeat(64 * 48);
        jpeg_encoder::Encoder::new(&mut file, 95).encode(&pixels, 64, 48, color).unwrap();
        let shown = shown(&file, FileType::Jpeg, 1);
        assert!(shown.quarters().iter().all(|seen| is_near(*seen, [0, 204, 204], 6)), "{:?}", shown.quarters());
    }
}

#[test]
fn gray_and_progressive_jpegs_are_shown() {
    let mut gray = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut gray, 95);
    encoder.encode(&[77; 64 * 48], 64, 48, jpeg_encoder::ColorType::Luma).unwrap();
    assert!(shown(&gray, FileType::Jpeg, 6).quarters().iter().all(|seen| is_near(*seen, [77; 3], 2)));

    let scene = scene(2000, 1000);
    let mut progressive = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut progressive, 90);
    encoder.set_progressive(true);
    encoder.encode(&scene, 2000, 1000, jpeg_encoder::ColorType::Rgb).unwrap();
    shown(&progressive, FileType::Jpeg, 1).is_the_scene(12);
}

#[test]
fn extreme_shapes_are_shown() {
    for (width, height) in [(1, 1), (2, 1), (1, 3), (10_000, 1), (1, 10_000), (5, 7), (33, 31)] {
        let scene = scene(width, height);
        for file_type in [FileType::Jpeg, FileType::Png, FileType::WebP, FileType::Gif, FileType::Tiff] {
            let shown = shown(&encoded(&scene, file_type), file_type, 5);
            assert_eq!((shown.previews.width, shown.previews.height), (height, width), "{file_type:?}");
        }
    }
    for (width, height) in [(16, 16), (17, 33), (130, 70)] {
        for file_type in [FileType::Heic, FileType::Avif] {
            let shown = shown(&encoded(&scene(width, height), file_type), file_type, 1);
            assert_eq!((shown.previews.width, shown.previews.height), (width, height), "{file_type:?}");
        }
    }
}

#[test]
fn a_cut_off_photo_shows_its_upper_part() {
    for file_type in [FileType::Jpeg, FileType::Png] {
        let mut file = match file_type {
            FileType::Jpeg => jpeg(&noisy(640, 480), None),
            _ => encoded(&noisy(640, 480), file_type),
        };
        file.truncate(file.len() * 2 / 3);
        let shown = shown(&file, file_type, 1);
        assert!(shown.previews.is_partial, "{file_type:?}");
        assert_eq!((shown.previews.width, shown.previews.height), (640, 480));
        let [red, green, blue, below] = shown.quarters();
        assert!(red[0] > 120 && red[1] < 90 && green[1] > 120 && green[0] < 90, "{red:?} {green:?}");
        assert_ne!((blue, below), (BLUE, [240; 3]), "what is missing is not made up");
    }
}

#[test]
fn equal_photos_of_two_formats_are_near_duplicates() {
    let photo = noisy(640, 480);
    let hash = |file_type| previews(&encoded(&photo, file_type), file_type, 1).unwrap().perceptual_hash;
    assert!((hash(FileType::Jpeg) ^ hash(FileType::WebP)).count_ones() <= 4);
    let other =
        image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([(x ^ y) as u8, (x / 3) as u8, (y * x / 90) as u8]));
    let other = previews(&encoded(&other, FileType::Jpeg), FileType::Jpeg, 1).unwrap().perceptual_hash;
    assert!((hash(FileType::Jpeg) ^ other).count_ones() > 10);
}

#[test]
fn what_a_photo_tells_is_not_in_its_previews() {
    let photo = Photo::new(96, 64, 1).with_orientation(6);
    for file_type in [FileType::Jpeg, FileType::Png, FileType::WebP, FileType::Tiff] {
        let file = photo.bytes(file_type);
        assert!(metadata::read(&file).metadata.latitude.is_some());
        let shown = shown(&file, file_type, 6);
        assert_eq!((shown.previews.width, shown.previews.height), (64, 96));
    }
}

#[test]
fn what_is_no_picture_has_no_previews() {
    for file_type in DECODED {
        let nothing = previews(b"", file_type, 1);
        assert!(matches!(nothing, Err(PreviewError::Damaged(_))), "{file_type:?}: {nothing:?}");
        let text = previews(b"Bring the tripod.\n", file_type, 1);
        assert!(matches!(text, Err(PreviewError::Damaged(_))), "{file_type:?}: {text:?}");
    }
}

/// The scene under noise, so that a file of it holds its parts in proportion.
fn noisy(width: u32, height: u32) -> image::RgbImage {
    let mut random = crate::hostile::Random(7);
    let mut scene = scene(width, height);
    for channel in scene.iter_mut() {
        *channel = channel.saturating_sub(8) + random.below(16) as u8;
    }
    scene
}
