//! Reads the object once, from its first byte to its last, into a file that has no name and goes with its handle.

use std::fs::File;

use http::StatusCode;

use crate::app::App;
use crate::db::images::Image;
use crate::error::Error;
use crate::jobs::JobError;
use crate::storage::{Spooled, StorageError};

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
    let Some(spooled) = app.storage.spool(&key, &app.config.place.data_dir).await? else {
        // It may be the bucket that is not there, and comes back.
        return Err(JobError::Retry(missing(&key)));
    };
    let Spooled { file, size_bytes, sha256, etag } = spooled;
    Ok(Received { file, size_bytes, sha256, etag, key })
}

fn missing(key: &str) -> Error {
    StorageError::Refused { call: format!("GET {key}"), status: StatusCode::NOT_FOUND, code: "NoSuchKey".into() }.into()
}
