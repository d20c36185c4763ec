//! sRGB, from whatever colours a file has.

use std::sync::Arc;

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, DataColorSpace, Layout as Channels, MatrixCoefficients,
    TransferCharacteristics, Transform8BitExecutor, TransformOptions,
};

use crate::picture::{Layout, Picture};

/// The colours that a picture is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    Srgb,
    /// An ICC profile, as it lies in the file.
    Icc(Vec<u8>),
    /// Code points of ITU-T H.273.
    Cicp {
        primaries: u16,
        transfer: u16,
    },
}

/// Converts to sRGB; a CMYK picture becomes RGB. A profile that cannot be used counts as none.
pub(crate) fn to_srgb(picture: Picture, space: &Space) -> Picture {
    let profile = match space {
        Space::Srgb => None,
        Space::Icc(profile) => ColorProfile::new_from_slice(profile).ok(),
        Space::Cicp { primaries: 1, transfer: 1 | 13 } => None,
        Space::Cicp { primaries, transfer } => cicp_profile(*primaries, *transfer),
    };
    let converted = profile.and_then(|profile| converted(&picture, &profile));
    match (converted, picture.layout) {
        (Some(converted), _) => converted,
        (None, Layout::Cmyk) => without_ink(&picture),
        (None, _) => picture,
    }
}

/// The highlights of HDR (PQ and HLG, 16 and 18) have no place in sRGB: such a picture keeps its code values, which
/// looks pale, and gets its primaries right.
fn cicp_profile(primaries: u16, transfer: u16) -> Option<ColorProfile> {
    let transfer = if matches!(transfer, 2 | 16 | 18) { 13 } else { transfer };
    let color_primaries = CicpColorPrimaries::try_from(u8::try_from(primaries).ok()?).ok()?;
    if matches!(color_primaries, CicpColorPrimaries::Unspecified | CicpColorPrimaries::Reserved) {
        return None;
    }
    Some(ColorProfile::new_from_cicp(CicpProfile {
        color_primaries,
        transfer_characteristics: TransferCharacteristics::try_from(u8::try_from(transfer).ok()?).ok()?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    }))
}

/// `None`: the profile is not one for these channels, or is broken.
fn converted(picture: &Picture, profile: &ColorProfile) -> Option<Picture> {
    let (from, to, layout) = match (picture.layout, profile.color_space) {
        (Layout::Gray, DataColorSpace::Gray) => (Channels::Gray, Channels::Rgb, Layout::Rgb),
        (Layout::Rgb, DataColorSpace::Rgb) => (Channels::Rgb, Channels::Rgb, Layout::Rgb),
        (Layout::Rgba, DataColorSpace::Rgb) => (Channels::Rgba, Channels::Rgba, Layout::Rgba),
        // Four channels, whatever they stand for.
        (Layout::Cmyk, DataColorSpace::Cmyk) => (Channels::Rgba, Channels::Rgb, Layout::Rgb),
        _ => return None,
    };
    let transform: Arc<Transform8BitExecutor> =
        profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, TransformOptions::default()).ok()?;
    let (width, height) = (picture.width, picture.height);
    let mut pixels = vec![0; width as usize * height as usize * layout.channels()];
    transform.transform(&picture.pixels, &mut pixels).ok()?;
    Some(Picture { width, height, layout, pixels })
}

/// CMYK whose inks nobody describes, as if each swallowed its light completely.
fn without_ink(picture: &Picture) -> Picture {
    let light = |ink: u8, black: u8| ((255 - u32::from(ink)) * (255 - u32::from(black)) / 255) as u8;
    let inks = picture.pixels.as_chunks::<4>().0.iter();
    let pixels = inks.flat_map(|&[cyan, magenta, yellow, black]| [cyan, magenta, yellow].map(|ink| light(ink, black)));
    Picture { width: picture.width, height: picture.height, layout: Layout::Rgb, pixels: pixels.collect() }
}
