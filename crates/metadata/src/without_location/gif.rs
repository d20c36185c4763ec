//! GIF (GIF89a): the images, how they follow each other, and the colour profile; no comments, no texts, no XMP.

use super::pieces::Pieces;

const HEAD_BYTES: usize = 13;
const IMAGE: u8 = 0x2c;
const EXTENSION: u8 = 0x21;
const TRAILER: u8 = 0x3b;
const GRAPHIC_CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;
/// Loops, their older name, and colour profiles (ICC.1 B.6).
const APPLICATIONS: [&[u8]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];

pub(super) fn copy(file: &[u8]) -> Pieces {
    let mut pieces = Pieces::default();
    // Section 18: the logical screen, and its table of colours.
    let mut at = HEAD_BYTES + file.get(10).map_or(0, |flags| table_bytes(*flags));
    pieces.keep(0..at.min(file.len()));
    while let Some(kind) = file.get(at) {
        let start = at;
        let is_kept = match *kind {
            IMAGE => {
                // Section 20: the descriptor, its table of colours, and the size of the first codes.
                at += 11 + file.get(at + 9).map_or(0, |flags| table_bytes(*flags));
                true
            }
            EXTENSION => {
                at += 2;
                match file.get(start + 1) {
                    Some(&GRAPHIC_CONTROL) => true,
                    Some(&APPLICATION) => APPLICATIONS.contains(&file.get(start + 3..start + 14).unwrap_or_default()),
                    _ => false,
                }
            }
            TRAILER => {
                pieces.keep(at..at + 1);
                break;
            }
            _ => break,
        };
        at = end_of_blocks(file, at);
        if is_kept {
            pieces.keep(start..at);
        }
    }
    pieces
}

/// Three bytes of each colour; bit 7: there is a table, bits 0 to 2: of how many.
fn table_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Section 15: blocks of data, each behind its size, up to one of none.
fn end_of_blocks(file: &[u8], mut at: usize) -> usize {
    while let Some(size) = file.get(at) {
        at += 1 + usize::from(*size);
        if *size == 0 {
            break;
        }
    }
    at.min(file.len())
}
