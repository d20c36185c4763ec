//! JPEG XL (ISO/IEC 18181-2): the boxes of the codestream. A bare codestream has no place for metadata.

use super::exif;
use super::pieces::Pieces;
use crate::boxes::boxes;
use crate::jxl::open;

/// Not `jbrd`: from it, and from what goes, the JPEG that the picture once was would be put together.
const KEPT: [&[u8; 4]; 6] = [b"JXL ", b"ftyp", b"jxll", b"jxli", b"jxlc", b"jxlp"];

pub(super) fn copy(file: &[u8]) -> Pieces {
    let mut pieces = Pieces::default();
    if file.starts_with(&[0xff, 0x0a]) {
        pieces.keep(0..file.len());
        return pieces;
    }
    let mut exif = open(file).exif.and_then(|block| exif::rebuilt(&block)).map(|block| exif_box(&block));
    let mut start = 0;
    for part in boxes(file) {
        let end = part.body_at + part.body.unwrap_or(part.part).len();
        if part.kind.starts_with(b"jxl") && part.kind != *b"jxll" {
            pieces.write(exif.take().unwrap_or_default());
        }
        if KEPT.contains(&&part.kind) {
            pieces.keep(start..end);
        }
        start = end;
    }
    pieces
}

/// 18181-2 9.7: the offset, from behind itself, of the TIFF header.
fn exif_box(block: &[u8]) -> Vec<u8> {
    let size = block.len() as u32 + 12;
    [&size.to_be_bytes()[..], b"Exif", &[0; 4], block].concat()
}
