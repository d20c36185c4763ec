//! Objects that no row knows.

use futures::{StreamExt, TryStreamExt, stream};

use super::{CONCURRENCY, Check, Finding};
use crate::app::App;
use crate::clock::Micros;
use crate::db::{DbError, Tx, contents, discards, images};
use crate::error::Error;
use crate::storage::Listed;
use crate::storage::key::{FOLDERS, Shape};

pub(super) async fn check(check: &mut Check<'_>) -> Result<(), Error> {
    let age = i64::try_from(check.options.min_age.as_micros()).unwrap_or(i64::MAX);
    let young_after = Micros(check.app.clock.now().0.saturating_sub(age));
    for folder in FOLDERS {
        let mut from = None;
        loop {
            let page = check.app.storage.list(folder, from.as_deref()).await?;
            check.looked_at(|progress| progress.objects += page.objects.len());
            for key in unknown(check.app, page.objects, young_after).await? {
                check.found(Finding::UnknownObject { key }).await?;
            }
            from = page.next;
            if from.is_none() {
                break;
            }
        }
    }
    Ok(())
}

/// Of these objects the keys that no row knows, though they are there for a while and still are.
async fn unknown(app: &App, objects: Vec<Listed>, young_after: Micros) -> Result<Vec<String>, Error> {
    let old = objects.into_iter().filter(|object| object.modified_at <= young_after).map(|object| object.key);
    let keys: Vec<String> = old.collect();
    let suspects = app.db.read(move |tx| select_unknown(tx, keys).map_err(Error::from)).await?;
    let still_there = |key: String| async move { Ok::<_, Error>(is_there(app, &key).await?.then_some(key)) };
    let confirmed = stream::iter(suspects).map(still_there).buffered(CONCURRENCY);
    confirmed.try_filter_map(async |key| Ok(key)).try_collect().await
}

fn select_unknown(tx: &mut Tx, keys: Vec<String>) -> Result<Vec<String>, DbError> {
    let mut unknown = Vec::new();
    for key in keys {
        if !is_known(tx, &key)? {
            unknown.push(key);
        }
    }
    Ok(unknown)
}

/// Whether a row stands for the object of this key, be it to remove it.
pub(super) fn is_known(tx: &mut Tx, key: &str) -> Result<bool, DbError> {
    let is_known = match Shape::of(key) {
        None => false,
        Some(Shape::Once) => images::has_incoming_key(tx, key)? || images::has_arrived_key(tx, key)?,
        Some(Shape::Photo(hash)) => contents::has_photo_key(tx, hash, key)?,
        Some(Shape::Preview(hash)) => contents::has_hash(tx, hash)?,
    };
    Ok(is_known || discards::contains(tx, key)?)
}

/// The sweep may have removed it after it was listed. We write no key of another shape, and sweep none.
async fn is_there(app: &App, key: &str) -> Result<bool, Error> {
    Ok(Shape::of(key).is_none() || app.storage.head(key).await?.is_some())
}
