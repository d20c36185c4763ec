//! What the sample photos' camera writes into EXIF, by `kamadak-exif`, and what that is to be read as.

use std::io::Cursor;

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};

use super::Photo;
use crate::Metadata;

/// An EXIF block.
pub(super) fn exif(photo: &Photo, orientation: u32) -> Vec<u8> {
    write(&fields(photo, orientation), None)
}

/// An uncompressed TIFF file (TIFF 6.0, section 6: RGB images) of `rgb` pixels.
pub(super) fn tiff(photo: &Photo, rgb: &[u8]) -> Vec<u8> {
    let mut described = vec![
        field(Tag::ImageWidth, Value::Long(vec![photo.width])),
        field(Tag::ImageLength, Value::Long(vec![photo.height])),
        field(Tag::BitsPerSample, Value::Short(vec![8, 8, 8])),
        field(Tag::Compression, Value::Short(vec![1])),
        field(Tag::PhotometricInterpretation, Value::Short(vec![2])),
        field(Tag::SamplesPerPixel, Value::Short(vec![3])),
        field(Tag::RowsPerStrip, Value::Long(vec![photo.height])),
    ];
    described.extend(photo.orientation.map(|orientation| fields(photo, orientation)).unwrap_or_default());
    write(&described, Some(&[rgb]))
}

/// What [`exif`] is to be read as.
pub(super) fn expected(orientation: u32) -> Metadata {
    let text = |text: &str| Some(text.to_owned());
    Metadata {
        make: text("Example"),
        model: text("Example Camera 1"),
        orientation: Some(orientation),
        software: text("Example 1.0"),
        flash: text("Flash did not fire, auto mode"),
        metering_mode: text("Pattern"),
        saturation: text("Normal"),
        sharpness: text("Hard"),
        contrast: text("Soft"),
        x_resolution: text("72"),
        y_resolution: text("72"),
        aperture_value: text("2.9"),
        focal_length: text("4.2"),
        exif_version: text("0232"),
        taken_at: text("2026-05-17T10:20:30.250000+02:00"),
        latitude: Some(-33.5),
        longitude: Some(-70.75),
        altitude: Some(-0.5),
        lens: text("Example 4.2mm f/2.9"),
        lens_make: text("Example Optics"),
        iso: Some(200),
        exposure_time: text("1/250"),
        ..Metadata::default()
    }
}

pub(super) fn fields(photo: &Photo, orientation: u32) -> Vec<Field> {
    vec![
        field(Tag::Make, ascii("Example")),
        field(Tag::Model, ascii("Example Camera 1")),
        field(Tag::Orientation, Value::Short(vec![orientation as u16])),
        field(Tag::XResolution, rational(&[(72, 1)])),
        field(Tag::YResolution, rational(&[(72, 1)])),
        field(Tag::ResolutionUnit, Value::Short(vec![2])),
        field(Tag::Software, ascii("Example 1.0")),
        field(Tag::DateTime, ascii("2026:06:01 08:00:00")),
        field(Tag::ExposureTime, rational(&[(4, 1000)])),
        field(Tag::FNumber, rational(&[(29, 10)])),
        field(Tag::PhotographicSensitivity, Value::Short(vec![200])),
        field(Tag::ExifVersion, Value::Undefined(b"0232".to_vec(), 0)),
        field(Tag::DateTimeOriginal, ascii("2026:05:17 10:20:30")),
        field(Tag::SubSecTimeOriginal, ascii("25")),
        field(Tag::OffsetTimeOriginal, ascii("+02:00")),
        field(Tag::ApertureValue, rational(&[(307, 100)])),
        field(Tag::MeteringMode, Value::Short(vec![5])),
        field(Tag::Flash, Value::Short(vec![0x18])),
        field(Tag::FocalLength, rational(&[(42, 10)])),
        field(Tag::PixelXDimension, Value::Long(vec![photo.width])),
        field(Tag::PixelYDimension, Value::Long(vec![photo.height])),
        field(Tag::Contrast, Value::Short(vec![1])),
        field(Tag::Saturation, Value::Short(vec![0])),
        field(Tag::Sharpness, Value::Short(vec![2])),
        field(Tag::LensMake, ascii("Example Optics")),
        field(Tag::LensModel, ascii("Example 4.2mm f/2.9")),
        field(Tag::GPSLatitudeRef, ascii("S")),
        field(Tag::GPSLatitude, rational(&[(33, 1), (30, 1), (0, 1)])),
        field(Tag::GPSLongitudeRef, ascii("W")),
        field(Tag::GPSLongitude, rational(&[(70, 1), (45, 1), (0, 1)])),
        field(Tag::GPSAltitudeRef, Value::Byte(vec![1])),
        field(Tag::GPSAltitude, rational(&[(1, 2)])),
    ]
}

fn field(tag: Tag, value: Value) -> Field {
    Field { tag, ifd_num: In::PRIMARY, value }
}

fn ascii(text: &str) -> Value {
    Value::Ascii(vec![text.as_bytes().to_vec()])
}

fn rational(parts: &[(u32, u32)]) -> Value {
    Value::Rational(parts.iter().copied().map(Rational::from).collect())
}

fn write(fields: &[Field], strips: Option<&[&[u8]]>) -> Vec<u8> {
    let mut writer = Writer::new();
    for field in fields {
        writer.push_field(field);
    }
    if let Some(strips) = strips {
        writer.set_strips(strips, In::PRIMARY);
    }
    let mut bytes = Cursor::new(Vec::new());
    writer.write(&mut bytes, false).expect("fields that fit");
    bytes.into_inner()
}
