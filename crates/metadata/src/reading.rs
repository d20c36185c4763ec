//! The whole reading of a file, and the shape it is told in.

use std::fmt;

use serde::Serialize;

use crate::{FileType, exif, gif, isobmff, jpeg, png, sniff, tiff, webp};

/// What a photo says about itself, under the names that the API gives these fields. Absent is what the file does not
/// state, or states impossibly. The texts are those of `words` and `numbers`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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
}

/// All that [`read`] finds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reading {
    /// `None`: not an image that is understood.
    pub file_type: Option<FileType>,
    pub metadata: Metadata,
    /// The bytes end before what their headers point at. Given a head of the file, give all of it; given all of it,
    /// the file is cut off.
    pub incomplete: bool,
    /// What is wrong with the file; each at most once.
    pub warnings: Vec<Warning>,
}

/// What may be wrong with a file of which something could be read. Serialised in snake_case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The file's structure breaks its format's rules.
    BrokenContainer,
    /// The EXIF block breaks its format's rules; what could be read of it was.
    BrokenExif,
    /// The file states no dimensions, or impossible ones.
    NoDimensions,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BrokenContainer => "the file's structure is damaged",
            Self::BrokenExif => "its EXIF data is damaged",
            Self::NoDimensions => "its width and height are not stated",
        })
    }
}

/// Reads a head of a file (a few hundred kilobytes are mostly enough: see [`Reading::incomplete`]) or all of it. Takes
/// at most time in proportion to `bytes`; never panics; leaves out what it cannot read.
pub fn read(bytes: &[u8]) -> Reading {
    let Some(file_type) = sniff(bytes) else {
        return Reading::default();
    };
    let container = match file_type {
        FileType::Jpeg => jpeg::open(bytes),
        FileType::Png => png::open(bytes),
        FileType::WebP => webp::open(bytes),
        FileType::Gif => gif::open(bytes),
        FileType::Tiff => tiff::open(bytes),
        FileType::Heic | FileType::Avif => isobmff::open(bytes),
    };
    let mut warnings = Vec::new();
    let mut metadata = container.exif.map(|block| exif::read(&block, &mut warnings)).unwrap_or_default();
    // A TIFF file is its own EXIF block: what lies outside the block lies behind the given bytes.
    let incomplete = container.incomplete || file_type == FileType::Tiff && warnings.contains(&Warning::BrokenExif);
    if container.broken {
        warnings.push(Warning::BrokenContainer);
    }
    if let Some((width, height)) = container.dimensions {
        metadata.width = Some(width);
        metadata.height = Some(height);
        metadata.x_dimension = metadata.x_dimension.or(metadata.width);
        metadata.y_dimension = metadata.y_dimension.or(metadata.height);
    } else {
        warnings.push(Warning::NoDimensions);
    }
    Reading { file_type: Some(file_type), metadata, incomplete, warnings }
}
