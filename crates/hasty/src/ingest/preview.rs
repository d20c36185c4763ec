//! Puts a photo's previews beside it, under keys of its content.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::examine::Examined;
use super::store::Content;
use crate::app::App;
use crate::db::contents::Looks;
use crate::jobs::JobError;
use crate::storage::key::{PreviewSize, StorageKey};

/// `None`: there are none.
pub(super) async fn preview(app: &App, content: &Content, examined: &Examined) -> Result<Option<Looks>, JobError> {
    let Some(previews) = &examined.previews else {
        return Ok(None);
    };
    for (size, bytes) in [(PreviewSize::Px320, &previews.small), (PreviewSize::Px1600, &previews.large)] {
        let key = StorageKey::Preview { content: content.hash, size }.to_string();
        app.storage.put(&key, previews.content_type.mime(), Bytes::from(bytes.clone())).await?;
    }
    Ok(Some(Looks {
        previews: previews.content_type.mime().to_owned(),
        thumb_hash: STANDARD.encode(&previews.thumb_hash),
        perceptual_hash: previews.perceptual_hash,
    }))
}
