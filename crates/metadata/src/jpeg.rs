//! JPEG: the marker segments before the first scan (ITU-T T.81, annex B; EXIF in APP1: CIPA DC-008 4.7.2).

use std::borrow::Cow;

use crate::bytes::u16_be;
use crate::container::{Container, dimensions};

const PREFIX: u8 = 0xff;
const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP1: u8 = 0xe1;

pub(crate) fn open(bytes: &[u8]) -> Container<'_> {
    let mut found = Container::default();
    let mut at = 2;
    loop {
        found.broken |= bytes.get(at).is_some_and(|byte| *byte != PREFIX);
        let Some((marker, body_at)) = next_marker(bytes, at) else {
            found.incomplete = true;
            return found;
        };
        match marker {
            SOS | EOI => return found,
            // These stand alone: stuffing, TEM, RSTn and a second SOI.
            0x00 | 0x01 | 0xd0..=SOI => {
                at = body_at;
                continue;
            }
            _ => {}
        }
        let Some(size) = u16_be(bytes, body_at) else {
            found.incomplete = true;
            return found;
        };
        if size < 2 {
            found.broken = true;
            at = body_at;
            continue;
        }
        at = body_at + usize::from(size);
        // Of a segment that is cut off, what is there.
        let segment = bytes.get(body_at + 2..at.min(bytes.len())).unwrap_or_default();
        read_segment(marker, segment, &mut found);
    }
}

/// The next marker at or after `at`, and where its segment begins. Bytes that are no marker are skipped, as are the
/// 0xff that may fill up before one (T.81 B.1.1.2).
fn next_marker(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let prefix = at + bytes.get(at..)?.iter().position(|byte| *byte == PREFIX)?;
    let code = prefix + bytes.get(prefix..)?.iter().position(|byte| *byte != PREFIX)?;
    Some((*bytes.get(code)?, code + 1))
}

fn read_segment<'a>(marker: u8, segment: &'a [u8], found: &mut Container<'a>) {
    match marker {
        APP1 if found.exif.is_none() && segment.starts_with(b"Exif\0") => {
            found.exif = segment.get(6..).map(Cow::Borrowed);
        }
        // SOFn: every start of frame, without DHT (C4), JPG (C8) and DAC (CC).
        0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) && found.dimensions.is_none() => {
            let height = u16_be(segment, 1).map(u32::from);
            let width = u16_be(segment, 3).map(u32::from);
            found.dimensions = dimensions(width, height);
        }
        _ => {}
    }
}
