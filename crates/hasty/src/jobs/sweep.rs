//! Removes what no image needs any more, each only once the last link to it has ended: uploads whose photos have moved,
//! parts of what never became whole, copies that an image no longer shows, bytes that no image shows, and images that can never arrive.
//!
//! An upload must stay writable until then: a guest whose answer was lost sends the same bytes again, and has to
//! succeed. What cannot be removed waits for the next time, and holds nothing else up.

use std::slice;
use std::time::Duration;

use crate::app::App;
use crate::clock::Micros;
use crate::db::contents::{self, Doomed};
use crate::db::image_states::{self, Due};
use crate::db::{DbError, Tx, discards, events, picks, uploads};
use crate::domain::events::KEPT;
use crate::error::Error;
use crate::storage::StorageError;
use crate::storage::key::{PreviewSize, StorageKey};

const BATCH: i64 = 200;
/// Objects that one sweeper takes upon itself at once. They are due for others after `GRACE`.
const REMOVED_AT_ONCE: i64 = 20;
/// After this it removes none of them any more, be it that it was frozen: a second sweeper may have them by `GRACE`, and what
/// that one has removed may be stored anew. A call takes 30 seconds at most.
const REMOVED_WITHIN: Duration = Duration::from_secs(1800);
/// Clocks differ, and an upload that began before the link's end may still run.
const GRACE: Duration = Duration::from_secs(3600);
/// An ended invitation may come back to life: its guest then still sees what was missing.
const PICKS_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Answers how much was removed.
pub async fn sweep(app: &App) -> Result<usize, Error> {
    let ended_before = Micros(app.clock.now().0 - GRACE.as_micros() as i64);
    abandon_images(app, ended_before).await?;
    forget(app).await?;
    Ok(sweep_uploads(app, ended_before).await?
        + sweep_discards(app, ended_before).await?
        + sweep_contents(app, ended_before).await?)
}

/// News, and what guests of ended invitations have picked: nobody asks for it any more.
async fn forget(app: &App) -> Result<(), Error> {
    let before = |age: Duration| Micros(app.clock.now().0 - age.as_micros() as i64);
    let (events_before, picks_before) = (before(KEPT), before(PICKS_KEPT));
    let prune = move |tx: &mut Tx<'_>| {
        Ok::<_, Error>(events::prune(tx, events_before, BATCH)? + picks::prune(tx, picks_before, BATCH)?)
    };
    while app.db.write(prune).await? > 0 {}
    Ok(())
}

/// Images that never arrived, and cannot any more, since their invitation has ended.
async fn abandon_images(app: &App, ended_before: Micros) -> Result<(), Error> {
    let now = app.clock.now();
    let abandon = move |tx: &mut Tx<'_>| {
        let abandoned = image_states::list_abandoned(tx, ended_before, BATCH)?;
        for id in &abandoned {
            image_states::abandon(tx, *id, ended_before, now)?;
        }
        Ok::<_, Error>(abandoned.len())
    };
    while app.db.write(abandon).await? > 0 {}
    Ok(())
}

async fn sweep_uploads(app: &App, ended_before: Micros) -> Result<usize, Error> {
    let (mut swept, mut after) = (0, None);
    loop {
        let due: Vec<Due> = app
            .db
            .read(move |tx| image_states::list_to_sweep(tx, ended_before, after, BATCH).map_err(Error::from))
            .await?;
        let Some(last) = due.last() else {
            return Ok(swept);
        };
        after = Some((last.incoming_until, last.id));
        for due in due {
            match remove_incoming(app, &due).await {
                Ok(()) => {
                    app.db.write(move |tx| forget_incoming(tx, due.id).map_err(Error::from)).await?;
                    swept += 1;
                }
                Err(error) => tracing::warn!(%error, image = due.id, "cannot remove an upload whose photo has moved"),
            }
        }
    }
}

async fn remove_incoming(app: &App, due: &Due) -> Result<(), StorageError> {
    if due.in_parts {
        app.storage.abort_uploads(&due.incoming_key).await?;
    }
    app.storage.delete(&due.incoming_key).await
}

fn forget_incoming(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    uploads::delete(tx, id)?;
    image_states::mark_swept(tx, id)
}

async fn sweep_discards(app: &App, ended_before: Micros) -> Result<usize, Error> {
    let mut swept = 0;
    loop {
        let now = app.clock.now();
        let doom = move |tx: &mut Tx<'_>| discards::doom(tx, ended_before, now, REMOVED_AT_ONCE).map_err(Error::from);
        let keys: Vec<String> = app.db.write(doom).await?;
        if keys.is_empty() {
            return Ok(swept);
        }
        for key in keys {
            let removed = remove(app, slice::from_ref(&key), now).await;
            if matches!(removed, Ok(Removed::TooLate)) {
                break;
            }
            swept += usize::from(removed.is_ok());
            let next_time = app.clock.now();
            let forget = move |tx: &mut Tx<'_>| match removed {
                Ok(_) => Ok::<_, Error>(discards::delete(tx, &key)?),
                Err(error) => {
                    tracing::warn!(%error, key, "cannot remove an object that no image needs");
                    Ok(discards::put_off(tx, &key, next_time)?)
                }
            };
            app.db.write(forget).await?;
        }
    }
}

async fn sweep_contents(app: &App, ended_before: Micros) -> Result<usize, Error> {
    let mut swept = 0;
    loop {
        let now = app.clock.now();
        let doom = move |tx: &mut Tx<'_>| contents::doom(tx, ended_before, now, REMOVED_AT_ONCE).map_err(Error::from);
        let doomed: Vec<Doomed> = app.db.write(doom).await?;
        if doomed.is_empty() {
            return Ok(swept);
        }
        for content in doomed {
            let removed = remove(app, &keys(app, &content), now).await;
            if matches!(removed, Ok(Removed::TooLate)) {
                break;
            }
            swept += usize::from(removed.is_ok());
            let next_time = app.clock.now();
            let forget = move |tx: &mut Tx<'_>| match removed {
                Ok(_) => Ok::<_, Error>(contents::delete(tx, content.id)?),
                Err(error) => {
                    tracing::warn!(%error, content = content.id, "cannot remove a photo that no image shows");
                    Ok(contents::put_off(tx, content.id, next_time)?)
                }
            };
            app.db.write(forget).await?;
        }
    }
}

/// Of its previews and of the photo.
fn keys(app: &App, content: &Doomed) -> [String; 3] {
    let hash = app.secrets.content_hash(&hex::decode(&content.sha256).unwrap_or_default());
    let preview = |size| StorageKey::Preview { content: hash, size }.to_string();
    [preview(PreviewSize::Px320), preview(PreviewSize::Px1600), content.photo_key.clone()]
}

enum Removed {
    All,
    /// What is left may be another sweeper's.
    TooLate,
}

async fn remove(app: &App, keys: &[String], doomed_at: Micros) -> Result<Removed, StorageError> {
    for key in keys {
        if app.clock.now() > doomed_at + REMOVED_WITHIN {
            return Ok(Removed::TooLate);
        }
        app.storage.delete(key).await?;
    }
    Ok(Removed::All)
}
