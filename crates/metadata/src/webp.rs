//! WebP: the RIFF chunks (RFC 9649, section 2). Only the extended format, which begins with VP8X, may hold EXIF
//! and XMP.

use std::borrow::Cow;

use crate::bytes::{array, u16_le, u24_le, u32_le};
use crate::container::{Container, dimensions};
use crate::limits::BLOCK_BYTES;

pub(crate) fn open(bytes: &[u8]) -> Container<'_> {
    let mut found = Container::default();
    let mut at = 12;
    // RFC 9649 2.4: the RIFF size counts from behind itself, and what lies behind it is to be ignored.
    let end = u32_le(bytes, 4).map_or(usize::MAX, |size| (size as usize).saturating_add(8));
    while at < end {
        let (Some(kind), Some(size)) = (array::<4>(bytes, at), u32_le(bytes, at + 4)) else {
            found.incomplete = true;
            return found;
        };
        let body = bytes.get(at + 8..).unwrap_or_default();
        if at == 12 {
            found.dimensions = frame_dimensions(kind, body);
            found.broken = found.dimensions.is_none() && body.len() >= 10;
            if kind != *b"VP8X" {
                found.incomplete = body.len() < 10;
                return found;
            }
        }
        let Some(body) = body.get(..size as usize) else {
            found.incomplete = true;
            return found;
        };
        match &kind {
            b"EXIF" if body.len() <= BLOCK_BYTES => found.exif = found.exif.take().or(Some(Cow::Borrowed(body))),
            b"XMP " if found.xmp.is_empty() => found.xmp.push(Cow::Borrowed(body)),
            _ => {}
        }
        // Chunks begin at even offsets (2.3).
        at += 8 + body.len() + body.len() % 2;
    }
    found
}

fn frame_dimensions(kind: [u8; 4], body: &[u8]) -> Option<(u32, u32)> {
    match &kind {
        b"VP8X" => dimensions(u24_le(body, 4).map(|width| width + 1), u24_le(body, 7).map(|height| height + 1)),
        // RFC 6386 9.1: a frame tag and a start code, then 14 bits each below two of scaling.
        b"VP8 " => {
            let side = |at| u16_le(body, at).map(|side| u32::from(side & 0x3fff));
            dimensions(side(6), side(8))
        }
        // RFC 9649 3.4: a signature, then 14 bits each, less one.
        b"VP8L" => {
            let bits = u32_le(body, 1)?;
            dimensions(Some((bits & 0x3fff) + 1), Some(((bits >> 14) & 0x3fff) + 1))
        }
        _ => None,
    }
}
