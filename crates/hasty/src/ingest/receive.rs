//! Reads the object once, from its first byte to its last, into a file that has no name and goes with its handle.

use std::fs::File;
use std::io::{Seek, Write};

use axum::body::Body;
use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use crate::app::App;
use crate::db::images::Image;
use crate::error::Error;
use crate::jobs::JobError;
use crate::storage::StorageError;

/// All bytes of a photo, and what they are.
pub(super) struct Received {
    /// At its start.
    pub(super) file: File,
    pub(super) size_bytes: u64,
    pub(super) sha256: [u8; 32],
    /// Of the object that was read.
    pub(super) etag: String,
    /// Where it lies.
    pub(super) key: String,
}

pub(super) async fn receive(app: &App, image: &Image) -> Result<Received, JobError> {
    let key = image.photo_key.clone().ok_or_else(|| JobError::Fail("the image has no object".into()))?;
    let Some((head, body)) = app.storage.read(&key).await? else {
        return Err(JobError::Fail(format!("the object {key} is not in storage")));
    };
    let file = tempfile::tempfile_in(&app.config.place.data_dir).map_err(Error::from)?;
    let (file, size_bytes, sha256) = write(file, body).await?;
    if size_bytes != head.size_bytes {
        return Err(StorageError::Unreachable(format!("{key} ended after {size_bytes} bytes")).into());
    }
    Ok(Received { file, size_bytes, sha256, etag: head.etag, key })
}

async fn write(mut file: File, body: Body) -> Result<(File, u64, [u8; 32]), JobError> {
    let (mut size_bytes, mut hash) = (0, Sha256::new());
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.try_next().await.map_err(|error| StorageError::Unreachable(error.to_string()))? {
        size_bytes += chunk.len() as u64;
        let write = move || {
            hash.update(&chunk);
            file.write_all(&chunk).map(|()| (file, hash))
        };
        (file, hash) = spawn_blocking(write).await.map_err(|_| Error::Panicked)?.map_err(Error::from)?;
    }
    file.rewind().map_err(Error::from)?;
    Ok((file, size_bytes, hash.finalize().into()))
}
