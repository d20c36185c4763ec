//! RAF, Fujifilm's raw format: a JPEG with EXIF in front of the sensor's data. The maker publishes no format; offset and
//! length of the JPEG are at 84 and 88, as ExifTool and LibRaw read them.

use crate::bytes::u32_be;
use crate::container::Container;
use crate::{EmbeddedPreview, jpeg};

pub(crate) fn open(bytes: &[u8]) -> Container<'_> {
    let (Some(offset), Some(length)) = (u32_be(bytes, 84), u32_be(bytes, 88)) else {
        return Container { incomplete: true, ..Container::default() };
    };
    let Some(rest) = bytes.get(offset as usize..) else {
        return Container { incomplete: true, ..Container::default() };
    };
    let picture = rest.get(..length as usize);
    let is_picture = picture.is_some_and(jpeg::is_picture);
    let mut found = jpeg::open(picture.unwrap_or(rest));
    found.preview = is_picture.then_some(EmbeddedPreview { offset: u64::from(offset), length: u64::from(length) });
    found
}
