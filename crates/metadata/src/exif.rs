//! From an EXIF block (CIPA DC-008, "EXIF") to [`Metadata`]: which tag of which directory gives which field.

use crate::container::Container;
use crate::limits::{APEX, CAPTION_CHARS, KEYWORDS, NUMBER, RATING};
use crate::tiff::{Directory, Tiff, Value};
use crate::{Metadata, Warning};
use crate::{location, numbers, taken_at, text, words};

// Directories (4.6.3) and the tags of the first one (4.6.4).
const EXIF_IFD: u16 = 0x8769;
const GPS_IFD: u16 = 0x8825;
const IMAGE_DESCRIPTION: u16 = 0x010e;
const MAKE: u16 = 0x010f;
const MODEL: u16 = 0x0110;
const ORIENTATION: u16 = 0x0112;
const X_RESOLUTION: u16 = 0x011a;
const Y_RESOLUTION: u16 = 0x011b;
const SOFTWARE: u16 = 0x0131;
const ARTIST: u16 = 0x013b;
// Windows's tags of the first directory (Microsoft, "Photo Metadata Policies"), in UTF-16.
const RATING_STARS: u16 = 0x4746;
const XP_TITLE: u16 = 0x9c9b;
const XP_AUTHOR: u16 = 0x9c9d;
const XP_KEYWORDS: u16 = 0x9c9e;
// Panasonic's, in the first directory of its raws.
const PANASONIC_ISO: u16 = 0x0017;
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
const LENS_MAKE: u16 = 0xa433;
const LENS_MODEL: u16 = 0xa434;

/// Reads the EXIF block, a TIFF structure.
pub(crate) fn read(container: &Container<'_>, warnings: &mut Vec<Warning>) -> Metadata {
    let mut metadata = Metadata::default();
    let Some(block) = container.exif.as_deref() else {
        return metadata;
    };
    let Some(tiff) = parse(block) else {
        warnings.push(Warning::BrokenExif);
        return metadata;
    };
    let within = container.exif_within.as_deref().and_then(parse);
    let (exif_apart, gps_apart) = (container.apart.exif.and_then(parse), container.apart.gps.and_then(parse));
    let image = tiff.directory();
    let image_within = within.as_ref().map(Tiff::directory);
    let child = |tag| image.child(tag).or_else(|| image_within.as_ref()?.child(tag));
    let exif = exif_apart.as_ref().map(Tiff::directory).or_else(|| image.child(EXIF_IFD));
    let gps = gps_apart.as_ref().map(Tiff::directory).or_else(|| child(GPS_IFD));
    // The pointer to the directory may be no pointer.
    let is_lost = exif.is_none() && image.has(EXIF_IFD);
    let exif_within = image_within.as_ref().and_then(|image| image.child(EXIF_IFD));
    let tags = Tags([exif, Some(image), exif_within, image_within]);
    read_camera(&tags, &mut metadata);
    read_settings(&tags, &mut metadata);
    read_picture(&tags, &mut metadata);
    read_description(&tags, &mut metadata);
    if let Some(gps) = gps {
        metadata.latitude = location::latitude(&gps);
        metadata.longitude = location::longitude(&gps);
        metadata.altitude = location::altitude(&gps);
        if location::is_removed(&gps) {
            warnings.push(Warning::LocationRemoved);
        }
    }
    if is_lost || [Some(&tiff), exif_apart.as_ref(), gps_apart.as_ref()].into_iter().flatten().any(Tiff::points_outside)
    {
        warnings.push(Warning::BrokenExif);
    }
    metadata
}

/// With or without JPEG's prefix.
fn parse(block: &[u8]) -> Option<Tiff<'_>> {
    Tiff::parse(block.strip_prefix(b"Exif\0\0").unwrap_or(block))
}

/// The camera and its lens.
fn read_camera(tags: &Tags<'_>, metadata: &mut Metadata) {
    metadata.make = tags.text(MAKE);
    metadata.model = tags.text(MODEL);
    metadata.software = tags.text(SOFTWARE);
    metadata.lens = tags.text(LENS_MODEL);
    metadata.lens_make = tags.text(LENS_MAKE);
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
    metadata.iso = tags.uint(PHOTOGRAPHIC_SENSITIVITY).or_else(|| tags.uint(PANASONIC_ISO));
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

/// What somebody says about it.
fn read_description(tags: &Tags<'_>, metadata: &mut Metadata) {
    let bytes = |tag| tags.value(tag).and_then(Value::text);
    let decoded = |tag| bytes(tag).map(|bytes| text::decode(bytes, CAPTION_CHARS));
    let windows = |tag| bytes(tag).map(text::utf_16);
    metadata.title = windows(XP_TITLE).as_deref().and_then(text::title);
    metadata.caption = decoded(IMAGE_DESCRIPTION).as_deref().and_then(text::caption);
    let artist = decoded(ARTIST).as_deref().and_then(text::title);
    metadata.creator = artist.or_else(|| windows(XP_AUTHOR).as_deref().and_then(text::title));
    let keywords = windows(XP_KEYWORDS).unwrap_or_default();
    metadata.keywords = keywords.split(';').filter_map(text::keyword).take(KEYWORDS).collect();
    metadata.rating = tags.number(RATING_STARS).filter(|stars| RATING.contains(stars));
}

/// The directories that describe a photo, the EXIF one and the first one, and then those of a JPEG within. Some writers
/// put a tag into the other one.
struct Tags<'a>([Option<Directory<'a>>; 4]);

impl<'a> Tags<'a> {
    fn value(&self, tag: u16) -> Option<Value<'a>> {
        self.0.iter().flatten().find_map(|directory| directory.value(tag))
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
