//! JPEG XL (ISO/IEC 18181): the codestream's head is true, the coded bytes are noise.

use super::heif::{boxed, full_box};
use super::{Photo, camera, pixels};

/// In its container, with EXIF behind the picture.
pub(super) fn container(photo: &Photo) -> Vec<u8> {
    let exif = photo.orientation.map(|turned| full_box(b"Exif", 0, &camera::exif(photo, turned)));
    with_boxes(photo, &exif.unwrap_or_default())
}

/// The container with these boxes behind the picture.
pub(super) fn with_boxes(photo: &Photo, boxes: &[u8]) -> Vec<u8> {
    let signature = boxed(b"JXL ", b"\r\n\x87\n");
    let ftyp = boxed(b"ftyp", b"jxl \0\0\0\0jxl ");
    [&signature[..], &ftyp, &boxed(b"jxlc", &codestream(photo)), boxes].concat()
}

/// The codestream alone. The head: no small size, each side in 18 bits, no ratio; then extra fields, and of these the
/// orientation.
pub(super) fn codestream(photo: &Photo) -> Vec<u8> {
    let turned = u64::from(photo.orientation.unwrap_or(1)) - 1;
    let side = |side: u32| [(2, 2), (u64::from(side) - 1, 18)];
    let fields = [&[(0, 1)][..], &side(photo.height), &[(0, 3)], &side(photo.width), &[(0, 1), (1, 1), (turned, 3)]];
    let (bits, _) =
        fields.concat().into_iter().fold((0_u64, 0), |(bits, at), (value, size)| (bits | value << at, at + size));
    [&b"\xff\x0a"[..], &bits.to_le_bytes(), &pixels::rgb(photo)].concat()
}

/// In its container, with the EXIF box packed.
pub(super) fn packed_container(photo: &Photo) -> Vec<u8> {
    let exif = photo.orientation.map(|turned| [&[0; 4][..], &camera::exif(photo, turned)].concat());
    with_boxes(photo, &packed(b"Exif", &exif.unwrap_or_default()))
}

/// A `brob` box: a box that Brotli packs (RFC 7932), here in stored blocks.
fn packed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (index, block) in body.chunks(65_536).enumerate() {
        // 9.1 and 9.2: the window (once), not the last block, four nibbles, the length less one, stored.
        let size = block.len() as u32 - 1;
        let head = if index == 0 { size << 4 | 1 << 20 } else { size << 3 | 1 << 19 };
        stream.extend(&head.to_le_bytes()[..3]);
        stream.extend(block);
    }
    // The last block, an empty one.
    stream.push(3);
    boxed(b"brob", &[&kind[..], &stream].concat())
}
