//! What a file may claim before it is decoded.

use crate::PreviewError;

/// The bounds within which a file is decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels of a picture. The default is 200 million, as phones make them.
    pub max_pixels: u64,
    /// Longest side of a picture in pixels. The default is that of JPEG, 65,535.
    pub max_side: u32,
    /// Most bytes that decoding may need at once, as far as the header lets that be foreseen. The default, 230 MiB,
    /// leaves room for the previews in a process of 256 MiB.
    pub max_decoding_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_pixels: 200_000_000, max_side: 65_535, max_decoding_bytes: 230 << 20 }
    }
}

impl Limits {
    /// Holds what a header claims against the bounds. `bytes_per_pixel` is what the decoder needs of memory for each.
    pub(crate) fn check(&self, width: u32, height: u32, bytes_per_pixel: u64) -> Result<(), PreviewError> {
        if width == 0 || height == 0 {
            return Err(PreviewError::damaged("it has no pixels"));
        }
        let pixels = u64::from(width) * u64::from(height);
        if pixels > self.max_pixels
            || width.max(height) > self.max_side
            || pixels.saturating_mul(bytes_per_pixel) > self.max_decoding_bytes
        {
            return Err(PreviewError::TooManyPixels { width, height });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_bounded_in_pixels_sides_and_memory() {
        let limits = Limits { max_pixels: 100, max_side: 50, max_decoding_bytes: 300 };
        assert_eq!(limits.check(10, 10, 3), Ok(()));
        for (width, height, bytes_per_pixel) in [(10, 11, 1), (51, 1, 1), (10, 10, 4), (u32::MAX, u32::MAX, u64::MAX)] {
            let refused = limits.check(width, height, bytes_per_pixel);
            assert_eq!(refused, Err(PreviewError::TooManyPixels { width, height }));
        }
        assert!(matches!(limits.check(0, 10, 1), Err(PreviewError::Damaged(_))));
    }
}
