//! The names of objects in the bucket. None comes from a guest, and none gives away an invitation or a token.

use std::fmt;

use metadata::FileType;
use uuid::Uuid;

/// What lies in the bucket, by kind.
#[derive(Clone, Copy, Debug)]
pub enum StorageKey {
    /// Where a guest may write: the only kind that an upload link is ever signed for.
    Incoming { id: Uuid, file_type: Option<FileType> },
    /// Where readers are sent: no upload link ever named it.
    Photo { id: Uuid, file_type: Option<FileType> },
}

impl fmt::Display for StorageKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (folder, id, file_type) = match self {
            StorageKey::Incoming { id, file_type } => ("incoming", id, file_type),
            StorageKey::Photo { id, file_type } => ("photos", id, file_type),
        };
        write!(out, "{folder}/{}", id.simple())?;
        match file_type {
            Some(file_type) => write!(out, ".{}", file_type.extension()),
            None => Ok(()),
        }
    }
}
