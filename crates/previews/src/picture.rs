//! Pixels between the decoder and the encoder.

/// A picture of 8 bits a channel, rows from the top without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) layout: Layout,
    /// `width * height * layout.channels()` bytes.
    pub(crate) pixels: Vec<u8>,
}

/// The channels of a pixel, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Gray,
    Rgb,
    /// Alpha is not multiplied into the colours.
    Rgba,
    /// 0 is no ink.
    Cmyk,
}

impl Layout {
    pub(crate) fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }
}

impl Picture {
    /// An opaque picture loses its alpha channel.
    pub(crate) fn without_needless_alpha(mut self) -> Self {
        if self.layout == Layout::Rgba && self.pixels.as_chunks::<4>().0.iter().all(|[.., alpha]| *alpha == 255) {
            self.pixels = self.pixels.as_chunks::<4>().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
            self.layout = Layout::Rgb;
        }
        self
    }

    /// The pixels with four channels, whatever the layout; not of a CMYK picture.
    pub(crate) fn rgba(&self) -> Vec<u8> {
        match self.layout {
            Layout::Gray => self.pixels.iter().flat_map(|gray| [*gray, *gray, *gray, 255]).collect(),
            Layout::Rgb => self
                .pixels
                .as_chunks::<3>()
                .0
                .iter()
                .flat_map(|[red, green, blue]| [*red, *green, *blue, 255])
                .collect(),
            Layout::Rgba | Layout::Cmyk => self.pixels.clone(),
        }
    }
}
