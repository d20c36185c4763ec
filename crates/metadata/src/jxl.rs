//! JPEG XL: the head of the codestream (ISO/IEC 18181-1, 9 "image header": SizeHeader and the start of ImageMetadata), and
//! the boxes of its container (ISO/IEC 18181-2): `Exif`, `xml `, and `brob`, either of them packed with Brotli.

use std::borrow::Cow;

use crate::boxes::{Box, boxes};
use crate::bytes::Cursor;
use crate::container::{Container, Turned, dimensions};
use crate::limits::BLOCK_BYTES;

const CODESTREAM: &[u8] = &[0xff, 0x0a];

pub(crate) fn open(bytes: &[u8]) -> Container<'_> {
    let mut found = Container::default();
    if bytes.starts_with(CODESTREAM) {
        read_codestream(bytes, &mut found);
        return found;
    }
    let mut at_end = false;
    for part in boxes(bytes) {
        at_end = part.body_at + part.body.map_or(usize::MAX - part.body_at, <[u8]>::len) == bytes.len();
        read_box(&part, &mut found);
    }
    found.incomplete = !at_end;
    found
}

fn read_box<'a>(part: &Box<'a>, found: &mut Container<'a>) {
    match &part.kind {
        b"jxlc" => read_codestream(part.part, found),
        // The first of several pieces; each begins with its number.
        b"jxlp" if found.dimensions.is_none() => read_codestream(part.part.get(4..).unwrap_or_default(), found),
        b"brob" => {
            let Some((kind, packed)) = part.body.and_then(|body| body.split_first_chunk::<4>()) else { return };
            if matches!(kind, b"Exif" | b"xml ") {
                match unpack(packed) {
                    Some(body) => keep(*kind, Cow::Owned(body), found),
                    None => found.packed = true,
                }
            }
        }
        kind => {
            if let Some(body) = part.body {
                keep(*kind, Cow::Borrowed(body), found);
            }
        }
    }
}

fn keep<'a>(kind: [u8; 4], body: Cow<'a, [u8]>, found: &mut Container<'a>) {
    match &kind {
        // 18181-2 9.7: the offset, from behind itself, of the TIFF header.
        b"Exif" if found.exif.is_none() && body.len() <= BLOCK_BYTES => found.exif = crate::isobmff::exif_block(body),
        b"xml " if found.xmp.is_empty() => found.xmp.push(body),
        _ => {}
    }
}

#[cfg(feature = "brotli")]
fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    use std::io::Read;

    let mut unpacked = Vec::new();
    let bound = BLOCK_BYTES as u64;
    brotli_decompressor::Decompressor::new(packed, 4096).take(bound + 1).read_to_end(&mut unpacked).ok()?;
    (unpacked.len() as u64 <= bound).then_some(unpacked)
}

/// Brotli's dictionary alone would double what a browser has to load.
#[cfg(not(feature = "brotli"))]
fn unpack(_packed: &[u8]) -> Option<Vec<u8>> {
    None
}

fn read_codestream(stream: &[u8], found: &mut Container<'_>) {
    let Some(body) = stream.strip_prefix(CODESTREAM) else {
        found.broken |= stream.len() >= CODESTREAM.len();
        found.incomplete |= stream.len() < CODESTREAM.len();
        return;
    };
    let mut bits = Bits { cursor: Cursor(body), left: 0, byte: 0 };
    match size_header(&mut bits) {
        Some((width, height)) => found.dimensions = dimensions(Some(width), Some(height)),
        None => found.incomplete = true,
    }
    found.turned = turned(&mut bits);
}

fn size_header(bits: &mut Bits<'_>) -> Option<(u32, u32)> {
    let is_small = bits.take(1)? == 1;
    let side = |bits: &mut Bits<'_>| match is_small {
        true => Some((bits.take(5)? + 1) * 8),
        false => {
            let size = [9, 13, 18, 30][bits.take(2)? as usize];
            Some(bits.take(size)? + 1)
        }
    };
    let height = side(bits)?;
    // The width may follow from the height, by one of seven ratios.
    let (times, parts) = match bits.take(3)? {
        0 => return Some((side(bits)?, height)),
        ratio => [(1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1)][ratio as usize - 1],
    };
    Some((u32::try_from(u64::from(height) * times / parts).ok()?, height))
}

/// The start of ImageMetadata: all_default, extra_fields, orientation less one.
fn turned(bits: &mut Bits<'_>) -> Option<Turned> {
    let orientation = match bits.take(1)? == 0 && bits.take(1)? == 1 {
        true => bits.take(3)? + 1,
        false => 1,
    };
    Some(if orientation >= 5 { Turned::Sideways } else { Turned::Upright })
}

/// Bits, from the lowest of each byte on.
struct Bits<'a> {
    cursor: Cursor<'a>,
    left: u32,
    byte: u8,
}

impl Bits<'_> {
    /// At most 32 bits.
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut number = 0;
        for place in 0..count {
            if self.left == 0 {
                [self.byte] = self.cursor.array()?;
                self.left = 8;
            }
            number |= u32::from(self.byte & 1) << place;
            self.byte >>= 1;
            self.left -= 1;
        }
        Some(number)
    }
}
