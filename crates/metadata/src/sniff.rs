//! The type of a file, from its first bytes alone: its name and its claimed type prove nothing.

use crate::{FileType, raw};

/// How many bytes from the start of a file [`sniff`] needs to be sure. Only of a raw file that is built on TIFF may its
/// directory lie behind them: it is taken for TIFF then, and known for what it is once all bytes are given.
pub const SNIFF_BYTES: usize = 4096;

/// How many bytes of brands are looked at.
const BRANDS_BYTES: usize = 56;

/// The type of the file that begins with `head`, by magic bytes, ISO base media brands and, of TIFF files, the tags of
/// the first directory; `None` for anything else.
pub fn sniff(head: &[u8]) -> Option<FileType> {
    match head {
        // ITU-T T.81 B.2.1: SOI, and then always another marker.
        [0xff, 0xd8, 0xff, ..] => Some(FileType::Jpeg),
        // PNG (third edition) 5.2.
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(FileType::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(FileType::Gif),
        // RFC 9649 2.4.
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(FileType::WebP),
        // ISO/IEC 18181-1: a codestream; 18181-2: its container.
        [0xff, 0x0a, ..] => Some(FileType::Jxl),
        [0, 0, 0, 12, b'J', b'X', b'L', b' ', b'\r', b'\n', 0x87, b'\n', ..] => Some(FileType::Jxl),
        [b'F', b'U', b'J', b'I', b'F', b'I', b'L', b'M', b'C', b'C', b'D', b'-', b'R', b'A', b'W', ..] => {
            Some(FileType::Raf)
        }
        // TIFF 6.0, section 2; Panasonic's RW2; Olympus's ORF.
        [b'I', b'I', 42 | 0x55, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(raw::format(head)),
        [b'I', b'I', b'R', b'O' | b'S', ..] | [b'M', b'M', b'O', b'R', ..] => Some(raw::format(head)),
        [a, b, c, d, b'f', b't', b'y', b'p', brands @ ..] => {
            let box_size = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            let len = brands.len().min(box_size.saturating_sub(8)).min(BRANDS_BYTES);
            of_brands(&brands[..len]).filter(|file_type| *file_type != FileType::Cr3 || !is_canon_s_film(head))
        }
        _ => None,
    }
}

/// ISO/IEC 14496-12 4.3: the major brand, a minor version, the compatible brands. The first brand that names a codec
/// decides; ISO/IEC 23008-12 10.2 and AVIF 6 list them, "crx " is Canon's.
fn of_brands(brands: &[u8]) -> Option<FileType> {
    let is_version = |index: usize| index == 1;
    let brands = brands.chunks_exact(4).enumerate().filter(|(index, _)| !is_version(*index)).map(|(_, brand)| brand);
    let mut generic = None;
    for brand in brands {
        match brand {
            b"avif" | b"avis" => return Some(FileType::Avif),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" => {
                return Some(FileType::Heic);
            }
            b"crx " => return Some(FileType::Cr3),
            b"mif1" | b"mif2" | b"msf1" => generic = Some(FileType::Heic),
            _ => {}
        }
    }
    generic
}

/// Canon's films have the same brand; in the first of their boxes, `CNCV` says what wrote them.
fn is_canon_s_film(head: &[u8]) -> bool {
    head[..head.len().min(SNIFF_BYTES)].windows(12).any(|part| part == b"CNCVCanonCRM")
}

#[cfg(test)]
mod tests {
    use super::sniff;
    use crate::FileType;

    #[test]
    fn brands_tell_heic_from_avif() {
        assert_eq!(sniff(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), Some(FileType::Heic));
        assert_eq!(sniff(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf"), Some(FileType::Avif));
        assert_eq!(sniff(b"\0\0\0\x14ftypmif1\0\0\0\0mif1"), Some(FileType::Heic));
        assert_eq!(sniff(b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom"), Some(FileType::Cr3));
    }

    #[test]
    fn brands_outside_the_box_do_not_count() {
        assert_eq!(sniff(b"\0\0\0\x10ftypisom\0\0\0\0heic"), None);
        assert_eq!(sniff(b"\0\0\0\0ftypheic"), None);
    }

    #[test]
    fn films_and_other_files_are_no_photos() {
        let others: [&[u8]; 9] = [
            b"",
            b"\xff\xd8",
            b"BM\0\0",
            b"%PDF-1.7",
            b"<svg xmlns=",
            b"\0\0\0\x14ftypqt  \0\0\0\0qt  ",
            b"RIFF\0\0\0\0WAVE",
            b"II\x2b\0",
            b"\0\0\0\x10ftypcrx \0\0\0\x01\0\0\0\x26CNCVCanonCRM0001/02.09.00/00.00.00",
        ];
        for bytes in others {
            assert_eq!(sniff(bytes), None, "{bytes:?}");
        }
    }
}
