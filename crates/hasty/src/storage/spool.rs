//! An object in a file that has no name and goes with its handle: for what has to be read more than once.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;

use axum::body::Body;
use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::{Storage, StorageError};

/// All bytes of an object, and what they are.
pub struct Spooled {
    /// At its start.
    pub file: File,
    pub size_bytes: u64,
    pub sha256: [u8; 32],
    /// Of the object that was read.
    pub etag: String,
}

#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Of the server's own folder.
    #[error(transparent)]
    Disk(#[from] std::io::Error),
}

impl Storage {
    /// Reads the object once, from its first byte to its last, into a file in `dir`; `None` where there is none.
    pub async fn spool(&self, key: &str, dir: &Path) -> Result<Option<Spooled>, SpoolError> {
        let Some((head, body)) = self.read(key).await? else {
            return Ok(None);
        };
        let (file, size_bytes, sha256) = write(tempfile::tempfile_in(dir)?, body).await?;
        if size_bytes != head.size_bytes {
            return Err(StorageError::Unreachable(format!("{key} ended after {size_bytes} bytes")).into());
        }
        Ok(Some(Spooled { file, size_bytes, sha256, etag: head.etag }))
    }
}

async fn write(mut file: File, body: Body) -> Result<(File, u64, [u8; 32]), SpoolError> {
    let (mut size_bytes, mut hash) = (0, Sha256::new());
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.try_next().await.map_err(|error| StorageError::Unreachable(error.to_string()))? {
        size_bytes += chunk.len() as u64;
        let write = move || {
            hash.update(&chunk);
            file.write_all(&chunk).map(|()| (file, hash))
        };
        (file, hash) = spawn_blocking(write).await.map_err(std::io::Error::other)??;
    }
    file.rewind()?;
    Ok((file, size_bytes, hash.finalize().into()))
}
