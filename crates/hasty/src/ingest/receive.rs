//! Reads the object once, from its first byte to its last, into a file that has no name and goes with its handle.

use http::StatusCode;

use crate::app::App;
use crate::db::images::Image;
use crate::error::Error;
use crate::jobs::JobError;
use crate::storage::{Spooled, StorageError};

/// All bytes of a photo, and where they lie.
pub(super) struct Received {
    pub(super) photo: Spooled,
    pub(super) key: String,
}

pub(super) async fn receive(app: &App, image: &Image) -> Result<Received, JobError> {
    let key = image.photo_key.clone().ok_or_else(|| JobError::Fail("the image has no object".into()))?;
    let Some(photo) = app.storage.spool(&key, &app.config.place.data_dir).await? else {
        // It may be the bucket that is not there, and comes back.
        return Err(JobError::Retry(missing(&key)));
    };
    Ok(Received { photo, key })
}

fn missing(key: &str) -> Error {
    StorageError::Refused { call: format!("GET {key}"), status: StatusCode::NOT_FOUND, code: "NoSuchKey".into() }.into()
}
