//! HEIC and AVIF, box by box (ISO/IEC 14496-12, ISO/IEC 23008-12): one coded item, and the EXIF item behind it at the
//! very end, where iPhones put it. The coded bytes are noise.

use super::{Photo, camera, pixels};

pub(super) fn heic(photo: &Photo) -> Vec<u8> {
    file(photo, b"heic", b"hvc1", &[])
}

pub(super) fn avif(photo: &Photo) -> Vec<u8> {
    file(photo, b"avif", b"av01", &[])
}

/// A HEIC with an XMP packet as an item.
pub(super) fn with_xmp(photo: &Photo, xmp: &[u8]) -> Vec<u8> {
    file(photo, b"heic", b"hvc1", &[(b"mime\0application/rdf+xml\0", xmp.to_vec())])
}

/// What `infe` says of an item behind its protection, and its bytes.
type Item<'a> = (&'a [u8], Vec<u8>);

fn file(photo: &Photo, brand: &[u8; 4], codec: &[u8; 4], more: &[Item<'_>]) -> Vec<u8> {
    let ftyp = boxed(b"ftyp", &[&brand[..], &[0; 4], b"mif1", brand].concat());
    let codec = [&codec[..], &[0]].concat();
    let mut items: Vec<Item<'_>> = vec![(&codec, pixels::rgb(photo))];
    // 23008-12 A.2.1: the offset of the TIFF header, here behind "Exif\0\0".
    items.extend(photo.orientation.map(|turned| {
        (&b"Exif\0"[..], [&6_u32.to_be_bytes(), &b"Exif\0\0"[..], &camera::exif(photo, turned)].concat())
    }));
    items.extend(more.iter().cloned());
    // The sizes are known before the offsets are: every offset has four bytes.
    let at = ftyp.len() + meta(photo, &items, 0).len() + 8;
    let bytes: Vec<u8> = items.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
    [ftyp, meta(photo, &items, at), boxed(b"mdat", &bytes)].concat()
}

/// `meta` for items that lie one behind the other from `at` on; the first is the picture.
fn meta(photo: &Photo, items: &[Item<'_>], at: usize) -> Vec<u8> {
    let (mut iinf, mut iloc) = (vec![0, items.len() as u8], vec![0x44, 0x00, 0, items.len() as u8]);
    let mut offset = at;
    for ((kind, bytes), id) in items.iter().zip(1..) {
        iinf.extend(info(id, kind));
        iloc.extend([0, id, 0, 0, 0, 1]);
        iloc.extend((offset as u32).to_be_bytes());
        iloc.extend((bytes.len() as u32).to_be_bytes());
        offset += bytes.len();
    }
    let hdlr = [&[0; 4], &b"pict"[..], &[0; 13]].concat();
    let ispe = full_box(b"ispe", 0, &[photo.width.to_be_bytes(), photo.height.to_be_bytes()].concat());
    // One association: item 1 has property 1.
    let ipma = full_box(b"ipma", 0, &[0, 0, 0, 1, 0, 1, 1, 1]);
    let children = [
        full_box(b"hdlr", 0, &hdlr),
        full_box(b"pitm", 0, &[0, 1]),
        full_box(b"iinf", 0, &iinf),
        full_box(b"iloc", 0, &iloc),
        boxed(b"iprp", &[boxed(b"ipco", &ispe), ipma].concat()),
    ];
    full_box(b"meta", 0, &children.concat())
}

fn info(item: u8, kind: &[u8]) -> Vec<u8> {
    full_box(b"infe", 2, &[&[0, item, 0, 0][..], kind].concat())
}

pub(super) fn full_box(kind: &[u8; 4], version: u8, body: &[u8]) -> Vec<u8> {
    boxed(kind, &[&[version, 0, 0, 0], body].concat())
}

pub(super) fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
}
