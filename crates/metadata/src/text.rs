//! Texts that a file holds, made fit to show.

use std::borrow::Cow;

use crate::limits::{CAPTION_CHARS, KEYWORD_CHARS, TEXT_CHARS, TITLE_CHARS};

/// A text about the camera: what stands before the first NUL, as one line. EXIF's ASCII is 7 bits (CIPA DC-008 4.6.2);
/// cameras write UTF-8 or ISO 8859-1 there as well.
pub(crate) fn clean(bytes: &[u8]) -> Option<String> {
    fit(&decode(bytes, TEXT_CHARS), TEXT_CHARS, |char| !steers_display(char))
}

/// Without spaces around it, without characters that steer a display, and cut; `None` where nothing is left.
pub(crate) fn title(text: &str) -> Option<String> {
    fit(text, TITLE_CHARS, |char| !steers_display(char))
}

/// The same for a keyword, which is shorter.
pub(crate) fn keyword(text: &str) -> Option<String> {
    fit(text, KEYWORD_CHARS, |char| !steers_display(char))
}

/// The same for a caption, which keeps its line feeds and may be longer.
pub(crate) fn caption(text: &str) -> Option<String> {
    fit(text, CAPTION_CHARS, |char| char == '\n' || !steers_display(char))
}

/// UTF-16, little-endian, as Windows writes it into EXIF, up to the first NUL.
pub(crate) fn utf_16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).take(CAPTION_CHARS * 4).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    char::decode_utf16(units.take_while(|unit| *unit != 0)).map(|char| char.unwrap_or('\u{fffd}')).collect()
}

/// The text before the first NUL, as far as is needed: what is kept of a text of `chars` characters lies within,
/// spaces and dropped ones beside it included: a character has at most four bytes.
pub(crate) fn decode(bytes: &[u8], chars: usize) -> Cow<'_, str> {
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let bytes = &bytes[..bytes.len().min(chars * 8)];
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        // Only the last character is cut off.
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(&bytes[..error.valid_up_to()]),
        Err(_) => bytes.iter().map(|byte| windows_1252(*byte)).collect(),
    }
}

fn fit(text: &str, chars: usize, is_kept: impl Fn(char) -> bool) -> Option<String> {
    let shown: String = text.trim().chars().filter(|char| is_kept(*char)).take(chars).collect();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

/// ISO 8859-1, with the letters that Windows has where that has control characters (WHATWG Encoding, index windows-1252).
fn windows_1252(byte: u8) -> char {
    const LETTERS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => LETTERS[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// Control characters, and those that turn the direction of text (Unicode UAX #9).
fn steers_display(char: char) -> bool {
    char.is_control() || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{caption, clean, utf_16};
    use crate::limits::{CAPTION_CHARS, TEXT_CHARS};

    #[test]
    fn padding_and_what_follows_the_end_are_dropped() {
        assert_eq!(clean(b"NIKON CORPORATION \0\0").as_deref(), Some("NIKON CORPORATION"));
        assert_eq!(clean(b"Canon\0leftover").as_deref(), Some("Canon"));
        assert_eq!(clean(b"  \0"), None);
        assert_eq!(clean(b""), None);
    }

    #[test]
    fn utf_8_and_latin_1_are_both_read() {
        assert_eq!(clean("Kodak® 写真".as_bytes()).as_deref(), Some("Kodak® 写真"));
        assert_eq!(clean(b"Kodak\xae").as_deref(), Some("Kodak®"));
        assert_eq!(clean(b"\x93Kodak\x94 \x80").as_deref(), Some("“Kodak” €"));
    }

    #[test]
    fn windows_utf_16_is_read_up_to_its_end() {
        let bytes: Vec<u8> = "写真 📷\0x".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(utf_16(&bytes), "写真 📷");
        assert_eq!(utf_16(b"\0\xd8a"), "\u{fffd}");
    }

    #[test]
    fn a_caption_keeps_its_lines_and_is_longer() {
        assert_eq!(caption("one\r\ntwo\x1b\n").as_deref(), Some("one\ntwo"));
        let long = "写".repeat(100_000);
        assert_eq!(caption(&long).map(|text| text.chars().count()), Some(CAPTION_CHARS));
    }

    #[test]
    fn characters_that_steer_a_display_are_dropped() {
        assert_eq!(clean("a\u{1b}[2J\r\nb\u{202e}c".as_bytes()).as_deref(), Some("a[2Jbc"));
    }

    #[test]
    fn long_texts_are_cut() {
        for start in ["", "a", "ab"] {
            let text = format!("{start}{}", "写".repeat(100_000));
            let cut: String = text.chars().take(TEXT_CHARS).collect();
            assert_eq!(clean(text.as_bytes()), Some(cut));
        }
    }
}
