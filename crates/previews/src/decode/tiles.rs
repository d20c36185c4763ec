//! A picture that a HEIF file keeps in tiles (ISO/IEC 23008-12 6.6.2.3), made smaller tile by tile: phones cut 48
//! megapixels so, and whole they would not fit into the memory that one photo may use.

use heifer::color::ColorParams;
use heifer::heifer_isobmff::HeifFile;
use heifer::heifer_isobmff::boxes::Grid;

use super::coded;
use crate::picture::{Layout, Picture};
use crate::{LARGE_SIDE, Limits, PreviewError};

/// Decodes the grid `id`, opaque, at one `shrink`th of its size.
pub(super) fn decode(
    file: &HeifFile,
    id: u32,
    params: Option<ColorParams>,
    shrink: u32,
    limits: &Limits,
) -> Result<Picture, PreviewError> {
    let grid = file.grid(id).map_err(PreviewError::damaged)?;
    let tiles = file.referenced_items(id, b"dimg");
    let (tile_width, tile_height) = check(file, &grid, tiles, limits)?;
    let (width, height) = (grid.output_width.div_ceil(shrink), grid.output_height.div_ceil(shrink));
    limits.check(width, height, 2 * Layout::Rgba.channels() as u64)?;
    let pixels = vec![0; width as usize * height as usize * Layout::Rgba.channels()];
    let mut canvas = Picture { width, height, layout: Layout::Rgba, pixels };
    for (index, tile) in tiles.iter().enumerate() {
        let picture = shrunk(coded::decode(file, *tile, params, limits)?, shrink);
        let (row, column) = (index / usize::from(grid.columns), index % usize::from(grid.columns));
        let (x, y) = (column * (tile_width / shrink) as usize, row * (tile_height / shrink) as usize);
        paste(&mut canvas, &picture, x, y);
    }
    Ok(canvas)
}

/// How many times smaller a picture may become while it is decoded: as the large preview needs it.
pub(super) fn shrink_of(width: u32, height: u32) -> u32 {
    [8, 4, 2].into_iter().find(|shrink| width.max(height) / shrink >= LARGE_SIDE).unwrap_or(1)
}

/// As `shrink_of`, for the grid `id`, whose tiles must not be cut apart.
pub(super) fn grid_shrink(file: &HeifFile, id: u32, grid: &Grid) -> u32 {
    let tile = file.referenced_items(id, b"dimg").first().and_then(|tile| file.image_size(*tile).ok().flatten());
    let whole = |shrink: u32| tile.is_some_and(|(width, height)| width % shrink == 0 && height % shrink == 0);
    let mut shrink = shrink_of(grid.output_width, grid.output_height);
    while !whole(shrink) && shrink > 1 {
        shrink /= 2;
    }
    shrink
}

/// The size of a tile, where the tiles cover the picture and not a row or column more: work is in proportion to it.
fn check(file: &HeifFile, grid: &Grid, tiles: &[u32], limits: &Limits) -> Result<(u32, u32), PreviewError> {
    limits.check(grid.output_width, grid.output_height, 0)?;
    let (rows, columns) = (u32::from(grid.rows), u32::from(grid.columns));
    let size = tiles.first().and_then(|tile| file.image_size(*tile).ok().flatten());
    let (width, height) = size.ok_or_else(|| PreviewError::damaged("a tile states no size"))?;
    let covers = |count: u32, tile: u32, whole: u32| {
        let (count, tile, whole) = (u64::from(count), u64::from(tile), u64::from(whole));
        count > 0 && count * tile >= whole && (count - 1) * tile < whole
    };
    if tiles.len() as u64 != u64::from(rows) * u64::from(columns)
        || !covers(columns, width, grid.output_width)
        || !covers(rows, height, grid.output_height)
    {
        return Err(PreviewError::damaged("its tiles do not make up the picture"));
    }
    Ok((width, height))
}

/// Each `shrink` by `shrink` pixels as one, their average; of opaque pixels.
pub(super) fn shrunk(picture: Picture, shrink: u32) -> Picture {
    if shrink == 1 {
        return picture;
    }
    let (width, height) = (picture.width.div_ceil(shrink), picture.height.div_ceil(shrink));
    let source = picture.pixels.as_chunks::<4>().0;
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 4);
    let mut sums = vec![[0_u32; 4]; width as usize];
    for rows in source.chunks((picture.width * shrink) as usize) {
        sums.fill([0; 4]);
        for row in rows.chunks_exact(picture.width as usize) {
            for (sum, block) in sums.iter_mut().zip(row.chunks(shrink as usize)) {
                for pixel in block {
                    for (sum, channel) in sum.iter_mut().zip(pixel) {
                        *sum += u32::from(*channel);
                    }
                }
            }
        }
        let row_count = rows.len() as u32 / picture.width;
        for (index, sum) in sums.iter().enumerate() {
            let count = row_count * shrink.min(picture.width - index as u32 * shrink);
            pixels.extend(sum.map(|sum| ((sum + count / 2) / count) as u8));
        }
    }
    Picture { width, height, layout: picture.layout, pixels }
}

/// What of `tile` lies on the canvas, with its upper left corner at (x, y).
fn paste(canvas: &mut Picture, tile: &Picture, x: usize, y: usize) {
    let (canvas_width, tile_width) = (canvas.width as usize, tile.width as usize);
    let visible = tile_width.min(canvas_width.saturating_sub(x));
    let rows = canvas.pixels.as_chunks_mut::<4>().0.chunks_exact_mut(canvas_width).skip(y);
    for (row, tile_row) in rows.zip(tile.pixels.as_chunks::<4>().0.chunks_exact(tile_width)) {
        row[x..x + visible].copy_from_slice(&tile_row[..visible]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_at_the_edge_are_averaged_over_those_that_exist() {
        let pixels = [10, 20, 90, 30, 40, 110, 7, 9, 2].map(|gray: u8| [gray, gray, gray, 255]).concat();
        let small = shrunk(Picture { width: 3, height: 3, layout: Layout::Rgba, pixels }, 2);
        let grays: Vec<u8> = small.pixels.chunks(4).map(|pixel| pixel[0]).collect();
        assert_eq!((small.width, small.height, &grays[..]), (2, 2, &[25, 100, 8, 2][..]));
    }

    #[test]
    fn a_picture_never_shrinks_below_the_large_preview() {
        assert_eq!(shrink_of(1600, 1200), 1);
        assert_eq!(shrink_of(3199, 100), 1);
        assert_eq!(shrink_of(4032, 3024), 2);
        assert_eq!(shrink_of(8064, 6048), 4);
        assert_eq!(shrink_of(65_535, 1), 8);
    }
}
