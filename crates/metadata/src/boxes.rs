//! The boxes of an ISO base media file (ISO/IEC 14496-12 4.2), which JPEG XL uses too.

use crate::bytes::Cursor;

/// A box, and where in the bytes that were given its body begins.
#[derive(Clone, Copy)]
pub(crate) struct Box<'a> {
    pub(crate) kind: [u8; 4],
    /// Where in the bytes that were given the kind stands.
    pub(crate) kind_at: usize,
    /// `None` where the bytes end before it does.
    pub(crate) body: Option<&'a [u8]>,
    pub(crate) body_at: usize,
    /// What is there of a body that is cut off.
    pub(crate) part: &'a [u8],
}

/// The boxes that follow each other in `bytes`.
pub(crate) fn boxes(bytes: &[u8]) -> impl Iterator<Item = Box<'_>> {
    let mut rest = Some(Cursor(bytes));
    std::iter::from_fn(move || {
        let mut cursor = rest.take()?;
        let size = cursor.uint(4)?;
        let kind_at = bytes.len() - cursor.0.len();
        let kind = cursor.array()?;
        let size = match size {
            0 => cursor.0.len() as u64,
            1 => cursor.uint(8)?.checked_sub(16)?,
            _ => size.checked_sub(8)?,
        };
        let (part, body_at) = (cursor.0, bytes.len() - cursor.0.len());
        let body = usize::try_from(size).ok().and_then(|size| cursor.take(size));
        rest = body.map(|_| cursor);
        Some(Box { kind, kind_at, body, body_at, part })
    })
}

/// The body of the first whole box of a kind.
pub(crate) fn child<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes).find(|found| found.kind == *kind)?.body
}

/// The body of the first box of a kind that begins with version and flags, without these (14496-12 4.2, "full box").
pub(crate) fn full_child<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    child(bytes, kind)?.get(4..)
}
