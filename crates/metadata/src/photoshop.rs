//! Photoshop's image resources (Adobe Photoshop File Formats, "Image Resource Blocks"), of which one holds IPTC.

use crate::bytes::Cursor;

/// "IPTC-NAA record".
const IPTC: u64 = 0x0404;

/// The IPTC datasets among these resources.
pub(crate) fn iptc(resources: &[u8]) -> Option<&[u8]> {
    let mut cursor = Cursor(resources);
    loop {
        // Others than Photoshop sign their resources in other ways.
        let _signature = cursor.take(4)?;
        let id = cursor.uint(2)?;
        // A Pascal string, with its length padded to an even size.
        let name_size = cursor.uint(1)? as usize;
        cursor.take(name_size | 1)?;
        let size = usize::try_from(cursor.uint(4)?).ok()?;
        if id == IPTC {
            // Of one that is cut off, what is there.
            return Some(cursor.0.get(..size).unwrap_or(cursor.0));
        }
        cursor.take(size.checked_add(size % 2)?)?;
    }
}
