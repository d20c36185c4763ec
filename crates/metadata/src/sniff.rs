//! The type of a file, from its first bytes alone: its name and its claimed type prove nothing.

use crate::FileType;

/// How many bytes from the start of a file [`sniff`] needs to be sure.
pub const SNIFF_BYTES: usize = 64;

/// The type of the file that begins with `head`, by magic bytes and ISO base media brands; `None` for anything else.
pub fn sniff(head: &[u8]) -> Option<FileType> {
    match head {
        // ITU-T T.81 B.2.1: SOI, and then always another marker.
        [0xff, 0xd8, 0xff, ..] => Some(FileType::Jpeg),
        // PNG (third edition) 5.2.
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(FileType::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(FileType::Gif),
        // RFC 9649 2.4.
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(FileType::WebP),
        // TIFF 6.0, section 2.
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(FileType::Tiff),
        [a, b, c, d, b'f', b't', b'y', b'p', brands @ ..] => {
            let box_size = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            let len = brands.len().min(box_size.saturating_sub(8)).min(SNIFF_BYTES - 8);
            heif(&brands[..len])
        }
        _ => None,
    }
}

/// ISO/IEC 14496-12 4.3: the major brand, a minor version, the compatible brands. The first brand that names a codec
/// decides; ISO/IEC 23008-12 10.2 and AVIF 6 list them.
fn heif(brands: &[u8]) -> Option<FileType> {
    let is_version = |index: usize| index == 1;
    let brands = brands.chunks_exact(4).enumerate().filter(|(index, _)| !is_version(*index)).map(|(_, brand)| brand);
    let mut generic = None;
    for brand in brands {
        match brand {
            b"avif" | b"avis" => return Some(FileType::Avif),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" => {
                return Some(FileType::Heic);
            }
            b"mif1" | b"mif2" | b"msf1" => generic = Some(FileType::Heic),
            _ => {}
        }
    }
    generic
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
            b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
            b"RIFF\0\0\0\0WAVE",
            b"II\x2b\0",
        ];
        for bytes in others {
            assert_eq!(sniff(bytes), None, "{bytes:?}");
        }
    }
}
