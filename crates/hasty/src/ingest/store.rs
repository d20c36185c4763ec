//! Brings the photo to the key of its content. The database counts who shows it before the copy is made, so that nobody
//! removes it meanwhile, and no crash leaves an object that no row knows.

use super::Stop;
use super::examine::Examined;
use super::receive::Received;
use crate::app::App;
use crate::db::contents::Stored;
use crate::db::images::{self, Image, Scope};
use crate::db::{DbError, Tx, contents, discards, image_states};
use crate::error::Error;
use crate::jobs::JobError;
use crate::storage::key::{ContentHash, PreviewSize, StorageKey};

/// Where a photo's bytes lie, once for all images that show them.
pub(super) struct Content {
    pub(super) id: i64,
    pub(super) hash: ContentHash,
    pub(super) photo_key: String,
}

pub(super) async fn store(app: &App, image: &Image, received: &Received, examined: &Examined) -> Result<Content, Stop> {
    let Received { photo, key: from } = received;
    let hash = app.secrets.content_hash(&photo.sha256);
    let key = StorageKey::Photo { content: hash, file_type: Some(examined.file_type) }.to_string();
    let (image_id, sha256) = (image.id, hex::encode(photo.sha256));
    let stored = app.db.write(move |tx| retain(tx, image_id, hash, &sha256, &key).map_err(Error::from)).await?;
    // Where an earlier version took the same bytes for another type, that one's key stays theirs.
    let Stored { id, photo_key } = stored.ok_or(JobError::Retry(Error::Changing))?;
    let content_type = examined.file_type.mime();
    if photo.came_in_parts() {
        // A copy keeps its source's ETag: whoever has sent the same bytes would see that they came anew, and how.
        app.storage.put_spooled(&photo_key, content_type, photo).await.map_err(Error::from)?;
    } else {
        app.storage.copy(from, &photo.etag, &photo_key, content_type).await?;
    }
    Ok(Content { id, hash, photo_key })
}

/// `None`: the bytes are just being removed, or the image is.
fn retain(
    tx: &mut Tx,
    image_id: i64,
    content: ContentHash,
    sha256: &str,
    photo_key: &str,
) -> Result<Option<Stored>, DbError> {
    let Some(image) = images::find(tx, Scope::All, image_id)? else {
        return Ok(None);
    };
    if let Some(id) = image.content_id {
        // This work was begun before.
        return contents::find(tx, id);
    }
    // Previews that `hasty check` found without a photo have one again.
    for size in [PreviewSize::Px320, PreviewSize::Px1600] {
        if !discards::reclaim(tx, &StorageKey::Preview { content, size }.to_string())? {
            return Ok(None);
        }
    }
    let Some(stored) = contents::retain(tx, sha256, photo_key)? else {
        return Ok(None);
    };
    if image_states::update_content(tx, image_id, stored.id)? {
        return Ok(Some(stored));
    }
    Err(DbError::Unavailable("the image has changed".into()))
}
