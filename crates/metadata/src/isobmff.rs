//! HEIC and AVIF: an ISO base media file (ISO/IEC 14496-12) that holds still images as items (ISO/IEC 23008-12): the
//! primary item's `ispe` gives the dimensions, its `irot` how it is turned, the item of type `Exif` the EXIF block, and one
//! of type `mime` the XMP packet. A thumbnail may be an item of type `jpeg`.

use std::borrow::Cow;
use std::ops::Range;

use crate::boxes::{boxes, child};
use crate::bytes::Cursor;
use crate::container::{Container, Turned, dimensions};
use crate::limits::{BLOCK_BYTES, BLOCK_PIECES};
use crate::raw::largest_jpeg;

pub(crate) const XMP_TYPE: &[u8] = b"application/rdf+xml";

pub(crate) fn open(file: &[u8]) -> Container<'_> {
    let mut found = Container { incomplete: true, ..Container::default() };
    for part in boxes(file) {
        match (&part.kind, part.body) {
            // `meta` is a full box: version and flags stand before its children (14496-12 8.11.1).
            (b"meta", Some([_, _, _, _, children @ ..])) => {
                found.incomplete = false;
                read_meta(children, file, &mut found);
                break;
            }
            (b"meta", _) => {
                found.incomplete = true;
                break;
            }
            // An image sequence may describe itself in `moov` alone.
            (b"moov", Some(_)) => found.incomplete = false,
            _ => {}
        }
    }
    found
}

fn read_meta<'a>(meta: &'a [u8], file: &'a [u8], found: &mut Container<'a>) {
    let picture = child(meta, b"pitm").and_then(primary_item);
    if let Some((item, iprp)) = picture.zip(child(meta, b"iprp")) {
        let properties = item_properties(iprp, item).unwrap_or_default();
        found.dimensions = properties.iter().find_map(|(kind, body)| spatial_extents(*kind, body));
        found.turned = Some(turned(&properties));
    }
    let Some(iinf) = child(meta, b"iinf") else {
        return;
    };
    if let Some(exif) = first_item(iinf, |item| item.kind == *b"Exif") {
        found.exif = block(meta, file, exif, found).and_then(exif_block);
    }
    if let Some(xmp) = first_item(iinf, |item| item.kind == *b"mime" && item.content_type == XMP_TYPE) {
        found.xmp = block(meta, file, xmp, found).into_iter().collect();
    }
    found.preview = largest_jpeg(file, picture.and_then(|item| thumbnail(meta, iinf, item)));
}

/// The bytes of an item; without them `found` says why.
fn block<'a>(meta: &'a [u8], file: &'a [u8], item: u64, found: &mut Container<'_>) -> Option<Cow<'a, [u8]>> {
    let Some(location) = child(meta, b"iloc").and_then(|iloc| item_location(iloc, item)) else {
        found.broken = true;
        return None;
    };
    let source = if location.method == 1 { child(meta, b"idat").unwrap_or_default() } else { file };
    let size: u64 = location.extents.iter().map(|(_, size)| *size).fold(0, u64::saturating_add);
    if size > BLOCK_BYTES as u64 {
        found.broken = true;
        return None;
    }
    let block = gather(source, &location.extents);
    found.incomplete |= block.is_none();
    block
}

/// 14496-12 8.11.4: which item is the picture.
fn primary_item(pitm: &[u8]) -> Option<u64> {
    let mut cursor = Cursor(pitm);
    let version = cursor.uint(4)? >> 24;
    cursor.uint(if version == 0 { 2 } else { 4 })
}

/// An entry of `iinf`: what an item is.
pub(crate) struct Item<'a> {
    pub(crate) id: u64,
    pub(crate) kind: [u8; 4],
    /// Of an item of type `mime`.
    pub(crate) content_type: &'a [u8],
}

/// 14496-12 8.11.6: the first item of which `is_it`.
fn first_item(iinf: &[u8], is_it: impl Fn(&Item<'_>) -> bool) -> Option<u64> {
    items(iinf).filter(is_it).map(|item| item.id).next()
}

/// The items that there are.
pub(crate) fn items(iinf: &[u8]) -> impl Iterator<Item = Item<'_>> {
    let mut cursor = Cursor(iinf);
    let version = cursor.uint(4).unwrap_or_default() >> 24;
    let _count = cursor.uint(if version == 0 { 2 } else { 4 });
    boxes(cursor.0).filter(|entry| entry.kind == *b"infe").filter_map(|entry| item(entry.body?))
}

fn item(infe: &[u8]) -> Option<Item<'_>> {
    let mut cursor = Cursor(infe);
    let version = cursor.uint(4)? >> 24;
    let id = cursor.uint(if version == 2 { 2 } else { 4 })?;
    let _protection = cursor.uint(2)?;
    let kind = cursor.array()?;
    // Two texts, each with a NUL at its end: a name, a content type.
    let content_type = cursor.0.split(|byte| *byte == 0).nth(1).unwrap_or_default();
    (version >= 2).then_some(Item { id, kind, content_type })
}

/// 14496-12 8.11.12 and 23008-12 6.5.16: where the JPEG lies that is announced as a thumbnail of `picture`.
fn thumbnail(meta: &[u8], iinf: &[u8], picture: u64) -> Option<Range<usize>> {
    let iref = child(meta, b"iref")?;
    let id_size = if iref.first()? == &0 { 2 } else { 4 };
    boxes(iref.get(4..)?).filter(|reference| reference.kind == *b"thmb").find_map(|reference| {
        let mut cursor = Cursor(reference.body?);
        let from = cursor.uint(id_size)?;
        let count = cursor.uint(2)?;
        (0..count).map_while(|_| cursor.uint(id_size)).find(|to| *to == picture)?;
        first_item(iinf, |item| item.id == from && item.kind == *b"jpeg")?;
        let location = item_location(child(meta, b"iloc")?, from)?;
        let [(offset, size)] = location.extents[..] else { return None };
        let start = usize::try_from(offset).ok().filter(|_| location.method != 1)?;
        Some(start..start.checked_add(usize::try_from(size).ok()?)?)
    })
}

/// A property of an item: its kind and its body.
type Property<'a> = ([u8; 4], &'a [u8]);

/// 14496-12 8.11.14: the properties that are associated with `item`, in their order.
fn item_properties(iprp: &[u8], item: u64) -> Option<Vec<Property<'_>>> {
    let properties = child(iprp, b"ipco")?;
    let mut cursor = Cursor(child(iprp, b"ipma")?);
    let version_and_flags = cursor.uint(4)?;
    let id_size = if version_and_flags >> 24 == 0 { 2 } else { 4 };
    let index_size = if version_and_flags & 1 == 0 { 1 } else { 2 };
    for _ in 0..cursor.uint(4)? {
        let associated = cursor.uint(id_size)?;
        let count = cursor.uint(1)? as usize;
        let mut indices = Cursor(cursor.take(count * index_size)?);
        if associated == item {
            // The top bit says "essential"; the rest counts from 1.
            let mask = if index_size == 1 { 0x7f } else { 0x7fff };
            let indices = std::iter::from_fn(|| indices.uint(index_size));
            let property = |index: u64| {
                let property = boxes(properties).nth((index & mask).checked_sub(1)? as usize)?;
                Some((property.kind, property.body?))
            };
            return Some(indices.filter_map(property).collect());
        }
    }
    None
}

/// 23008-12 6.5.3.
fn spatial_extents(kind: [u8; 4], body: &[u8]) -> Option<(u32, u32)> {
    let mut cursor = Cursor(body.get(4..).filter(|_| kind == *b"ispe")?);
    dimensions(u32::try_from(cursor.uint(4)?).ok(), u32::try_from(cursor.uint(4)?).ok())
}

/// 23008-12 6.5.10: `irot` turns by so many right angles.
fn turned(properties: &[Property<'_>]) -> Turned {
    let turns = properties.iter().filter(|(kind, _)| kind == b"irot").filter_map(|(_, body)| body.first());
    let quarters: u32 = turns.map(|turn| u32::from(turn & 3)).sum();
    if quarters % 2 == 1 { Turned::Sideways } else { Turned::Upright }
}

/// Where the bytes of an item lie.
pub(crate) struct Location {
    /// 0: in the file, 1: in the `idat` box beside, 2: in another item.
    pub(crate) method: u64,
    /// Offsets and sizes.
    pub(crate) extents: Vec<(u64, u64)>,
}

/// 14496-12 8.11.3.
pub(crate) fn item_location(iloc: &[u8], item: u64) -> Option<Location> {
    let mut cursor = Cursor(iloc);
    let version = cursor.uint(4)? >> 24;
    let sizes = cursor.uint(2)? as usize;
    let (offset_size, length_size, base_size) = (sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15);
    let index_size = if version == 0 { 0 } else { sizes & 15 };
    let id_size = if version < 2 { 2 } else { 4 };
    for _ in 0..cursor.uint(id_size)? {
        let located = cursor.uint(id_size)?;
        let method = if version == 0 { 0 } else { cursor.uint(2)? & 15 };
        let _data_reference = cursor.uint(2)?;
        let base = cursor.uint(base_size)?;
        let count = cursor.uint(2)? as usize;
        let mut extents = Cursor(cursor.take(count * (index_size + offset_size + length_size))?);
        if located == item {
            let extents = (0..count.min(BLOCK_PIECES)).map(|_| {
                extents.take(index_size)?;
                Some((base.checked_add(extents.uint(offset_size)?)?, extents.uint(length_size)?))
            });
            return Some(Location { method, extents: extents.collect::<Option<_>>()? });
        }
    }
    None
}

/// The extents of `source`, one after the other; a copy only where there are several. `None` where one lies outside.
fn gather<'a>(source: &'a [u8], extents: &[(u64, u64)]) -> Option<Cow<'a, [u8]>> {
    let slice = |(offset, size): &(u64, u64)| {
        let start = usize::try_from(*offset).ok()?;
        source.get(start..start.checked_add(usize::try_from(*size).ok()?)?)
    };
    match extents {
        [extent] => slice(extent).map(Cow::Borrowed),
        _ => extents.iter().map(slice).collect::<Option<Vec<_>>>().map(|parts| Cow::Owned(parts.concat())),
    }
}

/// 23008-12 A.2.1: the item begins with the offset, from behind itself, of the TIFF header.
pub(crate) fn exif_block(item: Cow<'_, [u8]>) -> Option<Cow<'_, [u8]>> {
    let start = usize::try_from(Cursor(&item).uint(4)?).ok()?.checked_add(4)?;
    match item {
        Cow::Borrowed(item) => item.get(start..).map(Cow::Borrowed),
        Cow::Owned(mut item) => (start <= item.len()).then(|| Cow::Owned(item.split_off(start))),
    }
}
