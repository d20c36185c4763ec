//! What every container yields, whatever its format.

use std::borrow::Cow;

/// The parts of a file that are of interest here.
#[derive(Debug, Default)]
pub(crate) struct Container<'a> {
    /// Width and height in pixels as stored; never 0.
    pub(crate) dimensions: Option<(u32, u32)>,
    /// The EXIF block: a TIFF structure, with or without the prefix "Exif\0\0".
    pub(crate) exif: Option<Cow<'a, [u8]>>,
    /// The bytes end before what their headers point at.
    pub(crate) incomplete: bool,
    /// The structure breaks its format's rules.
    pub(crate) broken: bool,
}

/// Width and height where both are given and neither is 0.
pub(crate) fn dimensions(width: Option<u32>, height: Option<u32>) -> Option<(u32, u32)> {
    width.zip(height).filter(|(width, height)| *width > 0 && *height > 0)
}
