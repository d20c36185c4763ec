//! Looking at photos, and deleting them.

use uuid::Uuid;

use crate::app::App;
use crate::clock::Micros;
use crate::db::images::{self, After, Image, ImageState, Scope};
use crate::db::jobs::{self, JobKind};
use crate::db::{DbError, Tx, contents, discards, image_states, picks};
use crate::domain::rejection::Rejection;
use crate::domain::{changes, parts};
use crate::error::Error;
use crate::storage::key;
use crate::telemetry;

/// Rows that are read at a time, and what a page weighs at least before it ends early: a guest can fill every field, with
/// 80 kB of JSON in a row.
const STEP: i64 = 50;
const PAGE_BYTES: usize = 2 << 20;

/// A part of a list.
pub struct Page {
    pub images: Vec<Image>,
    /// Behind which the list goes on; `None`: this is its end.
    pub next: Option<After>,
}

/// Newest update first, at most `limit`, and fewer where they weigh much.
pub async fn page(app: &App, scope: Scope, after: Option<After>, limit: i64) -> Result<Page, Error> {
    app.db.read(move |tx| Ok(read_page(tx, scope, after, limit)?)).await
}

fn read_page(tx: &mut Tx, scope: Scope, after: Option<After>, limit: i64) -> Result<Page, DbError> {
    let (mut page, mut bytes) = (Page { images: Vec::new(), next: after }, 0);
    loop {
        let step = STEP.min(limit - page.images.len() as i64);
        let mut found = images::list(tx, scope, page.next, step + 1)?;
        let is_end = found.len() as i64 <= step;
        found.truncate(step as usize);
        bytes += found.iter().map(|image| image.metadata.len()).sum::<usize>();
        page.images.append(&mut found);
        page.next = page.images.last().filter(|_| !is_end).map(After::from);
        if is_end || page.images.len() as i64 == limit || bytes >= PAGE_BYTES {
            return Ok(page);
        }
    }
}

pub async fn find(app: &App, scope: Scope, id: i64) -> Result<Image, Error> {
    let found: Option<Image> = app.db.read(move |tx| images::find(tx, scope, id).map_err(Error::from)).await?;
    found.ok_or(Error::NotFound)
}

/// Deletes an image. Its bytes stay while another image shows them, and until the last link to them has ended.
pub async fn delete(app: &App, scope: Scope, id: i64) -> Result<(), Error> {
    let now = app.clock.now();
    let links_end = now + app.link_ttl();
    let deleted: Option<Image> =
        app.db.write(move |tx| delete_image(tx, scope, id, now, links_end).map_err(Error::from)).await?;
    let image = deleted.ok_or(Error::NotFound)?;
    app.watching.ring(image.invitation_id);
    telemetry::images_became("deleted", 1);
    if image.state == ImageState::Pending
        && let Err(error) = parts::abort_deleted(app, &image).await
    {
        // The sweep looks for them once more.
        tracing::warn!(%error, image = id, "cannot remove the parts of a deleted image");
    }
    Ok(())
}

/// Answers what it was.
fn delete_image(tx: &mut Tx, scope: Scope, id: i64, now: Micros, links_end: Micros) -> Result<Option<Image>, DbError> {
    let Some(image) = image_states::lock(tx, scope, id)? else {
        return Ok(None);
    };
    let_go(tx, &image, links_end)?;
    image_states::delete(tx, id, now)?;
    jobs::delete(tx, JobKind::Ingest, id)?;
    picks::delete_of_image(tx, id)?;
    changes::follow(tx, &image, now)?;
    Ok(Some(image))
}

/// Tells an image's guest that it is not kept, and why. What it has brought goes as what is deleted does: a link that was
/// given out, and a backup that was begun before, still find it. False where it has become something else.
pub fn reject(
    tx: &mut Tx,
    image: &Image,
    rejection: Rejection,
    now: Micros,
    links_end: Micros,
) -> Result<bool, DbError> {
    if !image_states::reject(tx, image.id, rejection.code())? {
        return Ok(false);
    }
    let_go(tx, image, links_end)?;
    picks::miss_again(tx, image.id)?;
    changes::follow(tx, image, now)?;
    Ok(true)
}

/// Takes an image's bytes from it: an object of its own is to go, of a shared one it is one image less.
fn let_go(tx: &mut Tx, image: &Image, links_end: Micros) -> Result<(), DbError> {
    if let Some(content_id) = image.content_id {
        contents::release(tx, content_id, links_end)?;
    }
    match &image.photo_key {
        Some(key) if !image.state.is_final() => discards::insert(tx, key, links_end),
        _ => Ok(()),
    }
}

/// The small one and the large one; `None`: there are none.
pub fn preview_keys(image: &Image) -> Option<[String; 2]> {
    image.previews.as_ref()?;
    key::preview_keys(image.photo_key.as_deref()?)
}

/// The photo's logical name: never a token, and not where storage keeps it.
pub fn logical_folder(invitation_public_id: Uuid, id: i64) -> String {
    format!("{invitation_public_id}/{id}/")
}

/// `<id>.<ext>`
pub fn logical_filename(id: i64, extension: &str) -> String {
    format!("{id}{extension}")
}
