//! TIFF files and the raw formats that are built on TIFF 6.0: which format it is, the main picture's dimensions, and the
//! JPEGs that cameras put beside the sensor's data.
//!
//! Sources: TIFF 6.0; TIFF/EP (ISO 12234-2) for SubIFDs; DNG 1.7 for DNGVersion and its previews; for what tells the
//! makers' formats apart, and for Panasonic's own tags, ExifTool's tag tables.

use std::borrow::Cow;
use std::ops::Range;

use crate::container::{Container, dimensions};
use crate::tiff::{Directory, Tiff, Value};
use crate::{EmbeddedPreview, FileType, jpeg, photoshop};

const NEW_SUBFILE_TYPE: u16 = 0x00fe;
const IMAGE_WIDTH: u16 = 0x0100;
const IMAGE_LENGTH: u16 = 0x0101;
const COMPRESSION: u16 = 0x0103;
const PHOTOMETRIC_INTERPRETATION: u16 = 0x0106;
const MAKE: u16 = 0x010f;
const STRIP_OFFSETS: u16 = 0x0111;
const STRIP_BYTE_COUNTS: u16 = 0x0117;
const SUB_IFDS: u16 = 0x014a;
const JPEG_OFFSET: u16 = 0x0201;
const JPEG_LENGTH: u16 = 0x0202;
const XMP: u16 = 0x02bc;
const IPTC: u16 = 0x83bb;
const PHOTOSHOP: u16 = 0x8649;
const DNG_VERSION: u16 = 0xc612;
const DNG_PRIVATE_DATA: u16 = 0xc634;
// Panasonic's tags of a sensor's area that is the picture, and of the JPEG.
const SENSOR_TOP: u16 = 0x0004;
const SENSOR_LEFT: u16 = 0x0005;
const SENSOR_BOTTOM: u16 = 0x0006;
const SENSOR_RIGHT: u16 = 0x0007;
const JPG_FROM_RAW: u16 = 0x002e;

/// NewSubfileType of a picture that is a smaller copy of another one.
const REDUCED: u32 = 1;
const CFA: u32 = 32803;

/// Which of the formats the file that begins with `head` is; `Tiff` where no other is sure.
pub(crate) fn format(head: &[u8]) -> FileType {
    match head {
        [b'I', b'I', 42, 0, _, _, _, _, b'C', b'R', 2, ..] => return FileType::Cr2,
        [b'I', b'I', 0x55, ..] => return FileType::Rw2,
        [b'I', b'I', b'R', ..] | [b'M', b'M', b'O', ..] => return FileType::Orf,
        _ => {}
    }
    let Some(tiff) = Tiff::parse(head) else { return FileType::Tiff };
    let image = tiff.directory();
    if image.has(DNG_VERSION) {
        return FileType::Dng;
    }
    let uint = |tag| image.value(tag).and_then(Value::uint);
    let compression = uint(COMPRESSION);
    // A camera's small picture comes first, and the sensor's data lie below it: no other TIFF file is built so.
    let holds_sensor = uint(NEW_SUBFILE_TYPE) == Some(REDUCED) && image.has(SUB_IFDS);
    let make = image.value(MAKE).and_then(Value::text).unwrap_or_default();
    let made_by = |name: &[u8]| make.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    if made_by(b"NIKON") && (holds_sensor || compression == Some(34713)) {
        FileType::Nef
    } else if made_by(b"SONY") && (holds_sensor || compression == Some(32767) || image.has(DNG_PRIVATE_DATA)) {
        FileType::Arw
    } else if (made_by(b"PENTAX") || made_by(b"RICOH"))
        && (compression == Some(65535) || uint(PHOTOMETRIC_INTERPRETATION) == Some(CFA))
    {
        FileType::Pef
    } else {
        FileType::Tiff
    }
}

pub(crate) fn open(bytes: &[u8], file_type: FileType) -> Container<'_> {
    let mut found = Container { exif: Some(Cow::Borrowed(bytes)), ..Container::default() };
    let Some(tiff) = Tiff::parse(bytes) else {
        return found;
    };
    let image = tiff.directory();
    found.dimensions = if file_type == FileType::Rw2 { sensor_area(&image) } else { main_picture(&tiff, &image) };
    let mut is_cut_off = false;
    let mut block = |tag| {
        let place = image.place(tag)?;
        let block = bytes.get(place);
        is_cut_off |= block.is_none();
        block
    };
    found.xmp.extend(block(XMP).map(Cow::Borrowed));
    found.iptc = block(IPTC).or_else(|| photoshop::iptc(block(PHOTOSHOP)?)).map(Cow::Borrowed);
    found.incomplete = tiff.points_outside() || is_cut_off;
    if file_type == FileType::Rw2 {
        found.exif_within = image.place(JPG_FROM_RAW).and_then(|place| jpeg::open(bytes.get(place)?).exif);
    }
    if file_type.is_raw() {
        found.preview = preview(bytes);
    }
    found
}

/// The dimensions of the first directory, unless that says that it is a smaller copy: then those of the first one that
/// says that it is the picture.
fn main_picture(tiff: &Tiff<'_>, image: &Directory<'_>) -> Option<(u32, u32)> {
    let is = |directory: &Directory<'_>, kind| directory.value(NEW_SUBFILE_TYPE).and_then(Value::uint) == Some(kind);
    let main = is(image, REDUCED).then(|| tiff.directories().into_iter().find(|directory| is(directory, 0))).flatten();
    let main = main.as_ref().unwrap_or(image);
    let side = |tag| main.value(tag).and_then(Value::uint);
    dimensions(side(IMAGE_WIDTH), side(IMAGE_LENGTH))
}

/// Panasonic tells where on the sensor the picture lies.
fn sensor_area(image: &Directory<'_>) -> Option<(u32, u32)> {
    let at = |tag| image.value(tag).and_then(Value::uint);
    let side = |from, to| at(to)?.checked_sub(at(from)?);
    dimensions(side(SENSOR_LEFT, SENSOR_RIGHT), side(SENSOR_TOP, SENSOR_BOTTOM))
}

/// The largest JPEG that lies within the bytes and that every decoder understands (some makers store the sensor's data
/// as JPEG too, in its lossless form).
fn preview(bytes: &[u8]) -> Option<EmbeddedPreview> {
    // What of this lies outside the bytes is no flaw of the metadata.
    let tiff = Tiff::parse(bytes)?;
    let places = tiff.directories().iter().flat_map(places_of_jpegs).collect::<Vec<_>>();
    largest_jpeg(bytes, places)
}

/// The largest of the JPEGs at these places of the file.
pub(crate) fn largest_jpeg(bytes: &[u8], places: impl IntoIterator<Item = Range<usize>>) -> Option<EmbeddedPreview> {
    let is_jpeg = |place: &Range<usize>| bytes.get(place.clone()).is_some_and(jpeg::is_picture);
    let place = places.into_iter().filter(is_jpeg).max_by_key(ExactSizeIterator::len)?;
    Some(EmbeddedPreview { offset: place.start as u64, length: place.len() as u64 })
}

pub(crate) fn places_of_jpegs(directory: &Directory<'_>) -> Vec<Range<usize>> {
    let place = |offset, length| {
        let at = |tag| directory.value(tag)?.uint().map(|number| number as usize);
        let start = at(offset)?;
        Some(start..start.checked_add(at(length)?)?)
    };
    // With several strips `uint` gives the first, which is no whole JPEG then: its end is missing, its start is there.
    let is_one_strip = || directory.place(STRIP_OFFSETS).is_none();
    [
        place(JPEG_OFFSET, JPEG_LENGTH),
        place(STRIP_OFFSETS, STRIP_BYTE_COUNTS).filter(|_| is_one_strip()),
        directory.place(JPG_FROM_RAW),
    ]
    .into_iter()
    .flatten()
    .collect()
}
