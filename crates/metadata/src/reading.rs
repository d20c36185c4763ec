//! The whole reading of a file, and the shape it is told in.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::container::{Container, Turned};
use crate::{FileType, cr3, description, exif, gif, isobmff, jpeg, jxl, png, raf, raw, sniff, webp};

/// What a photo says about itself, under the names that the API gives these fields. Absent is what the file does not
/// state, or states impossibly. The texts are those of `words` and `numbers`, and bounded by `limits`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub make: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Width in pixels as EXIF states it (PixelXDimension), else as stored.
    #[serde(rename = "xDimension", skip_serializing_if = "Option::is_none")]
    pub x_dimension: Option<u32>,
    /// Height in pixels as EXIF states it (PixelYDimension), else as stored.
    #[serde(rename = "yDimension", skip_serializing_if = "Option::is_none")]
    pub y_dimension: Option<u32>,
    /// EXIF Orientation, 1 to 8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orientation: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metering_mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saturation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sharpness: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contrast: Option<String>,
    /// Pixels per ResolutionUnit, a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_resolution: Option<String>,
    /// Pixels per ResolutionUnit, a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y_resolution: Option<String>,
    /// The f-number that ApertureValue stands for, to one decimal; without it FNumber.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aperture_value: Option<String>,
    /// Millimetres, a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focal_length: Option<String>,
    /// Four digits: "0232" is EXIF 2.32.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exif_version: Option<String>,

    /// Width in pixels as stored, before any rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels as stored, before any rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The camera's local time, `YYYY-MM-DDTHH:MM:SS[.ffffff][±HH:MM]`, with an offset only where the file states one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<String>,
    /// Decimal degrees, north positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Decimal degrees, east positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// Metres above sea level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub altitude: Option<f64>,
    /// The lens's model name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iso: Option<u32>,
    /// Seconds: "1/250" where the camera says a fraction of one, else a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposure_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens_make: Option<String>,

    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// May have several lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Who made the picture; several names are told as "one, another".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Stars, 0 to 5, halves and the like possible; -1: rejected.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_short_number")]
    pub rating: Option<f64>,
}

/// 4 and not 4.0, as XMP writes it.
fn as_short_number<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) if number.fract() == 0.0 => serializer.serialize_i64(*number as i64),
        number => number.serialize(serializer),
    }
}

/// All that [`read`] finds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// `None`: not an image that is understood.
    pub file_type: Option<FileType>,
    pub metadata: Metadata,
    /// Width and height as a viewer shows the picture: turned as the container says where that is its business (HEIC,
    /// AVIF, JPEG XL: their EXIF Orientation does not count), else as EXIF says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<(u32, u32)>,
    /// The largest JPEG within a raw, or a JPEG thumbnail of a HEIC or AVIF file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedded_preview: Option<EmbeddedPreview>,
    /// The bytes end before what their headers point at. Given a head of the file, give all of it; given all of it,
    /// the file is cut off.
    pub incomplete: bool,
    /// What is wrong with the file; each at most once.
    pub warnings: Vec<Warning>,
}

/// Where in the file a JPEG lies. It lies within the bytes that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbeddedPreview {
    /// From the file's start, in bytes.
    pub offset: u64,
    /// In bytes.
    pub length: u64,
}

/// What may be wrong with a file of which something could be read. Serialised in snake_case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The file's structure breaks its format's rules.
    BrokenContainer,
    /// The EXIF block breaks its format's rules; what could be read of it was.
    BrokenExif,
    /// The XMP packet breaks its format's rules; what could be read of it was.
    BrokenXmp,
    /// Metadata is there, but packed in a way that was not opened. In the browser: JPEG XL's, by Brotli.
    PackedMetadata,
    /// The file states no dimensions, or impossible ones.
    NoDimensions,
    /// The place was overwritten with zeros, as Android does for an app that may not know it.
    LocationRemoved,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BrokenContainer => "the file's structure is damaged",
            Self::BrokenExif => "its EXIF data is damaged",
            Self::BrokenXmp => "its XMP data is damaged",
            Self::PackedMetadata => "its metadata is packed in a way that was not opened",
            Self::NoDimensions => "its width and height are not stated",
            Self::LocationRemoved => "where it was taken was removed from it",
        })
    }
}

/// Reads a head of a file (a few hundred kilobytes are mostly enough: see [`Reading::incomplete`]) or all of it. Takes
/// at most time in proportion to `bytes`; never panics; leaves out what it cannot read.
pub fn read(bytes: &[u8]) -> Reading {
    let Some(file_type) = sniff(bytes) else {
        return Reading::default();
    };
    let container = open(bytes, file_type);
    let mut warnings = Vec::new();
    let mut metadata = exif::read(&container, &mut warnings);
    // A TIFF file is its own EXIF block: what lies outside the block lies behind the given bytes.
    let incomplete = container.incomplete || is_tiff(file_type) && warnings.contains(&Warning::BrokenExif);
    description::fill_in(&container, &mut metadata, &mut warnings);
    if container.broken {
        warnings.push(Warning::BrokenContainer);
    }
    if container.packed {
        warnings.push(Warning::PackedMetadata);
    }
    if let Some((width, height)) = container.dimensions {
        metadata.width = Some(width);
        metadata.height = Some(height);
        metadata.x_dimension = metadata.x_dimension.or(metadata.width);
        metadata.y_dimension = metadata.y_dimension.or(metadata.height);
    } else {
        warnings.push(Warning::NoDimensions);
    }
    let shown = shown(&container, &metadata);
    Reading { file_type: Some(file_type), metadata, shown, embedded_preview: container.preview, incomplete, warnings }
}

fn open(bytes: &[u8], file_type: FileType) -> Container<'_> {
    match file_type {
        FileType::Jpeg => jpeg::open(bytes),
        FileType::Png => png::open(bytes),
        FileType::WebP => webp::open(bytes),
        FileType::Gif => gif::open(bytes),
        FileType::Heic | FileType::Avif => isobmff::open(bytes),
        FileType::Jxl => jxl::open(bytes),
        FileType::Cr3 => cr3::open(bytes),
        FileType::Raf => raf::open(bytes),
        FileType::Tiff | FileType::Dng | FileType::Cr2 | FileType::Nef => raw::open(bytes, file_type),
        FileType::Arw | FileType::Orf | FileType::Rw2 | FileType::Pef => raw::open(bytes, file_type),
    }
}

fn is_tiff(file_type: FileType) -> bool {
    file_type == FileType::Tiff || file_type.is_raw() && !matches!(file_type, FileType::Cr3 | FileType::Raf)
}

fn shown(container: &Container<'_>, metadata: &Metadata) -> Option<(u32, u32)> {
    let (width, height) = container.dimensions?;
    let by_exif = if metadata.orientation >= Some(5) { Turned::Sideways } else { Turned::Upright };
    Some(match container.turned.unwrap_or(by_exif) {
        Turned::Upright => (width, height),
        Turned::Sideways => (height, width),
    })
}
