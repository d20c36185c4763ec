//! HEIC and AVIF: the boxes of an ISO base media file (ISO/IEC 14496-12) that holds still images as items
//! (ISO/IEC 23008-12): the primary item's `ispe` gives the dimensions, the item of type `Exif` the EXIF block.

use std::borrow::Cow;

use crate::bytes::Cursor;
use crate::container::{Container, dimensions};
use crate::limits::{EXIF_BYTES, EXIF_EXTENTS};

pub(crate) fn open(file: &[u8]) -> Container<'_> {
    let mut found = Container::default();
    match boxes(file).find(|(kind, _)| kind == b"meta") {
        // `meta` is a full box: version and flags stand before its children (14496-12 8.11.1).
        Some((_, Some([_, _, _, _, children @ ..]))) => read_meta(children, file, &mut found),
        Some(_) => found.incomplete = true,
        // An image sequence may describe itself in `moov` alone.
        None => found.incomplete = boxes(file).all(|(kind, body)| kind != *b"moov" || body.is_none()),
    }
    found
}

fn read_meta<'a>(meta: &'a [u8], file: &'a [u8], found: &mut Container<'a>) {
    let child = |kind: &[u8; 4]| boxes(meta).find(|(found, _)| found == kind).and_then(|(_, body)| body);
    let picture = child(b"pitm").and_then(primary_item);
    found.dimensions = picture.zip(child(b"iprp")).and_then(|(item, iprp)| item_dimensions(iprp, item));
    let Some(exif) = child(b"iinf").and_then(exif_item) else {
        return;
    };
    let Some(location) = child(b"iloc").and_then(|iloc| item_location(iloc, exif)) else {
        found.broken = true;
        return;
    };
    let source = if location.in_idat { child(b"idat").unwrap_or_default() } else { file };
    let size: u64 = location.extents.iter().map(|(_, size)| *size).fold(0, u64::saturating_add);
    if size > EXIF_BYTES as u64 {
        found.broken = true;
        return;
    }
    match gather(source, &location.extents) {
        Some(item) => found.exif = exif_block(item),
        None => found.incomplete = true,
    }
}

/// The boxes that follow each other in `bytes`; a body is `None` where `bytes` ends before it does (14496-12 4.2).
fn boxes(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], Option<&[u8]>)> {
    let mut rest = Some(Cursor(bytes));
    std::iter::from_fn(move || {
        let mut cursor = rest.take()?;
        let size = cursor.uint(4)?;
        let kind = cursor.array()?;
        let size = match size {
            0 => cursor.0.len() as u64,
            1 => cursor.uint(8)?.checked_sub(16)?,
            _ => size.checked_sub(8)?,
        };
        let body = usize::try_from(size).ok().and_then(|size| cursor.take(size));
        rest = body.map(|_| cursor);
        Some((kind, body))
    })
}

/// 14496-12 8.11.4: which item is the picture.
fn primary_item(pitm: &[u8]) -> Option<u64> {
    let mut cursor = Cursor(pitm);
    let version = cursor.uint(4)? >> 24;
    cursor.uint(if version == 0 { 2 } else { 4 })
}

/// 14496-12 8.11.6: the first item that is announced as EXIF.
fn exif_item(iinf: &[u8]) -> Option<u64> {
    let mut cursor = Cursor(iinf);
    let version = cursor.uint(4)? >> 24;
    cursor.uint(if version == 0 { 2 } else { 4 })?;
    boxes(cursor.0).filter(|(kind, _)| kind == b"infe").find_map(|(_, body)| {
        let mut cursor = Cursor(body?);
        let version = cursor.uint(4)? >> 24;
        let item = cursor.uint(if version == 2 { 2 } else { 4 })?;
        let _protection = cursor.uint(2)?;
        (version >= 2 && cursor.array()? == *b"Exif").then_some(item)
    })
}

/// 14496-12 8.11.14 and 23008-12 6.5.3: the `ispe` among the properties that are associated with `item`.
fn item_dimensions(iprp: &[u8], item: u64) -> Option<(u32, u32)> {
    let child = |kind: &[u8; 4]| boxes(iprp).find(|(found, _)| found == kind).and_then(|(_, body)| body);
    let properties = child(b"ipco")?;
    let mut cursor = Cursor(child(b"ipma")?);
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
            return std::iter::from_fn(|| indices.uint(index_size))
                .filter_map(|index| boxes(properties).nth((index & mask).checked_sub(1)? as usize))
                .find_map(|(kind, body)| if kind == *b"ispe" { spatial_extents(body?) } else { None });
        }
    }
    None
}

fn spatial_extents(ispe: &[u8]) -> Option<(u32, u32)> {
    let mut cursor = Cursor(ispe.get(4..)?);
    dimensions(u32::try_from(cursor.uint(4)?).ok(), u32::try_from(cursor.uint(4)?).ok())
}

/// Where the bytes of an item lie: extents of (offset, size) in the file, or in the `idat` box beside.
struct Location {
    in_idat: bool,
    extents: Vec<(u64, u64)>,
}

/// 14496-12 8.11.3.
fn item_location(iloc: &[u8], item: u64) -> Option<Location> {
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
            let extents = (0..count.min(EXIF_EXTENTS)).map(|_| {
                extents.take(index_size)?;
                Some((base.checked_add(extents.uint(offset_size)?)?, extents.uint(length_size)?))
            });
            return Some(Location { in_idat: method == 1, extents: extents.collect::<Option<_>>()? });
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
fn exif_block(item: Cow<'_, [u8]>) -> Option<Cow<'_, [u8]>> {
    let start = usize::try_from(Cursor(&item).uint(4)?).ok()?.checked_add(4)?;
    match item {
        Cow::Borrowed(item) => item.get(start..).map(Cow::Borrowed),
        Cow::Owned(mut item) => (start <= item.len()).then(|| Cow::Owned(item.split_off(start))),
    }
}
