//! JPEG (ITU-T T.81, annex B): of the application segments those of JFIF, of the colour profile and of Adobe's colour
//! transform stay. The copy ends with the picture.

use std::ops::Range;

use super::exif;
use super::pieces::{Overwritten, Pieces};
use crate::bytes::u16_be;
use crate::jpeg::{APP1, EOI, SOI, SOS, next_marker, open};

const APP0: u8 = 0xe0;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const APP15: u8 = 0xef;
const COM: u8 = 0xfe;
/// What a segment can hold besides its size.
const SEGMENT_BYTES: usize = 65_533;

pub(super) fn copy(file: &[u8]) -> Pieces {
    let mut pieces = Pieces::default();
    pieces.keep(0..2);
    let mut segment = open(file).exif.and_then(|block| exif_segment(&block));
    for Part { marker, place } in parts(file) {
        if marker != APP0 {
            pieces.write(segment.take().unwrap_or_default());
        }
        if is_kept(marker, file.get(place.start + 4..place.end).unwrap_or_default()) {
            pieces.keep(place);
        }
    }
    pieces
}

/// Makes blanks of what may hold a place in the JPEG that is this part of a file.
pub(super) fn blank(file: &[u8], picture: Range<usize>, over: &mut Overwritten) {
    let Some(bytes) = file.get(picture.clone()) else { return };
    for Part { marker, place } in parts(bytes) {
        let body = place.start + 4..place.end;
        if !is_kept(marker, bytes.get(body.clone()).unwrap_or_default()) && body.start < body.end {
            over.blank(picture.start + body.start..picture.start + body.end, 0);
        }
    }
}

/// CIPA DC-008 4.7.2.
fn exif_segment(block: &[u8]) -> Option<Vec<u8>> {
    let body = [b"Exif\0\0", &exif::rebuilt(block)?[..]].concat();
    let size = u16::try_from(body.len() + 2).ok().filter(|_| body.len() <= SEGMENT_BYTES)?;
    Some([&[0xff, APP1][..], &size.to_be_bytes(), &body].concat())
}

fn is_kept(marker: u8, body: &[u8]) -> bool {
    match marker {
        APP0 => body.starts_with(b"JFIF\0"),
        APP2 => body.starts_with(b"ICC_PROFILE\0"),
        APP14 => body.starts_with(b"Adobe"),
        APP1..=APP15 | COM => false,
        _ => true,
    }
}

/// A marker with its segment; of a start of scan, with the data that follows.
struct Part {
    marker: u8,
    place: Range<usize>,
}

/// The parts behind SOI, to the end of the picture or of the bytes. What is no part of a JPEG is left out.
fn parts(bytes: &[u8]) -> impl Iterator<Item = Part> {
    let mut next = Some(SOI_BYTES);
    std::iter::from_fn(move || {
        loop {
            let (marker, body_at) = next_marker(bytes, next.take()?)?;
            let start = body_at - 2;
            match marker {
                EOI => return Some(Part { marker, place: start..body_at }),
                // These stand alone, and mean nothing here.
                0x00 | 0x01 | 0xd0..=SOI => next = Some(body_at),
                _ => {
                    let size = usize::from(u16_be(bytes, body_at)?);
                    let end = (body_at + size.max(2)).min(bytes.len());
                    let end = if marker == SOS { scan_end(bytes, end) } else { end };
                    next = Some(end);
                    return Some(Part { marker, place: start..end });
                }
            }
        }
    })
}

const SOI_BYTES: usize = 2;

/// Where the next marker is that no scan's data can hold (T.81 B.1.1.5): those may hold 0xff00 and RSTn.
fn scan_end(bytes: &[u8], start: usize) -> usize {
    let data = bytes.get(start..).unwrap_or_default();
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    data.windows(2).position(is_marker).map_or(bytes.len(), |at| start + at)
}
