//! TIFF and DNG: nothing moves, since values are found by their offsets. Of the private tags those stay that EXIF and DNG
//! define and that say nothing of a place; the values of all others are written over.

use std::ops::RangeInclusive;

use super::pieces::{Overwritten, Pieces};
use super::{EMPTY_XMP, NoCopy, exif, jpeg};
use crate::limits::IFDS;
use crate::raw::places_of_jpegs;
use crate::tiff::{Directory, Tiff};

const XMP: u16 = 0x02bc;
const EXIF_IFD: u16 = 0x8769;
const GPS_IFD: u16 = 0x8825;
const INTEROPERABILITY_IFD: u16 = 0xa005;
/// From here on, tags are whoever's has had them registered (TIFF 6.0, section 1).
const FIRST_PRIVATE: u16 = 0x8000;
// ICC's profile, and what TIFF/EP (ISO 12234-2) says of a sensor.
const OF_COLOURS: [u16; 6] = [0x828d, 0x828e, 0x8773, 0x9214, 0x9217, 0x9216];
// DNG 1.7, without the maker's private data and the raw file that it was made from.
const OF_DNG: [RangeInclusive<u16>; 2] = [0xc612..=0xc7ff, 0xcd2c..=0xcd4f];
const DNG_PRIVATE_DATA: u16 = 0xc634;
const ORIGINAL_RAW_FILE_DATA: u16 = 0xc68c;

pub(super) fn copy(file: &[u8]) -> Result<Pieces, NoCopy> {
    let tiff = Tiff::parse(file).ok_or(NoCopy::Damaged)?;
    let mut over = Overwritten::default();
    let directories = tiff.directories();
    for directory in &directories {
        blank_values(directory, &mut over);
        directory.child(EXIF_IFD).iter().for_each(|exif| blank_values(exif, &mut over));
        directory.child(GPS_IFD).iter().for_each(|gps| blank_all(gps, &mut over));
        places_of_jpegs(directory).into_iter().for_each(|picture| jpeg::blank(file, picture, &mut over));
    }
    // A file with more directories than are looked at may hide one, as may one that points outside of itself.
    if directories.len() >= IFDS || tiff.points_outside() {
        return Err(NoCopy::Damaged);
    }
    Ok(over.copy(file))
}

fn blank_values(directory: &Directory<'_>, over: &mut Overwritten) {
    for entry in directory.entries().filter(|entry| !is_kept(entry.tag)) {
        match entry.place() {
            Some(place) if entry.tag == XMP => over.write(place, EMPTY_XMP, b' '),
            Some(place) => over.blank(place, 0),
            None => {}
        }
    }
}

fn blank_all(directory: &Directory<'_>, over: &mut Overwritten) {
    let values = directory.entries().filter_map(|entry| entry.place());
    values.chain(directory.own_place()).for_each(|place| over.blank(place, 0));
}

fn is_kept(tag: u16) -> bool {
    match tag {
        XMP | DNG_PRIVATE_DATA | ORIGINAL_RAW_FILE_DATA => false,
        // Pointers stay; where one leads is looked at by itself.
        EXIF_IFD | GPS_IFD | INTEROPERABILITY_IFD => true,
        ..FIRST_PRIVATE => true,
        _ => exif::is_kept(tag) || OF_COLOURS.contains(&tag) || OF_DNG.iter().any(|tags| tags.contains(&tag)),
    }
}
