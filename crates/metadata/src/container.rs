//! What every container yields, whatever its format.

use std::borrow::Cow;

use crate::EmbeddedPreview;

/// The parts of a file that are of interest here.
#[derive(Debug, Default)]
pub(crate) struct Container<'a> {
    /// Width and height in pixels as stored; never 0.
    pub(crate) dimensions: Option<(u32, u32)>,
    /// How the container itself has the picture turned, where that is its business and not EXIF's.
    pub(crate) turned: Option<Turned>,
    /// The EXIF block: a TIFF structure, with or without the prefix "Exif\0\0".
    pub(crate) exif: Option<Cow<'a, [u8]>>,
    /// The EXIF and the GPS directory, where they are TIFF structures of their own (CR3).
    pub(crate) apart: Apart<'a>,
    /// The EXIF block of a JPEG within the file, which completes the file's own (RW2).
    pub(crate) exif_within: Option<Cow<'a, [u8]>>,
    /// The XMP packet, and what follows it in packets of its own.
    pub(crate) xmp: Vec<Cow<'a, [u8]>>,
    /// IPTC's datasets.
    pub(crate) iptc: Option<Cow<'a, [u8]>>,
    pub(crate) preview: Option<EmbeddedPreview>,
    /// The bytes end before what their headers point at.
    pub(crate) incomplete: bool,
    /// The structure breaks its format's rules.
    pub(crate) broken: bool,
    /// Metadata is there, but packed in a way that this build does not open.
    pub(crate) packed: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Apart<'a> {
    pub(crate) exif: Option<&'a [u8]>,
    pub(crate) gps: Option<&'a [u8]>,
}

/// Whether width and height change places between the stored and the shown picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turned {
    Upright,
    Sideways,
}

/// Width and height where both are given and neither is 0.
pub(crate) fn dimensions(width: Option<u32>, height: Option<u32>) -> Option<(u32, u32)> {
    width.zip(height).filter(|(width, height)| *width > 0 && *height > 0)
}
