//! Upright pictures, as EXIF Orientation says (CIPA DC-008 4.6.5, tag 0x0112).

use crate::picture::Picture;

/// Whether a picture of this orientation is stored on its side.
pub(crate) fn swaps_sides(orientation: u8) -> bool {
    (5..=8).contains(&orientation)
}

/// The picture as it is to be seen.
pub(crate) fn upright(picture: Picture, orientation: u8) -> Picture {
    let (last_x, last_y) = (picture.width - 1, picture.height - 1);
    match orientation {
        2 => rearranged(&picture, orientation, |x, y| (last_x - x, y)),
        3 => rearranged(&picture, orientation, |x, y| (last_x - x, last_y - y)),
        4 => rearranged(&picture, orientation, |x, y| (x, last_y - y)),
        5 => rearranged(&picture, orientation, |x, y| (y, x)),
        6 => rearranged(&picture, orientation, |x, y| (y, last_y - x)),
        7 => rearranged(&picture, orientation, |x, y| (last_x - y, last_y - x)),
        8 => rearranged(&picture, orientation, |x, y| (last_x - y, x)),
        _ => picture,
    }
}

fn rearranged(picture: &Picture, orientation: u8, source: impl Fn(u32, u32) -> (u32, u32)) -> Picture {
    match picture.layout.channels() {
        1 => rearranged_pixels::<1>(picture, orientation, source),
        3 => rearranged_pixels::<3>(picture, orientation, source),
        _ => rearranged_pixels::<4>(picture, orientation, source),
    }
}

/// Each pixel of the new picture from its place in the old one.
fn rearranged_pixels<const CHANNELS: usize>(
    picture: &Picture,
    orientation: u8,
    source: impl Fn(u32, u32) -> (u32, u32),
) -> Picture {
    let Picture { width, height, layout, ref pixels } = *picture;
    let old = pixels.as_chunks::<CHANNELS>().0;
    let (new_width, new_height) = if swaps_sides(orientation) { (height, width) } else { (width, height) };
    let mut turned = Vec::with_capacity(pixels.len());
    for y in 0..new_height {
        for x in 0..new_width {
            let (old_x, old_y) = source(x, y);
            turned.extend_from_slice(&old[old_y as usize * width as usize + old_x as usize]);
        }
    }
    Picture { width: new_width, height: new_height, layout, pixels: turned }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Layout;

    /// As stored, for each orientation, so that upright it reads 1 2 3 over 4 5 6.
    const STORED: [(u32, [u8; 6]); 8] = [
        (3, [1, 2, 3, 4, 5, 6]),
        (3, [3, 2, 1, 6, 5, 4]),
        (3, [6, 5, 4, 3, 2, 1]),
        (3, [4, 5, 6, 1, 2, 3]),
        (2, [1, 4, 2, 5, 3, 6]),
        (2, [3, 6, 2, 5, 1, 4]),
        (2, [6, 3, 5, 2, 4, 1]),
        (2, [4, 1, 5, 2, 6, 3]),
    ];

    #[test]
    fn every_orientation_is_turned_upright() {
        for (index, (width, stored)) in STORED.into_iter().enumerate() {
            let orientation = index as u8 + 1;
            let stored = Picture { width, height: 6 / width, layout: Layout::Gray, pixels: stored.to_vec() };
            let seen = upright(stored, orientation);
            assert_eq!((seen.width, seen.height, &seen.pixels[..]), (3, 2, &[1, 2, 3, 4, 5, 6][..]), "{orientation}");
        }
    }

    #[test]
    fn what_is_no_orientation_turns_nothing() {
        let picture = Picture { width: 2, height: 1, layout: Layout::Gray, pixels: vec![1, 2] };
        for orientation in [0, 1, 9, 255] {
            assert_eq!(upright(picture.clone(), orientation), picture);
        }
    }
}
