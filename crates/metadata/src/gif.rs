//! GIF: the logical screen (GIF89a, section 18). The format has no place for EXIF.

use crate::bytes::u16_le;
use crate::container::{Container, dimensions};

pub(crate) fn open(bytes: &[u8]) -> Container<'_> {
    let (width, height) = (u16_le(bytes, 6).map(u32::from), u16_le(bytes, 8).map(u32::from));
    Container { dimensions: dimensions(width, height), incomplete: height.is_none(), ..Container::default() }
}
