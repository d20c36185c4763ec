//! HEIC and AVIF, box by box (ISO/IEC 14496-12, ISO/IEC 23008-12): one coded item, and the EXIF item behind it at the
//! very end, where iPhones put it. The coded bytes are noise.

use super::{Photo, camera, pixels};

pub(super) fn heic(photo: &Photo) -> Vec<u8> {
    file(photo, b"heic", b"hvc1")
}

pub(super) fn avif(photo: &Photo) -> Vec<u8> {
    file(photo, b"avif", b"av01")
}

fn file(photo: &Photo, brand: &[u8; 4], codec: &[u8; 4]) -> Vec<u8> {
    let ftyp = boxed(b"ftyp", &[&brand[..], &[0; 4], b"mif1", brand].concat());
    let picture = pixels::rgb(photo);
    // 23008-12 A.2.1: the offset of the TIFF header, here behind "Exif\0\0".
    let exif =
        photo.orientation.map(|turned| [&6_u32.to_be_bytes(), &b"Exif\0\0"[..], &camera::exif(photo, turned)].concat());
    let exif = exif.unwrap_or_default();
    // The sizes are known before the offsets are: every offset has four bytes.
    let picture_at = ftyp.len() + meta(photo, codec, [(0, picture.len()), (0, exif.len())]).len() + 8;
    let meta = meta(photo, codec, [(picture_at, picture.len()), (picture_at + picture.len(), exif.len())]);
    [ftyp, meta, boxed(b"mdat", &[picture, exif].concat())].concat()
}

/// `meta` for the items 1 (the picture) and 2 (EXIF, where there is any), each at (offset, size).
fn meta(photo: &Photo, codec: &[u8; 4], places: [(usize, usize); 2]) -> Vec<u8> {
    let items = if photo.orientation.is_some() { 2 } else { 1 };
    let infos = [info(1, codec), info(2, b"Exif")];
    let iinf = [&[0, items as u8][..], &infos[..items].concat()].concat();
    let mut iloc = vec![0x44, 0x00, 0, items as u8];
    for (index, (offset, size)) in places[..items].iter().enumerate() {
        iloc.extend([0, index as u8 + 1, 0, 0, 0, 1]);
        iloc.extend((*offset as u32).to_be_bytes());
        iloc.extend((*size as u32).to_be_bytes());
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

fn info(item: u8, kind: &[u8; 4]) -> Vec<u8> {
    full_box(b"infe", 2, &[&[0, item, 0, 0][..], kind, &[0]].concat())
}

pub(super) fn full_box(kind: &[u8; 4], version: u8, body: &[u8]) -> Vec<u8> {
    boxed(kind, &[&[version, 0, 0, 0], body].concat())
}

pub(super) fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
}
