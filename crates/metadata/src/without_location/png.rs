//! PNG (third edition, 5.3): the chunks that pixels and colours need.

use super::exif;
use super::pieces::Pieces;
use crate::bytes::{array, u32_be};
use crate::png::open;

const SIGNATURE_BYTES: usize = 8;
/// Those of the standard (11.2, 11.3), and the older spellings of two of them.
const KEPT: [&[u8; 4]; 22] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV",
    b"cLLI", b"mDCv", b"cLLi", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn copy(file: &[u8]) -> Pieces {
    let mut pieces = Pieces::default();
    pieces.keep(0..SIGNATURE_BYTES);
    let mut exif = open(file).exif.and_then(|block| exif::rebuilt(&block)).map(|block| chunk(b"eXIf", &block));
    let mut at = SIGNATURE_BYTES;
    while let (Some(size), Some(kind)) = (u32_be(file, at), array::<4>(file, at + 4)) {
        // The chunk ends with its CRC.
        let end = at.saturating_add(12).saturating_add(size as usize).min(file.len());
        if KEPT.contains(&&kind) {
            pieces.keep(at..end);
        }
        if kind == *b"IHDR" {
            pieces.write(exif.take().unwrap_or_default());
        }
        if kind == *b"IEND" {
            break;
        }
        at = end;
    }
    pieces
}

fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [&kind[..], body].concat();
    [&(body.len() as u32).to_be_bytes()[..], &named, &crc32fast::hash(&named).to_be_bytes()].concat()
}
