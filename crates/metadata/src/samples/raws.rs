//! Raw files as cameras build them: true structures around noise, with a JPEG that can be shown. The sensor's data are
//! those of no camera.

use exif::{Context, Field};

use super::directory::{Directory, TIFF, write};
use super::heif::{boxed, full_box};
use super::{Photo, camera, pixels};
use crate::FileType;

const NEW_SUBFILE_TYPE: u16 = 0x00fe;
const IMAGE_WIDTH: u16 = 0x0100;
const IMAGE_LENGTH: u16 = 0x0101;
const BITS_PER_SAMPLE: u16 = 0x0102;
const COMPRESSION: u16 = 0x0103;
const PHOTOMETRIC_INTERPRETATION: u16 = 0x0106;
const MAKE: u16 = 0x010f;
const STRIP_OFFSETS: u16 = 0x0111;
const STRIP_BYTE_COUNTS: u16 = 0x0117;
const SUB_IFDS: u16 = 0x014a;
const JPEG_OFFSET: u16 = 0x0201;
const JPEG_LENGTH: u16 = 0x0202;
const EXIF_IFD: u16 = 0x8769;
const GPS_IFD: u16 = 0x8825;
const DNG_VERSION: u16 = 0xc612;

const UNCOMPRESSED: u16 = 1;
const JPEG: u16 = 7;
const CFA: u16 = 32803;

/// Whose camera writes a format; `None`: anybody's.
pub(super) fn make(file_type: FileType) -> Option<&'static str> {
    match file_type {
        FileType::Cr2 | FileType::Cr3 => Some("Canon"),
        FileType::Nef => Some("NIKON CORPORATION"),
        FileType::Arw => Some("SONY"),
        FileType::Orf => Some("OLYMPUS CORPORATION"),
        FileType::Rw2 => Some("Panasonic"),
        FileType::Pef => Some("PENTAX Corporation"),
        _ => None,
    }
}

pub(super) fn dng(photo: &Photo) -> Vec<u8> {
    let small = preview(photo).short(COMPRESSION, JPEG).blob(STRIP_OFFSETS, STRIP_BYTE_COUNTS, &shown(photo, 1));
    let first = first(photo, FileType::Dng).long(NEW_SUBFILE_TYPE, 1).bytes(DNG_VERSION, &[1, 4, 0, 0]);
    let first = first.long(IMAGE_WIDTH, 8).long(IMAGE_LENGTH, 8);
    write(TIFF, &[], &[first.below(SUB_IFDS, vec![sensor(photo).long(NEW_SUBFILE_TYPE, 0), small])])
}

pub(super) fn nef(photo: &Photo) -> Vec<u8> {
    let small = preview(photo).blob(JPEG_OFFSET, JPEG_LENGTH, &shown(photo, 1));
    let first = first(photo, FileType::Nef).long(NEW_SUBFILE_TYPE, 1).long(IMAGE_WIDTH, 8).long(IMAGE_LENGTH, 8);
    write(TIFF, &[], &[first.below(SUB_IFDS, vec![small, sensor(photo).long(NEW_SUBFILE_TYPE, 0)])])
}

pub(super) fn arw(photo: &Photo) -> Vec<u8> {
    let first = first(photo, FileType::Arw).long(NEW_SUBFILE_TYPE, 1).blob(JPEG_OFFSET, JPEG_LENGTH, &shown(photo, 1));
    write(TIFF, &[], &[first.below(SUB_IFDS, vec![sensor(photo).long(NEW_SUBFILE_TYPE, 0)])])
}

/// The sensor's data are in lossless JPEG, which is none to be shown.
pub(super) fn cr2(photo: &Photo) -> Vec<u8> {
    let first = first(photo, FileType::Cr2).long(IMAGE_WIDTH, photo.width).long(IMAGE_LENGTH, photo.height);
    let first = first.short(COMPRESSION, 6).blob(STRIP_OFFSETS, STRIP_BYTE_COUNTS, &shown(photo, 1));
    let thumbnail = Directory::default().blob(JPEG_OFFSET, JPEG_LENGTH, &shown(photo, 2));
    let lossless = [&b"\xff\xd8\xff\xc3\0\x0b\x0e\0\x40\0\x60\x01\x01\x11\0"[..], &pixels::rgb(photo)].concat();
    let data = Directory::default().short(COMPRESSION, 6).blob(STRIP_OFFSETS, STRIP_BYTE_COUNTS, &lossless);
    write(TIFF, b"CR\x02\0\0\0\0\0", &[first, thumbnail, data])
}

pub(super) fn orf(photo: &Photo) -> Vec<u8> {
    let shown = Directory::default().blob(JPEG_OFFSET, JPEG_LENGTH, &shown(photo, 1));
    write(*b"IIRO", &[], &[with_sensor(first(photo, FileType::Orf), photo), shown])
}

pub(super) fn pef(photo: &Photo) -> Vec<u8> {
    let thumbnail = Directory::default().blob(JPEG_OFFSET, JPEG_LENGTH, &shown(photo, 2));
    let shown = Directory::default().blob(JPEG_OFFSET, JPEG_LENGTH, &shown(photo, 1));
    write(TIFF, &[], &[with_sensor(first(photo, FileType::Pef), photo), thumbnail, shown])
}

/// The sensor is wider and higher than the picture. Of the camera's own fields the first directory has a few; the rest is in
/// the EXIF of the JPEG.
pub(super) fn rw2(photo: &Photo) -> Vec<u8> {
    const SIGNATURE: [u8; 16] = *b"\x88\xe7\x74\xd8\xf8\x25\x1d\x4d\x94\x7a\x6e\x77\x82\x2b\x5d\x6a";
    let area = [photo.width + 20, photo.height + 10, 6, 8, photo.height + 6, photo.width + 8];
    let tags = (2_u16..).zip(area);
    let first = tags.fold(first(photo, FileType::Rw2), |first, (tag, pixels)| first.short(tag, pixels as u16));
    let first = first.without(&[0x011a, 0x011b, 0x0128, 0x0131, 0x0132]);
    write(*b"IIU\0", &SIGNATURE, &[first.value(0x002e, &pixels::jpeg(photo))])
}

/// A head that says where the JPEG lies, the JPEG with its EXIF, the sensor's data.
pub(super) fn raf(photo: &Photo) -> Vec<u8> {
    const HEAD_BYTES: u32 = 0x94;
    let jpeg = pixels::jpeg(photo);
    let mut head = b"FUJIFILMCCD-RAW 0201FF000000Example Camera 1".to_vec();
    head.resize(84, 0);
    head.extend([HEAD_BYTES, jpeg.len() as u32].into_iter().flat_map(u32::to_be_bytes));
    head.resize(HEAD_BYTES as usize, 0);
    [head, jpeg, pixels::rgb(photo)].concat()
}

pub(super) fn cr3(photo: &Photo) -> Vec<u8> {
    const CANON: &[u8] = b"\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48";
    let shown = shown(photo, 1);
    let block = |directory: Directory| write(TIFF, &[], &[directory]);
    let first = camera_directory(photo, Context::Tiff, FileType::Cr3);
    let first = first.long(IMAGE_WIDTH, photo.width).long(IMAGE_LENGTH, photo.height);
    let canon = [
        CANON.to_vec(),
        boxed(b"CNCV", b"CanonCR3_001/00.09.00/00.00.00"),
        boxed(b"CMT1", &block(first)),
        boxed(b"CMT2", &block(camera_directory(photo, Context::Exif, FileType::Cr3))),
        boxed(b"CMT4", &block(camera_directory(photo, Context::Gps, FileType::Cr3))),
    ];
    let canon = boxed(b"uuid", &canon.concat());
    let ftyp = boxed(b"ftyp", b"crx \0\0\0\x01crx isom");
    let moov = |at: u64| {
        let sizes = full_box(b"stsz", 0, &[shown.len() as u32, 1].map(u32::to_be_bytes).concat());
        let places = full_box(b"co64", 0, &[&1_u32.to_be_bytes()[..], &at.to_be_bytes()].concat());
        let tables = boxed(b"stbl", &[sizes, places].concat());
        let track = [b"minf", b"mdia", b"trak"].into_iter().fold(tables, |inner, kind| boxed(kind, &inner));
        boxed(b"moov", &[canon.clone(), track].concat())
    };
    let at = ftyp.len() + moov(0).len() + 8;
    [ftyp, moov(at as u64), boxed(b"mdat", &[shown.clone(), pixels::rgb(photo)].concat())].concat()
}

/// The JPEG within: a picture of its own, without EXIF, smaller with every step.
fn shown(photo: &Photo, step: u32) -> Vec<u8> {
    let (width, height) = (photo.width.div_ceil(step), photo.height.div_ceil(step));
    pixels::jpeg(&Photo { width, height, ..*photo }.without_exif())
}

fn first(photo: &Photo, file_type: FileType) -> Directory {
    let first = camera_directory(photo, Context::Tiff, file_type);
    if photo.orientation.is_none() {
        return first;
    }
    let below = |context| vec![camera_directory(photo, context, file_type)];
    first.below(EXIF_IFD, below(Context::Exif)).below(GPS_IFD, below(Context::Gps))
}

/// The camera's fields of one directory; without EXIF its maker's name alone.
fn camera_directory(photo: &Photo, context: Context, file_type: FileType) -> Directory {
    let fields = photo.orientation.map(|turned| camera::fields(photo, turned)).unwrap_or_default();
    let fields: Vec<Field> = fields.into_iter().filter(|field| field.tag.context() == context).collect();
    let directory = Directory::of(&fields);
    match make(file_type) {
        Some(make) if context == Context::Tiff => directory.text(MAKE, make),
        _ => directory,
    }
}

fn preview(photo: &Photo) -> Directory {
    Directory::default().long(NEW_SUBFILE_TYPE, 1).long(IMAGE_WIDTH, photo.width).long(IMAGE_LENGTH, photo.height)
}

fn sensor(photo: &Photo) -> Directory {
    with_sensor(Directory::default(), photo)
}

fn with_sensor(directory: Directory, photo: &Photo) -> Directory {
    directory
        .long(IMAGE_WIDTH, photo.width)
        .long(IMAGE_LENGTH, photo.height)
        .short(BITS_PER_SAMPLE, 8)
        .short(COMPRESSION, UNCOMPRESSED)
        .short(PHOTOMETRIC_INTERPRETATION, CFA)
        .blob(STRIP_OFFSETS, STRIP_BYTE_COUNTS, &pixels::rgb(photo))
}
