//! PNG: IHDR, eXIf and the texts (PNG, third edition, 5.3, 11.2.1, 11.3.3). XMP is an iTXt of its own name (XMP part 3,
//! 1.1.5); older writers put blocks of EXIF, XMP and IPTC into texts "Raw profile type …", as ImageMagick names them. All of
//! these may stand after the pixels.

use std::borrow::Cow;

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use crate::bytes::{array, u32_be};
use crate::container::{Container, dimensions};
use crate::limits::BLOCK_BYTES;
use crate::photoshop;

const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp";
const PROFILE_KEYWORD: &[u8] = b"Raw profile type ";
const XMP_IN_APP1: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

pub(crate) fn open(bytes: &[u8]) -> Container<'_> {
    let mut found = Container::default();
    let mut at = 8;
    loop {
        let (Some(size), Some(kind)) = (u32_be(bytes, at), array::<4>(bytes, at + 4)) else {
            found.incomplete = true;
            return found;
        };
        let body_at = at + 8;
        let Some(body) = body_at.checked_add(size as usize).and_then(|end| bytes.get(body_at..end)) else {
            found.incomplete = true;
            return found;
        };
        match &kind {
            b"IHDR" => found.dimensions = dimensions(u32_be(body, 0), u32_be(body, 4)),
            b"eXIf" if body.len() <= BLOCK_BYTES => found.exif = Some(Cow::Borrowed(body)),
            b"iTXt" => read_international_text(body, &mut found),
            b"zTXt" | b"tEXt" => read_profile(body, kind == *b"zTXt", &mut found),
            b"IEND" => return found,
            _ => {}
        }
        found.broken |= at == 8 && found.dimensions.is_none();
        // The chunk ends with its CRC.
        at = body_at + body.len() + 4;
    }
}

/// 11.3.3.4: keyword, NUL, whether compressed, how, language, NUL, translated keyword, NUL, text.
fn read_international_text<'a>(body: &'a [u8], found: &mut Container<'a>) {
    let text = body.strip_prefix(XMP_KEYWORD).and_then(|rest| rest.strip_prefix(b"\0"));
    let Some([is_packed, _method, rest @ ..]) = text.filter(|_| found.xmp.is_empty()) else { return };
    let Some(text) = rest.splitn(3, |byte| *byte == 0).nth(2) else { return };
    found.xmp.extend(unpacked(text, *is_packed == 1));
}

/// 11.3.3.2 and 11.3.3.3: keyword, NUL, of a compressed text how, text.
fn read_profile<'a>(body: &'a [u8], is_packed: bool, found: &mut Container<'a>) {
    let Some(name_and_text) = body.strip_prefix(PROFILE_KEYWORD) else { return };
    let mut parts = name_and_text.splitn(2, |byte| *byte == 0);
    let (Some(name), Some(text)) = (parts.next(), parts.next()) else { return };
    let text = if is_packed { text.get(1..).unwrap_or_default() } else { text };
    let Some(profile) = unpacked(text, is_packed).and_then(|text| raw_profile(&text)) else {
        found.broken = true;
        return;
    };
    match name {
        b"exif" | b"APP1" => match profile.strip_prefix(XMP_IN_APP1) {
            Some(xmp) => keep_xmp(xmp.to_vec(), found),
            // A chunk made for it is more trustworthy.
            None => found.exif = found.exif.take().or(Some(Cow::Owned(profile))),
        },
        b"xmp" => keep_xmp(profile, found),
        b"iptc" | b"8bim" if found.iptc.is_none() => {
            let is_bare = profile.first() == Some(&0x1c);
            let datasets = if is_bare { Some(&profile[..]) } else { photoshop::iptc(&profile) };
            found.iptc = datasets.map(|datasets| Cow::Owned(datasets.to_vec()));
        }
        _ => {}
    }
}

fn keep_xmp(packet: Vec<u8>, found: &mut Container<'_>) {
    if found.xmp.is_empty() {
        found.xmp.push(Cow::Owned(packet));
    }
}

fn unpacked(text: &[u8], is_packed: bool) -> Option<Cow<'_, [u8]>> {
    if is_packed {
        decompress_to_vec_zlib_with_limit(text, BLOCK_BYTES).ok().map(Cow::Owned)
    } else {
        (text.len() <= BLOCK_BYTES).then_some(Cow::Borrowed(text))
    }
}

/// A line feed, the profile's name, a line feed, its size, a line feed, and its bytes in hexadecimal, in lines.
fn raw_profile(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.splitn(4, |byte| *byte == b'\n');
    let (_before, _name) = (lines.next()?, lines.next()?);
    let size: usize = std::str::from_utf8(lines.next()?).ok()?.trim().parse().ok()?;
    let digits: Vec<u8> = lines.next()?.iter().filter_map(|byte| hex_digit(*byte)).collect();
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    (bytes.len() == size).then_some(bytes)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec_zlib;

    use super::{raw_profile, unpacked};
    use crate::limits::BLOCK_BYTES;

    #[test]
    fn a_small_text_that_inflates_to_much_is_refused() {
        let packed = |size| compress_to_vec_zlib(&vec![b'0'; size], 6);
        assert_eq!(unpacked(&packed(BLOCK_BYTES), true).map(|text| text.len()), Some(BLOCK_BYTES));
        assert_eq!(unpacked(&packed(BLOCK_BYTES + 1), true), None);
        assert_eq!(unpacked(b"\x78\x9cno deflate", true), None);
    }

    #[test]
    fn a_profile_is_as_long_as_it_says() {
        assert_eq!(raw_profile(b"\nexif\n       3\n4D4d\n00\n").as_deref(), Some(&b"MM\0"[..]));
        for text in [&b""[..], b"\nexif\n", b"\nexif\n4\n4d4d00\n", b"\nexif\n-1\n\n"] {
            assert_eq!(raw_profile(text), None);
        }
    }
}
