//! PNG: IHDR and eXIf (PNG, third edition, 5.3, 11.2.1 and 11.3.3.7). eXIf may stand after the pixels.

use std::borrow::Cow;

use crate::bytes::{array, u32_be};
use crate::container::{Container, dimensions};
use crate::limits::EXIF_BYTES;

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
            b"eXIf" if body.len() <= EXIF_BYTES => {
                found.exif = Some(Cow::Borrowed(body));
                return found;
            }
            b"IEND" => return found,
            _ => {}
        }
        found.broken |= at == 8 && found.dimensions.is_none();
        // The chunk ends with its CRC.
        at = body_at + body.len() + 4;
    }
}
