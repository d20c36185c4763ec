//! An EXIF block that holds only what says nothing of a place (CIPA DC-008, 4.6.4 and 4.6.5).

use crate::tiff::{Directory, Order, Tiff};

const EXIF_IFD: u16 = 0x8769;
/// A block that says nothing.
pub(super) const EMPTY: &[u8] = b"II\x2a\0\x08\0\0\0\0\0\0\0\0\0";
/// Longest value that is taken over, in bytes: no tag below needs more, unless it is a description.
const VALUE_BYTES: usize = 4096;

/// Of the first directory: description, camera, orientation, resolution, software, time, artist, rating, rights.
const IMAGE_TAGS: [u16; 12] =
    [0x010e, 0x010f, 0x0110, 0x0112, 0x011a, 0x011b, 0x0128, 0x0131, 0x0132, 0x013b, 0x4746, 0x8298];

/// Of the EXIF directory: exposure, sensitivity, versions, times and their offsets, the lens, the settings, colours and
/// dimensions. Not: makers' notes, comments, names of owners, serial numbers, sounds.
const EXIF_TAGS: [u16; 51] = [
    0x829a, 0x829d, 0x8822, 0x8827, 0x8830, 0x8831, 0x8832, 0x9000, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9101,
    0x9102, 0x9201, 0x9202, 0x9203, 0x9204, 0x9205, 0x9206, 0x9207, 0x9208, 0x9209, 0x920a, 0x9290, 0x9291, 0x9292,
    0xa000, 0xa001, 0xa002, 0xa003, 0xa20e, 0xa20f, 0xa210, 0xa217, 0xa300, 0xa301, 0xa401, 0xa402, 0xa403, 0xa404,
    0xa405, 0xa406, 0xa408, 0xa409, 0xa40a, 0xa40c, 0xa432, 0xa433, 0xa434,
];

/// Whether this tag of an EXIF block says nothing of a place.
pub(super) fn is_kept(tag: u16) -> bool {
    IMAGE_TAGS.contains(&tag) || EXIF_TAGS.contains(&tag)
}

/// A block of its own, with or without the prefix "Exif\0\0" in front of the given one; `None` where nothing is left.
pub(super) fn rebuilt(block: &[u8]) -> Option<Vec<u8>> {
    let tiff = Tiff::parse(block.strip_prefix(b"Exif\0\0").unwrap_or(block))?;
    let order = tiff.order();
    let image = tiff.directory();
    let mut fields = kept(&tiff, &image, &IMAGE_TAGS);
    let below = image.child(EXIF_IFD).map(|exif| kept(&tiff, &exif, &EXIF_TAGS)).unwrap_or_default();
    if fields.is_empty() && below.is_empty() {
        return None;
    }
    let mut out = match order {
        Order::Little => b"II\x2a\0\x08\0\0\0".to_vec(),
        Order::Big => b"MM\0\x2a\0\0\0\x08".to_vec(),
    };
    if below.is_empty() {
        put(&fields, order, &mut out);
        return Some(out);
    }
    // The pointer gets its value when it is known where the first directory ends.
    fields.push(Field { tag: EXIF_IFD, kind: 4, count: 1, bytes: vec![0; 4] });
    let mut first = out.clone();
    put(&fields, order, &mut first);
    if let Some(pointer) = fields.last_mut() {
        pointer.bytes = order.bytes_of_u32(first.len() as u32).to_vec();
    }
    put(&fields, order, &mut out);
    put(&below, order, &mut out);
    Some(out)
}

struct Field {
    tag: u16,
    kind: u16,
    count: u32,
    bytes: Vec<u8>,
}

fn kept(tiff: &Tiff<'_>, directory: &Directory<'_>, tags: &[u16]) -> Vec<Field> {
    let field = |tag: &u16| {
        let entry = directory.entries().find(|entry| entry.tag == *tag)?;
        let place = entry.place().filter(|place| place.len() <= VALUE_BYTES)?;
        let bytes = tiff.bytes().get(place)?.to_vec();
        Some(Field { tag: entry.tag, kind: entry.kind, count: entry.count, bytes })
    };
    tags.iter().filter_map(field).collect()
}

/// TIFF 6.0, section 2: the entries by their tags, no directory behind this one, then the values that fit in no entry.
fn put(fields: &[Field], order: Order, out: &mut Vec<u8>) {
    let mut values_at = out.len() + 2 + 12 * fields.len() + 4;
    let mut values = Vec::new();
    out.extend(order.bytes_of_u16(fields.len() as u16));
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|field| field.tag);
    for Field { tag, kind, count, bytes } in fields {
        out.extend(order.bytes_of_u16(*tag));
        out.extend(order.bytes_of_u16(*kind));
        out.extend(order.bytes_of_u32(*count));
        if bytes.len() <= 4 {
            out.extend(bytes);
            out.resize(out.len() + 4 - bytes.len(), 0);
            continue;
        }
        out.extend(order.bytes_of_u32(values_at as u32));
        values.extend(bytes);
        // Values begin at even offsets.
        values.resize(values.len().next_multiple_of(2), 0);
        values_at += bytes.len().next_multiple_of(2);
    }
    out.extend([0; 4]);
    out.append(&mut values);
}
