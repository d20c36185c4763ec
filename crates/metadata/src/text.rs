//! Texts that a file holds, made fit to show.

use std::borrow::Cow;

use crate::limits::TEXT_CHARS;

/// The text before the first NUL, without spaces around it and without characters that steer a display; `None` where
/// nothing is left. EXIF's ASCII is 7 bits (CIPA DC-008 4.6.2); cameras write UTF-8 or ISO 8859-1 there as well.
pub(crate) fn clean(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.split(|byte| *byte == 0).next()?;
    // A character has at most four bytes: what is kept lies within these, spaces and dropped ones beside it included.
    let bytes = &bytes[..bytes.len().min(TEXT_CHARS * 8)];
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        // Only the last character is cut off.
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(&bytes[..error.valid_up_to()]),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let shown: String = text.trim().chars().filter(|char| !steers_display(*char)).take(TEXT_CHARS).collect();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

/// Control characters, and those that turn the direction of text (Unicode UAX #9).
fn steers_display(char: char) -> bool {
    char.is_control() || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::clean;
    use crate::limits::TEXT_CHARS;

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
