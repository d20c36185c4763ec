//! Photos are read and shown by processes of their own, which cannot hurt the server.
//!
//! [`Workers::examine`] starts `hasty worker` with the photo as its standard input, and gets what the photo says about
//! itself and its previews. The worker gives up all that it does not need before it reads the first byte
//! ([`sandbox`]), so a photo that breaks a decoder breaks one process, which had nothing: the photo counts as damaged,
//! or as too heavy, and that is a value like any other. So is that a worker was interrupted, which is no photo's fault
//! until it happens again and again. `answer` is the format between the two.
//!
//! [`Workers::copy_without_location`] does the same for a copy that tells no place: it gets what the copy is put together
//! from, and never the photo's bytes.
//!
//! Nothing here knows anything of the server: neither configuration nor database nor storage.

mod answer;
pub(crate) mod child;
mod parent;
pub mod sandbox;

use serde::{Deserialize, Serialize};

pub use parent::Workers;
pub use sandbox::Protections;

/// What a worker is started for; its one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Task {
    Examine,
    CopyWithoutLocation,
}

/// What a worker found out about a photo.
#[derive(Clone, Debug)]
pub struct Examined {
    /// Empty where the worker did not get that far.
    pub reading: metadata::Reading,
    pub previews: Result<Previews, Problem>,
    /// What held the worker; `None` where it did not get that far.
    pub protections: Option<Protections>,
}

/// As [`previews::Previews`], which explains the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previews {
    pub small: Vec<u8>,
    pub large: Vec<u8>,
    /// MIME type of both.
    pub content_type: ContentType,
    pub thumb_hash: Vec<u8>,
    pub perceptual_hash: u64,
    pub width: u32,
    pub height: u32,
    pub is_partial: bool,
}

/// The kinds of file that previews are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentType {
    #[serde(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "image/webp")]
    WebP,
}

impl ContentType {
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => previews::ContentType::Jpeg.mime(),
            Self::WebP => previews::ContentType::WebP.mime(),
        }
    }
}

/// Why a photo has no previews. Serialised in snake_case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// It claims more pixels than are decoded.
    TooManyPixels,
    /// It is no photo, or of a kind that no decoder is there for.
    Unsupported,
    /// Nothing could be made of its bytes, or they broke the decoder.
    Damaged,
    /// It was not done in time.
    TooSlow,
    /// It needs more memory than a photo gets.
    TooMuchMemory,
    /// The worker was ended from outside, or not done on the clock: by want of memory, a stop, a machine that is busy or
    /// asleep. Only where that happens again and again it is the photo.
    Interrupted,
}

/// No fault of the photo: try again.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    #[error("cannot start a worker")]
    Start(#[source] std::io::Error),
    #[error("cannot talk to a worker")]
    Talk(#[source] std::io::Error),
    /// With the worker's words.
    #[error("a worker could not begin: {0}")]
    Begin(String),
    /// [`Problem::Interrupted`], where it is believed of no photo.
    #[error("A photo was not read to its end: try again in a moment.")]
    Interrupted,
}
