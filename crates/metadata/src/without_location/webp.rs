//! WebP (RFC 9649, section 2): the chunks that pixels and colours need.

use super::exif;
use super::pieces::Pieces;
use crate::bytes::{array, u32_le};
use crate::webp::open;

const KEPT: [&[u8; 4]; 7] = [b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
// Flags of VP8X (2.7): the file holds EXIF, XMP.
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;

pub(super) fn copy(file: &[u8]) -> Pieces {
    let exif = open(file).exif.and_then(|block| exif::rebuilt(&block)).map(|block| chunk(b"EXIF", &block));
    let mut body = Pieces::default();
    let mut at = 12;
    let mut is_extended = false;
    while let (Some(kind), Some(size)) = (array::<4>(file, at), u32_le(file, at + 4)) {
        // Chunks begin at even offsets (2.3).
        let end = at.saturating_add(8).saturating_add(size as usize).saturating_add(size as usize % 2).min(file.len());
        if kind == *b"VP8X" && end >= at + 9 {
            is_extended = true;
            let flags = file[at + 8] & !(EXIF | XMP) | if exif.is_some() { EXIF } else { 0 };
            body.keep(at..at + 8);
            body.write(vec![flags]);
            body.keep(at + 9..end);
        } else if KEPT.contains(&&kind) {
            body.keep(at..end);
        }
        if !is_extended {
            // Of the simple format, there is one chunk.
            break;
        }
        at = end;
    }
    body.write(exif.unwrap_or_default());
    let size = (body.size() as u32).saturating_add(4);
    let mut pieces = Pieces::default();
    pieces.write([b"RIFF", &size.to_le_bytes()[..], b"WEBP"].concat());
    pieces.append(body);
    pieces
}

fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let padding = &[0][..body.len() % 2];
    [&kind[..], &(body.len() as u32).to_le_bytes(), body, padding].concat()
}
