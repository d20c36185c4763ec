//! From an EXIF block (CIPA DC-008, "EXIF") to [`Metadata`]: which tag of which directory gives which field.

use crate::limits::{APEX, NUMBER};
use crate::tiff::{Directory, Tiff, Value};
use crate::{Metadata, Warning};
use crate::{location, numbers, taken_at, text, words};

// Directories (4.6.3) and the tags of the first one (4.6.4).
const EXIF_IFD: u16 = 0x8769;
const GPS_IFD: u16 = 0x8825;
const MAKE: u16 = 0x010f;
const MODEL: u16 = 0x0110;
const ORIENTATION: u16 = 0x0112;
const X_RESOLUTION: u16 = 0x011a;
const Y_RESOLUTION: u16 = 0x011b;
const SOFTWARE: u16 = 0x0131;
// The tags of the EXIF directory (4.6.5).
const EXPOSURE_TIME: u16 = 0x829a;
const F_NUMBER: u16 = 0x829d;
const PHOTOGRAPHIC_SENSITIVITY: u16 = 0x8827;
const EXIF_VERSION: u16 = 0x9000;
const DATE_TIME_ORIGINAL: u16 = 0x9003;
const OFFSET_TIME_ORIGINAL: u16 = 0x9011;
const APERTURE_VALUE: u16 = 0x9202;
const METERING_MODE: u16 = 0x9207;
const FLASH: u16 = 0x9209;
const FOCAL_LENGTH: u16 = 0x920a;
const SUB_SEC_TIME_ORIGINAL: u16 = 0x9291;
const PIXEL_X_DIMENSION: u16 = 0xa002;
const PIXEL_Y_DIMENSION: u16 = 0xa003;
const CONTRAST: u16 = 0xa408;
const SATURATION: u16 = 0xa409;
const SHARPNESS: u16 = 0xa40a;
const LENS_MODEL: u16 = 0xa434;

/// Reads `block`, a TIFF structure, with or without JPEG's prefix.
pub(crate) fn read(block: &[u8], warnings: &mut Vec<Warning>) -> Metadata {
    let mut metadata = Metadata::default();
    let Some(tiff) = Tiff::parse(block.strip_prefix(b"Exif\0\0").unwrap_or(block)) else {
        warnings.push(Warning::BrokenExif);
        return metadata;
    };
    let image = tiff.directory();
    read_image(&image, &mut metadata);
    if let Some(exif) = image.child(EXIF_IFD) {
        read_camera(&exif, &mut metadata);
        read_picture(&exif, &mut metadata);
    }
    if let Some(gps) = image.child(GPS_IFD) {
        metadata.latitude = location::latitude(&gps);
        metadata.longitude = location::longitude(&gps);
        metadata.altitude = location::altitude(&gps);
    }
    if tiff.points_outside() {
        warnings.push(Warning::BrokenExif);
    }
    metadata
}

fn read_image(image: &Directory<'_>, metadata: &mut Metadata) {
    metadata.make = text(image, MAKE);
    metadata.model = text(image, MODEL);
    metadata.software = text(image, SOFTWARE);
    metadata.orientation = uint(image, ORIENTATION).filter(|orientation| (1..=8).contains(orientation));
    metadata.x_resolution = number(image, X_RESOLUTION).map(short);
    metadata.y_resolution = number(image, Y_RESOLUTION).map(short);
}

/// How the camera was set.
fn read_camera(exif: &Directory<'_>, metadata: &mut Metadata) {
    metadata.flash = uint(exif, FLASH).map(words::flash);
    metadata.metering_mode = uint(exif, METERING_MODE).map(words::metering_mode);
    metadata.saturation = uint(exif, SATURATION).map(words::saturation);
    metadata.sharpness = uint(exif, SHARPNESS).map(words::sharpness);
    metadata.contrast = uint(exif, CONTRAST).map(words::contrast);
    metadata.aperture_value = number(exif, APERTURE_VALUE)
        .filter(|apex| apex.abs() <= APEX)
        .map(numbers::aperture)
        .or_else(|| number(exif, F_NUMBER).map(short));
    metadata.focal_length = number(exif, FOCAL_LENGTH).map(short);
    metadata.lens = text(exif, LENS_MODEL);
    metadata.iso = uint(exif, PHOTOGRAPHIC_SENSITIVITY);
    metadata.exposure_time = number(exif, EXPOSURE_TIME).map(numbers::exposure);
}

/// What was taken, and when.
fn read_picture(exif: &Directory<'_>, metadata: &mut Metadata) {
    metadata.exif_version = text(exif, EXIF_VERSION);
    metadata.x_dimension = uint(exif, PIXEL_X_DIMENSION);
    metadata.y_dimension = uint(exif, PIXEL_Y_DIMENSION);
    let bytes = |tag| exif.value(tag).and_then(Value::text);
    metadata.taken_at = bytes(DATE_TIME_ORIGINAL)
        .and_then(|taken| taken_at::iso(taken, bytes(SUB_SEC_TIME_ORIGINAL), bytes(OFFSET_TIME_ORIGINAL)));
}

fn text(directory: &Directory<'_>, tag: u16) -> Option<String> {
    text::clean(directory.value(tag)?.text()?)
}

fn uint(directory: &Directory<'_>, tag: u16) -> Option<u32> {
    directory.value(tag)?.uint()
}

fn number(directory: &Directory<'_>, tag: u16) -> Option<f64> {
    directory.value(tag)?.number(0).filter(|number| number.abs() <= NUMBER)
}

fn short(number: f64) -> String {
    numbers::decimal(number, 4)
}
