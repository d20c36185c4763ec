//! Why a file is not kept: what the guest reads, and the code that is stored.

use std::fmt;

/// Pixels of the largest picture that is taken for a photo. The largest sensors of phones have 200 million.
pub const MAX_PIXELS: u64 = 500_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    TooLarge,
    NotAnImage,
    WrongHash,
    TooManyPixels,
}

impl Rejection {
    const ALL: [Rejection; 4] =
        [Rejection::TooLarge, Rejection::NotAnImage, Rejection::WrongHash, Rejection::TooManyPixels];

    /// A word for programs; it never changes.
    pub fn code(self) -> &'static str {
        match self {
            Rejection::TooLarge => "too_large",
            Rejection::NotAnImage => "not_an_image",
            Rejection::WrongHash => "wrong_hash",
            Rejection::TooManyPixels => "too_many_pixels",
        }
    }

    pub fn from_code(code: &str) -> Option<Rejection> {
        Rejection::ALL.into_iter().find(|rejection| rejection.code() == code)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::TooLarge => out.write_str("This file is larger than any that is accepted here."),
            Rejection::NotAnImage => out.write_str("This is not a photo, whatever its name says."),
            Rejection::WrongHash => out.write_str("What arrived is not what was announced: please send it again."),
            Rejection::TooManyPixels => {
                write!(out, "This picture has more than {} million pixels.", MAX_PIXELS / 1_000_000)
            }
        }
    }
}
