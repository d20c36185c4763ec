//! The names of objects in the bucket. None comes from a guest, and none gives away an invitation or a token.

use std::fmt;

use metadata::FileType;
use uuid::Uuid;

/// What lies in the bucket, by kind.
#[derive(Clone, Copy, Debug)]
pub enum StorageKey {
    /// Where a guest may write: the only kind that an upload link is ever signed for.
    Incoming {
        id: Uuid,
        file_type: Option<FileType>,
    },
    /// Where readers are sent until ingest has read the photo: no upload link ever named it.
    Arrived {
        id: Uuid,
        file_type: Option<FileType>,
    },
    /// Where they are sent from then on: the same for the same bytes.
    Photo {
        content: ContentHash,
        file_type: Option<FileType>,
    },
    Preview {
        content: ContentHash,
        size: PreviewSize,
    },
}

/// A keyed hash of a photo's SHA-256: whoever knows a photo cannot tell from a key that it is here.
#[derive(Clone, Copy, Debug)]
pub struct ContentHash(pub [u8; 32]);

/// The longer side of a preview.
#[derive(Clone, Copy, Debug)]
pub enum PreviewSize {
    Px320,
    Px1600,
}

impl fmt::Display for StorageKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file_type = match self {
            StorageKey::Incoming { id, file_type } => {
                write!(out, "incoming/{}", id.simple())?;
                file_type
            }
            StorageKey::Arrived { id, file_type } => {
                write!(out, "photos/{}", id.simple())?;
                file_type
            }
            StorageKey::Photo { content, file_type } => {
                write!(out, "photos/{}", hex::encode(content.0))?;
                file_type
            }
            StorageKey::Preview { content, size: PreviewSize::Px320 } => {
                return write!(out, "previews/{}-320", hex::encode(content.0));
            }
            StorageKey::Preview { content, size: PreviewSize::Px1600 } => {
                return write!(out, "previews/{}-1600", hex::encode(content.0));
            }
        };
        match file_type {
            Some(file_type) => write!(out, ".{}", file_type.extension()),
            None => Ok(()),
        }
    }
}
