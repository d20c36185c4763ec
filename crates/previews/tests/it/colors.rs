//! Colours of other spaces become those of sRGB.

use image::{ExtendedColorType, Rgb, RgbImage};
use metadata::FileType;
use moxcms::ColorProfile;

use crate::support::{is_near, jpeg, png, shown};

/// sRGB (200, 60, 40), encoded in other spaces by the formulas of their standards (computed with the primaries of
/// SMPTE EG 432-1 and of Adobe RGB (1998), both with the white point D65).
const SRGB: [u8; 3] = [200, 60, 40];
const DISPLAY_P3: [u8; 3] = [185, 71, 50];
const ADOBE_RGB: [u8; 3] = [173, 62, 45];

#[test]
fn a_profile_is_applied_and_dropped() {
    let spaces = [
        (ColorProfile::new_srgb(), SRGB),
        (ColorProfile::new_display_p3(), DISPLAY_P3),
        (ColorProfile::new_adobe_rgb(), ADOBE_RGB),
    ];
    for (profile, patch) in spaces {
        let icc = profile.encode().unwrap();
        let picture = RgbImage::from_pixel(64, 48, Rgb(patch));
        let files = [
            (jpeg(&picture, Some(&icc)), FileType::Jpeg),
            (png(&picture, 64, 48, ExtendedColorType::Rgb8, Some(icc)), FileType::Png),
        ];
        for (file, file_type) in files {
            let seen = shown(&file, file_type, 1).quarters()[0];
            assert!(is_near(seen, SRGB, 5), "{file_type:?} {patch:?} became {seen:?}");
        }
    }
}

#[test]
fn a_profile_of_a_heic_is_applied() {
    let image = heifer::Image::filled(64, 48, 8, [185, 71, 50, 255]);
    let icc = ColorProfile::new_display_p3().encode().unwrap();
    let metadata = heifer::Metadata { icc_profile: Some(icc), ..heifer::Metadata::default() };
    let file = heifer::encode_with_metadata(&image, &metadata, &heifer::EncodeOptions::default()).unwrap();
    let seen = shown(&file, FileType::Heic, 1).quarters()[0];
    assert!(is_near(seen, SRGB, 6), "{seen:?}");
}

#[test]
fn gray_with_a_profile_is_shown_by_it() {
    // Linear light: a quarter of it is 137 in sRGB.
    let icc = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let file = png(&[64; 40 * 30], 40, 30, ExtendedColorType::L8, Some(icc));
    let seen = shown(&file, FileType::Png, 1).quarters()[0];
    assert!(is_near(seen, [137; 3], 3), "{seen:?}");
}

#[test]
fn a_profile_that_cannot_be_used_counts_as_none() {
    let picture = RgbImage::from_pixel(64, 48, Rgb(SRGB));
    let of_gray = ColorProfile::new_gray_with_gamma(2.2).encode().unwrap();
    for icc in [&b"no profile at all"[..], &of_gray] {
        let seen = shown(&jpeg(&picture, Some(icc)), FileType::Jpeg, 1).quarters()[0];
        assert!(is_near(seen, SRGB, 4), "{seen:?}");
    }
}
