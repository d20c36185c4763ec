//! CR3, Canon's raw format: an ISO base media file. In `moov`, a box of Canon's holds EXIF in pieces (`CMT1`: the first
//! directory, `CMT2`: the EXIF one, `CMT4`: GPS); the first track is a JPEG of full size. The maker publishes no format;
//! this follows the description at github.com/lclevy/canon_cr3.

use std::borrow::Cow;
use std::ops::Range;

use crate::boxes::{boxes, child, full_child};
use crate::bytes::{Cursor, u32_be};
use crate::container::{Apart, Container, dimensions};
use crate::raw::largest_jpeg;
use crate::tiff::{Tiff, Value};

const CANON: [u8; 16] = *b"\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48";
const PREVIEW: [u8; 16] = *b"\xea\xf4\x2b\x5e\x1c\x98\x4b\x88\xb9\xfb\xb7\xdc\x40\x6e\x4d\x16";
/// XMP part 3, 1.2.7.
const XMP: [u8; 16] = *b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac";

const IMAGE_WIDTH: u16 = 0x0100;
const IMAGE_LENGTH: u16 = 0x0101;

pub(crate) fn open(bytes: &[u8]) -> Container<'_> {
    let mut found = Container::default();
    let Some(moov) = child(bytes, b"moov") else {
        found.incomplete = true;
        return found;
    };
    let Some((canon, _)) = uuid(moov, CANON) else {
        found.broken = true;
        return found;
    };
    found.exif = child(canon, b"CMT1").map(Cow::Borrowed);
    found.apart = Apart { exif: child(canon, b"CMT2"), gps: child(canon, b"CMT4") };
    found.dimensions = found.exif.as_deref().and_then(first_directory_s_dimensions);
    match uuid(bytes, XMP) {
        Some((xmp, _)) => found.xmp.push(Cow::Borrowed(xmp)),
        // Without its end the file may hold one all the same: `mdat` is the last box.
        None => found.incomplete = boxes(bytes).all(|part| part.kind != *b"mdat"),
    }
    found.preview = largest_jpeg(bytes, [track_s_jpeg(moov), preview_s_jpeg(bytes)].into_iter().flatten());
    found
}

/// The body of the `uuid` box with this name, and where it begins.
fn uuid(bytes: &[u8], name: [u8; 16]) -> Option<(&[u8], usize)> {
    boxes(bytes).filter(|part| part.kind == *b"uuid").find_map(|part| {
        let body = part.body?.strip_prefix(&name)?;
        Some((body, part.body_at + name.len()))
    })
}

fn first_directory_s_dimensions(block: &[u8]) -> Option<(u32, u32)> {
    let tiff = Tiff::parse(block)?;
    let side = |tag| tiff.directory().value(tag).and_then(Value::uint);
    dimensions(side(IMAGE_WIDTH), side(IMAGE_LENGTH))
}

/// The one sample of the first track: its size by `stsz`, its place by `co64` (14496-12 8.7).
fn track_s_jpeg(moov: &[u8]) -> Option<Range<usize>> {
    let path = [b"trak", b"mdia", b"minf", b"stbl"];
    let tables = path.into_iter().try_fold(moov, child)?;
    let sizes = full_child(tables, b"stsz")?;
    // One size for all samples, or else a list of them behind their count.
    let size = u32_be(sizes, 0).filter(|size| *size > 0).or_else(|| u32_be(sizes, 8))? as usize;
    let start = Cursor(full_child(tables, b"co64")?.get(4..)?).uint(8)?;
    let start = usize::try_from(start).ok()?;
    Some(start..start.checked_add(size)?)
}

/// A smaller one: `PRVW`, behind 8 bytes of the box of Canon's, has its JPEG behind 16 bytes of its own, size last.
fn preview_s_jpeg(bytes: &[u8]) -> Option<Range<usize>> {
    let (body, body_at) = uuid(bytes, PREVIEW)?;
    let part = boxes(body.get(8..)?).find(|part| part.kind == *b"PRVW")?;
    let start = body_at + 8 + part.body_at + 16;
    let size = u32_be(part.part, 12)? as usize;
    Some(start..start.checked_add(size)?)
}
