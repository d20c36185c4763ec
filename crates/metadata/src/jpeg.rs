//! JPEG: the marker segments before the first scan (ITU-T T.81, annex B). EXIF lies in APP1 (CIPA DC-008 4.7.2), XMP in
//! APP1 too (XMP part 3, 1.1.3), IPTC in APP13, inside Photoshop's resources.

use std::borrow::Cow;

use crate::bytes::{Cursor, u16_be};
use crate::container::{Container, dimensions};
use crate::limits::{BLOCK_BYTES, PREVIEW_HEAD_BYTES};
use crate::photoshop;

const PREFIX: u8 = 0xff;
pub(crate) const SOI: u8 = 0xd8;
pub(crate) const EOI: u8 = 0xd9;
pub(crate) const SOS: u8 = 0xda;
pub(crate) const APP1: u8 = 0xe1;
const APP13: u8 = 0xed;

const EXIF: &[u8] = b"Exif\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";

pub(crate) fn open(bytes: &[u8]) -> Container<'_> {
    let mut found = Container::default();
    let mut extended = Vec::new();
    let mut segments = Segments { bytes, at: 2, broken: false };
    let is_whole = segments.by_ref().all(|(marker, segment)| {
        read_segment(marker, segment, &mut extended, &mut found);
        !matches!(marker, SOS | EOI)
    });
    found.incomplete = is_whole;
    found.broken = segments.broken;
    if !extended.is_empty() {
        found.xmp.push(Cow::Owned(extended));
    }
    found
}

/// Whether these bytes begin a JPEG that every decoder understands: not a lossless one, as raws hold (T.81 B.2.2).
pub(crate) fn is_picture(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(PREVIEW_HEAD_BYTES)];
    let mut frames = Segments { bytes: head, at: 2, broken: false }.filter(|(marker, _)| is_frame(*marker));
    head.starts_with(&[PREFIX, SOI, PREFIX]) && frames.next().is_some_and(|(marker, _)| matches!(marker, 0xc0..=0xc2))
}

/// SOFn: every start of frame, without DHT (C4), JPG (C8) and DAC (CC).
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

fn read_segment<'a>(marker: u8, segment: &'a [u8], extended: &mut Vec<u8>, found: &mut Container<'a>) {
    match marker {
        APP1 if segment.starts_with(EXIF) => read_exif(segment.get(6..).unwrap_or_default(), found),
        APP1 if found.xmp.is_empty() && segment.starts_with(XMP) => {
            found.xmp.push(Cow::Borrowed(&segment[XMP.len()..]));
        }
        APP1 if segment.starts_with(EXTENDED_XMP) => {
            extended.extend(extended_xmp(segment, extended.len()).unwrap_or_default())
        }
        APP13 if found.iptc.is_none() => {
            found.iptc = segment.strip_prefix(PHOTOSHOP).and_then(photoshop::iptc).map(Cow::Borrowed);
        }
        _ if is_frame(marker) && found.dimensions.is_none() => {
            let height = u16_be(segment, 1).map(u32::from);
            let width = u16_be(segment, 3).map(u32::from);
            found.dimensions = dimensions(width, height);
        }
        _ => {}
    }
}

/// The first EXIF block counts. A block of more than 64 kB goes on in the segments that follow, as some writers have it:
/// these do not begin as a block does.
fn read_exif<'a>(segment: &'a [u8], found: &mut Container<'a>) {
    match &mut found.exif {
        None => found.exif = Some(Cow::Borrowed(segment)),
        Some(block) if !segment.starts_with(b"II") && !segment.starts_with(b"MM") => {
            if block.len() + segment.len() <= BLOCK_BYTES {
                block.to_mut().extend(segment);
            }
        }
        Some(_) => {}
    }
}

/// XMP part 3, 1.1.3.1: a digest, the size of the whole, and where in it this piece belongs. Pieces that do not follow
/// each other are left out.
fn extended_xmp(segment: &[u8], written: usize) -> Option<&[u8]> {
    let mut cursor = Cursor(segment.strip_prefix(EXTENDED_XMP)?);
    let _digest = cursor.take(32)?;
    let size = cursor.uint(4)?;
    let at = cursor.uint(4)?;
    (at == written as u64 && size <= BLOCK_BYTES as u64 && at + cursor.0.len() as u64 <= size).then_some(cursor.0)
}

/// The marker segments, without the markers that stand alone; of one that is cut off, what is there. Ends early where
/// the bytes do.
struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
    broken: bool,
}

impl<'a> Iterator for Segments<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.broken |= self.bytes.get(self.at).is_some_and(|byte| *byte != PREFIX);
            let (marker, body_at) = next_marker(self.bytes, self.at)?;
            self.at = body_at;
            match marker {
                SOS | EOI => return Some((marker, &[])),
                // These stand alone: stuffing, TEM, RSTn and a second SOI.
                0x00 | 0x01 | 0xd0..=SOI => continue,
                _ => {}
            }
            let size = u16_be(self.bytes, body_at)?;
            if size < 2 {
                self.broken = true;
                continue;
            }
            self.at = body_at + usize::from(size);
            let segment = self.bytes.get(body_at + 2..self.at.min(self.bytes.len())).unwrap_or_default();
            return Some((marker, segment));
        }
    }
}

/// The next marker at or after `at`, and where its segment begins. Bytes that are no marker are skipped, as are the
/// 0xff that may fill up before one (T.81 B.1.1.2).
pub(crate) fn next_marker(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    // In a sound file it stands here.
    if let [PREFIX, code @ ..=0xfe, ..] = bytes.get(at..)? {
        return Some((*code, at + 2));
    }
    let prefix = at + bytes.get(at..)?.iter().position(|byte| *byte == PREFIX)?;
    let code = prefix + bytes.get(prefix..)?.iter().position(|byte| *byte != PREFIX)?;
    Some((*bytes.get(code)?, code + 1))
}
