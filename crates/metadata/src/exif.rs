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
    let tags = Tags { exif: image.child(EXIF_IFD), image };
    read_camera(&tags, &mut metadata);
    read_settings(&tags, &mut metadata);
    read_picture(&tags, &mut metadata);
    if let Some(gps) = tags.image.child(GPS_IFD) {
        metadata.latitude = location::latitude(&gps);
        metadata.longitude = location::longitude(&gps);
        metadata.altitude = location::altitude(&gps);
    }
    if tiff.points_outside() {
        warnings.push(Warning::BrokenExif);
    }
    metadata
}

/// The camera and its lens.
fn read_camera(tags: &Tags<'_>, metadata: &mut Metadata) {
    metadata.make = tags.text(MAKE);
    metadata.model = tags.text(MODEL);
    metadata.software = tags.text(SOFTWARE);
    metadata.lens = tags.text(LENS_MODEL);
}

/// How the camera was set.
fn read_settings(tags: &Tags<'_>, metadata: &mut Metadata) {
    metadata.flash = tags.uint(FLASH).map(words::flash);
    metadata.metering_mode = tags.uint(METERING_MODE).map(words::metering_mode);
    metadata.saturation = tags.uint(SATURATION).map(words::saturation);
    metadata.sharpness = tags.uint(SHARPNESS).map(words::sharpness);
    metadata.contrast = tags.uint(CONTRAST).map(words::contrast);
    let apex = tags.number(APERTURE_VALUE).filter(|apex| apex.abs() <= APEX);
    metadata.aperture_value = apex.map(numbers::aperture).or_else(|| tags.decimal(F_NUMBER));
    metadata.focal_length = tags.decimal(FOCAL_LENGTH);
    metadata.iso = tags.uint(PHOTOGRAPHIC_SENSITIVITY);
    metadata.exposure_time = tags.number(EXPOSURE_TIME).map(numbers::exposure);
}

/// What came of it, and when.
fn read_picture(tags: &Tags<'_>, metadata: &mut Metadata) {
    metadata.exif_version = tags.text(EXIF_VERSION);
    metadata.x_dimension = tags.uint(PIXEL_X_DIMENSION);
    metadata.y_dimension = tags.uint(PIXEL_Y_DIMENSION);
    metadata.orientation = tags.uint(ORIENTATION).filter(|orientation| (1..=8).contains(orientation));
    metadata.x_resolution = tags.decimal(X_RESOLUTION);
    metadata.y_resolution = tags.decimal(Y_RESOLUTION);
    let bytes = |tag| tags.value(tag).and_then(Value::text);
    metadata.taken_at = bytes(DATE_TIME_ORIGINAL)
        .and_then(|taken| taken_at::iso(taken, bytes(SUB_SEC_TIME_ORIGINAL), bytes(OFFSET_TIME_ORIGINAL)));
}

/// The two directories that describe a photo. Some writers put a tag into the other one.
struct Tags<'a> {
    image: Directory<'a>,
    exif: Option<Directory<'a>>,
}

impl<'a> Tags<'a> {
    fn value(&self, tag: u16) -> Option<Value<'a>> {
        self.exif.as_ref().and_then(|exif| exif.value(tag)).or_else(|| self.image.value(tag))
    }

    fn text(&self, tag: u16) -> Option<String> {
        text::clean(self.value(tag)?.text()?)
    }

    fn uint(&self, tag: u16) -> Option<u32> {
        self.value(tag)?.uint()
    }

    fn number(&self, tag: u16) -> Option<f64> {
        self.value(tag)?.number(0).filter(|number| number.abs() <= NUMBER)
    }

    fn decimal(&self, tag: u16) -> Option<String> {
        self.number(tag).map(|number| numbers::decimal(number, 4))
    }
}
