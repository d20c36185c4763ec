//! HEIC and AVIF: the primary item of a HEIF file (ISO/IEC 23008-12), its alpha, its colours and its turning. The
//! boxes are read by `heifer`; MIAF (ISO/IEC 23000-22) says which items cameras write.

use std::ops::Range;

use heifer::color::ColorParams;
use heifer::heifer_isobmff::HeifFile;
use heifer::heifer_isobmff::boxes::{ColorInfo, Property};

use super::{Decoded, coded, tiles};
use crate::color::Space;
use crate::picture::{Layout, Picture};
use crate::resize::to_size;
use crate::turn::{swaps_sides, upright};
use crate::{Limits, PreviewError};

/// What an `nclx` property states.
#[derive(Clone, Copy)]
pub(super) struct Nclx {
    pub(super) params: ColorParams,
    primaries: u16,
    transfer: u16,
}

pub(super) fn decode(file: &[u8], limits: &Limits) -> Result<Decoded, PreviewError> {
    let file = HeifFile::parse(file).map_err(PreviewError::damaged)?;
    let id = file.primary_id;
    let (width, height, mut shrink) = size(&file, id)?;
    let alpha = alpha_item(&file, id);
    if alpha.is_some() {
        // Colours are averaged by their alpha: not before both are there.
        shrink = 1;
        limits.check(width, height, 3 * Layout::Rgba.channels() as u64)?;
    }
    let mut picture = decode_item(&file, id, shrink, limits)?;
    if let Some(alpha) = alpha {
        set_alpha(&mut picture, &decode_item(&file, alpha, 1, limits)?)?;
    }
    let space = space(&file, id);
    let mut seen = Seen { picture, width, height };
    for property in file.item_properties(id).map_err(PreviewError::damaged)? {
        seen = seen.transformed(property);
    }
    let Seen { picture, width, height } = seen;
    Ok(Decoded { picture, width, height, space, is_upright: true, is_partial: false })
}

/// Width and height in pixels, and how many times smaller the picture may be decoded.
fn size(file: &HeifFile, id: u32) -> Result<(u32, u32, u32), PreviewError> {
    if let Ok(grid) = file.grid(id) {
        return Ok((grid.output_width, grid.output_height, tiles::grid_shrink(file, id, &grid)));
    }
    let size = file.image_size(id).map_err(PreviewError::damaged)?;
    let (width, height) = size.ok_or_else(|| PreviewError::damaged("the picture states no size"))?;
    Ok((width, height, tiles::shrink_of(width, height)))
}

fn decode_item(file: &HeifFile, id: u32, shrink: u32, limits: &Limits) -> Result<Picture, PreviewError> {
    match &file.item(id).map_err(PreviewError::damaged)?.item_type.0 {
        b"grid" => tiles::decode(file, id, nclx(file, id).map(|nclx| nclx.params), shrink, limits),
        _ => coded::decode(file, id, None, limits).map(|picture| tiles::shrunk(picture, shrink)),
    }
}

/// The auxiliary item that holds the transparency of `id` (23008-12 6.6.2.1.2; its names for HEVC and for AV1).
fn alpha_item(file: &HeifFile, id: u32) -> Option<u32> {
    let is_alpha = |property: &Property| {
        matches!(property, Property::AuxiliaryType(name)
            if name == "urn:mpeg:hevc:2015:auxid:1" || name == "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha")
    };
    let aux = file.referencing_items(id, b"auxl");
    aux.into_iter().find(|aux| file.item_properties(*aux).is_ok_and(|mut properties| properties.any(is_alpha)))
}

fn set_alpha(picture: &mut Picture, alpha: &Picture) -> Result<(), PreviewError> {
    let pixels = alpha.pixels.as_chunks::<4>().0.iter().map(|[gray, ..]| *gray).collect();
    let mut alpha = Picture { width: alpha.width, height: alpha.height, layout: Layout::Gray, pixels };
    if (alpha.width, alpha.height) != (picture.width, picture.height) {
        alpha = to_size(&alpha, picture.width, picture.height, fast_image_resize::FilterType::Bilinear)?;
    }
    for (pixel, alpha) in picture.pixels.as_chunks_mut::<4>().0.iter_mut().zip(alpha.pixels) {
        pixel[3] = alpha;
    }
    Ok(())
}

/// The `nclx` that the item itself has.
pub(super) fn nclx(file: &HeifFile, id: u32) -> Option<Nclx> {
    file.item_properties(id).ok()?.find_map(|property| match *property {
        Property::Color(ColorInfo::Nclx { primaries, transfer, matrix, full_range }) => {
            Some(Nclx { params: ColorParams { matrix, full_range }, primaries, transfer })
        }
        _ => None,
    })
}

/// Stated by the item, or by its first tile; an ICC profile outranks code points (23008-12 6.5.5).
fn space(file: &HeifFile, id: u32) -> Space {
    let items = [Some(id), file.referenced_items(id, b"dimg").first().copied()];
    let stated = items.into_iter().flatten().find_map(|id| {
        let icc = file.item_properties(id).ok()?.find_map(|property| match property {
            Property::Color(ColorInfo::Icc(profile)) if !profile.is_empty() => Some(Space::Icc(profile.clone())),
            _ => None,
        });
        icc.or_else(|| nclx(file, id).map(|Nclx { primaries, transfer, .. }| Space::Cicp { primaries, transfer }))
    });
    stated.unwrap_or(Space::Srgb)
}

/// A picture, perhaps smaller, and the size that it stands for.
struct Seen {
    picture: Picture,
    width: u32,
    height: u32,
}

impl Seen {
    /// Properties apply in the order in which they are associated (23008-12 6.5.1).
    fn transformed(self, property: &Property) -> Self {
        match *property {
            // A quarter turn is anti-clockwise; these are the EXIF orientations that it undoes.
            Property::Rotation(1) => self.turned(8),
            Property::Rotation(2) => self.turned(3),
            Property::Rotation(3) => self.turned(6),
            Property::Mirror(true) => self.turned(4),
            Property::Mirror(false) => self.turned(2),
            Property::CleanAperture { width, height, horiz_offset, vert_offset } => {
                let across = aperture(self.width, width, horiz_offset);
                let down = aperture(self.height, height, vert_offset);
                match across.zip(down) {
                    Some((across, down)) => self.cropped(across, down),
                    None => self,
                }
            }
            _ => self,
        }
    }

    fn turned(self, orientation: u8) -> Self {
        let (width, height) =
            if swaps_sides(orientation) { (self.height, self.width) } else { (self.width, self.height) };
        Self { picture: upright(self.picture, orientation), width, height }
    }

    /// Both ranges are in pixels of the whole size.
    fn cropped(self, across: Range<u32>, down: Range<u32>) -> Self {
        let (x, width) = scaled(&across, self.width, self.picture.width);
        let (y, height) = scaled(&down, self.height, self.picture.height);
        let rows = self.picture.pixels.as_chunks::<4>().0.chunks_exact(self.picture.width as usize);
        let rows = rows.skip(y as usize).take(height as usize);
        let pixels = rows.flat_map(|row| row[x as usize..][..width as usize].as_flattened()).copied().collect();
        let picture = Picture { width, height, layout: self.picture.layout, pixels };
        Self { picture, width: across.len() as u32, height: down.len() as u32 }
    }
}

/// Where along a side of `side` pixels the clean aperture lies: `size` of it, its centre `offset` from the middle (ISO/IEC
/// 14496-12 12.1.4). `None` where that is not inside the picture.
fn aperture(side: u32, size: (u32, u32), offset: (i32, u32)) -> Option<Range<u32>> {
    let size = f64::from(size.0) / f64::from(size.1);
    let start = (f64::from(side) - size) / 2.0 + f64::from(offset.0) / f64::from(offset.1);
    let (start, end) = (start.round(), (start + size).round());
    (start >= 0.0 && end > start && end <= f64::from(side)).then_some(start as u32..end as u32)
}

/// Start and length of `range`, out of `whole`, where the whole has `small` pixels.
fn scaled(range: &Range<u32>, whole: u32, small: u32) -> (u32, u32) {
    let scale = |at: u32| (u64::from(at) * u64::from(small) / u64::from(whole)) as u32;
    let start = scale(range.start).min(small - 1);
    (start, scale(range.end).clamp(start + 1, small) - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aperture_lies_inside_the_picture_or_is_none() {
        assert_eq!(aperture(100, (50, 1), (0, 1)), Some(25..75));
        assert_eq!(aperture(100, (50, 1), (-25, 1)), Some(0..50));
        for (size, offset) in
            [((101, 1), (0, 1)), ((50, 1), (26, 1)), ((0, 1), (0, 1)), ((1, 0), (0, 1)), ((9, 1), (0, 0))]
        {
            assert_eq!(aperture(100, size, offset), None, "{size:?} {offset:?}");
        }
    }

    #[test]
    fn a_part_of_a_smaller_picture_is_never_empty() {
        assert_eq!(scaled(&(0..4032), 4032, 2016), (0, 2016));
        assert_eq!(scaled(&(10..12), 4032, 10), (0, 1));
        assert_eq!(scaled(&(4031..4032), 4032, 10), (9, 1));
    }
}
