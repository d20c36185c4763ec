//! HEIC and AVIF (ISO/IEC 14496-12, 23008-12): nothing moves, since items are found by their offsets. The EXIF item is
//! written anew, other items that are no picture become blanks, and boxes that no picture needs become `free`.

use std::ops::Range;

use super::pieces::{Overwritten, Pieces};
use super::{EMPTY_XMP, NoCopy, exif, jpeg};
use crate::boxes::{Box, boxes, child};
use crate::isobmff::{Item, Location, XMP_TYPE, exif_block, item_location, items};

const TOP: [&[u8; 4]; 6] = [b"ftyp", b"meta", b"mdat", b"free", b"skip", b"moov"];
const META: [&[u8; 4]; 10] = [b"hdlr", b"dinf", b"pitm", b"iinf", b"iloc", b"iprp", b"iref", b"ipro", b"grpl", b"idat"];
const MOVIE: [&[u8; 4]; 3] = [b"mvhd", b"trak", b"mvex"];
const TRACK: [&[u8; 4]; 5] = [b"tkhd", b"edts", b"tref", b"trgr", b"mdia"];
/// Items that are pictures, or say how some make one (23008-12, annexes B, E, H, L; 23000-22; AV1 Image File Format).
const PICTURES: [&[u8; 4]; 13] = [
    b"hvc1", b"hev1", b"lhv1", b"hvt1", b"avc1", b"av01", b"j2k1", b"grid", b"iovl", b"iden", b"tmap", b"unci", b"mski",
];

pub(super) fn copy(file: &[u8]) -> Result<Pieces, NoCopy> {
    let mut over = Overwritten::default();
    for part in parts(file, 0) {
        match &part.inner.kind {
            // `meta` is a full box: version and flags stand before its children (14496-12 8.11.1).
            b"meta" => blank_meta(file, part.body().start + 4..part.body().end, &mut over)?,
            b"moov" => blank_movie(file, part.body(), &mut over),
            _ => {}
        }
        part.free_unless(&TOP, &mut over);
    }
    Ok(over.copy(file))
}

fn blank_meta(file: &[u8], place: Range<usize>, over: &mut Overwritten) -> Result<(), NoCopy> {
    let meta = file.get(place.clone()).ok_or(NoCopy::Damaged)?;
    parts(meta, place.start).for_each(|part| part.free_unless(&META, over));
    let idat_at = parts(meta, place.start).find(|part| part.inner.kind == *b"idat").map(|part| part.body());
    for item in child(meta, b"iinf").map(items).into_iter().flatten() {
        if PICTURES.contains(&&item.kind) {
            continue;
        }
        let iloc = child(meta, b"iloc").ok_or(NoCopy::Damaged)?;
        let location = item_location(iloc, item.id).ok_or(NoCopy::Damaged)?;
        let extents = places(&location, file.len(), idat_at.clone()).ok_or(NoCopy::Damaged)?;
        blank_item(file, &item, extents, over);
    }
    Ok(())
}

/// Where the extents of an item lie in the file.
fn places(location: &Location, file_size: usize, idat: Option<Range<usize>>) -> Option<Vec<Range<usize>>> {
    let source = match location.method {
        0 => 0..file_size,
        1 => idat?,
        // Offsets into another item (14496-12 8.11.3): no camera writes them for what is no picture.
        _ => return None,
    };
    let place = |(offset, size): &(u64, u64)| {
        let start = source.start.checked_add(usize::try_from(*offset).ok()?)?;
        // An extent of size 0 is all that there is (8.11.3).
        let size = if *size == 0 { source.end.checked_sub(start)? } else { usize::try_from(*size).ok()? };
        let end = start.checked_add(size).filter(|end| *end <= source.end)?;
        Some(start..end)
    };
    location.extents.iter().map(place).collect()
}

fn blank_item(file: &[u8], item: &Item<'_>, mut extents: Vec<Range<usize>>, over: &mut Overwritten) {
    let whole = if let [extent] = &extents[..] { file.get(extent.clone()) } else { None };
    match (&item.kind, whole) {
        (b"jpeg", Some(_)) => jpeg::blank(file, extents.remove(0), over),
        (b"Exif", Some(block)) => {
            let rebuilt = exif_block(block.into()).and_then(|block| exif::rebuilt(&block));
            let rebuilt = rebuilt.unwrap_or_else(|| exif::EMPTY.to_vec());
            // 23008-12 A.2.1: the item begins with the offset, from behind itself, of the TIFF header.
            over.write(extents.remove(0), &[&[0; 4], &rebuilt[..]].concat(), 0);
        }
        (b"mime", Some(_)) if item.content_type == XMP_TYPE => over.write(extents.remove(0), EMPTY_XMP, b' '),
        (b"mime", _) => extents.into_iter().for_each(|extent| over.blank(extent, b' ')),
        _ => extents.into_iter().for_each(|extent| over.blank(extent, 0)),
    }
}

/// An image sequence: the pictures' tracks, without what describes them.
fn blank_movie(file: &[u8], place: Range<usize>, over: &mut Overwritten) {
    for part in parts(&file[place.clone()], place.start) {
        if part.inner.kind == *b"trak" {
            let body = part.body();
            parts(&file[body.clone()], body.start).for_each(|part| part.free_unless(&TRACK, over));
        }
        part.free_unless(&MOVIE, over);
    }
}

/// A box and where its parent's body begins in the file.
struct Part<'a> {
    inner: Box<'a>,
    base: usize,
}

fn parts(bytes: &[u8], base: usize) -> impl Iterator<Item = Part<'_>> {
    boxes(bytes).map(move |inner| Part { inner, base })
}

impl Part<'_> {
    /// In the file; of a box that is cut off, what is there.
    fn body(&self) -> Range<usize> {
        let start = self.base + self.inner.body_at;
        start..start + self.inner.body.unwrap_or(self.inner.part).len()
    }

    /// Makes this a box of free space, unless it is one of those.
    fn free_unless(&self, kinds: &[&[u8; 4]], over: &mut Overwritten) {
        if !kinds.contains(&&self.inner.kind) {
            over.blank(self.body(), 0);
            over.write(self.kind_place(), b"free", 0);
        }
    }

    fn kind_place(&self) -> Range<usize> {
        let start = self.base + self.inner.kind_at;
        start..start + 4
    }
}
