//! The place, from EXIF's GPS directory (CIPA DC-008 4.6.6).

use crate::tiff::{Directory, Value};

const LATITUDE_REF: u16 = 0x0001;
const LATITUDE: u16 = 0x0002;
const LONGITUDE_REF: u16 = 0x0003;
const LONGITUDE: u16 = 0x0004;
const ALTITUDE_REF: u16 = 0x0005;
const ALTITUDE: u16 = 0x0006;

/// Decimal degrees, north positive. Without its "N" or "S" a latitude is unknown.
pub(crate) fn latitude(gps: &Directory<'_>) -> Option<f64> {
    signed_degrees(gps, LATITUDE, LATITUDE_REF, b'N', b'S').filter(|degrees| degrees.abs() <= 90.0)
}

/// Decimal degrees, east positive. Without its "E" or "W" a longitude is unknown.
pub(crate) fn longitude(gps: &Directory<'_>) -> Option<f64> {
    signed_degrees(gps, LONGITUDE, LONGITUDE_REF, b'E', b'W').filter(|degrees| degrees.abs() <= 180.0)
}

/// Metres above sea level. Without its reference an altitude is unknown.
pub(crate) fn altitude(gps: &Directory<'_>) -> Option<f64> {
    let metres = gps.value(ALTITUDE)?.number(0)?;
    match gps.value(ALTITUDE_REF)?.uint()? {
        0 | 2 => Some(metres),
        1 | 3 => Some(-metres),
        _ => None,
    }
}

/// Whether it was overwritten: degrees of 0/0 are no place that a camera writes. Android leaves the directory and fills
/// what it holds with zeros (MediaProvider, `RedactingFileDescriptor`).
pub(crate) fn is_removed(gps: &Directory<'_>) -> bool {
    let is_zeros = |tag| gps.value(tag).is_some_and(|value| value.is_zeros());
    is_zeros(LATITUDE) && is_zeros(LONGITUDE)
}

fn signed_degrees(gps: &Directory<'_>, tag: u16, ref_tag: u16, positive: u8, negative: u8) -> Option<f64> {
    let degrees = degrees(gps.value(tag)?)?;
    let letter = gps.value(ref_tag)?.text()?.first()?.to_ascii_uppercase();
    match letter {
        _ if letter == positive => Some(degrees),
        _ if letter == negative => Some(-degrees),
        _ => None,
    }
}

/// Degrees, minutes and seconds; many writers leave minutes or seconds out, or write them as 0/0.
fn degrees(value: Value<'_>) -> Option<f64> {
    let part = |index| value.number(index).unwrap_or_default();
    Some(value.number(0)? + (part(1) + part(2) / 60.0) / 60.0)
}
