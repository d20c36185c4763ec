//! Rows whose objects are missing, or that do not fit together.

use futures::{StreamExt, TryStreamExt, stream};

use super::{CONCURRENCY, Check, Finding, PAGE};
use crate::app::App;
use crate::db::contents::{self, Counted};
use crate::db::images::{self, Image, ImageState, Scope, Shown};
use crate::db::jobs;
use crate::error::Error;
use crate::storage::key::{PreviewSize, StorageKey};

pub(super) async fn check_images(check: &mut Check<'_>) -> Result<(), Error> {
    let (app, mut after) = (check.app, 0);
    loop {
        let page: Vec<Shown> = app.db.read(move |tx| images::list_shown(tx, after, PAGE).map_err(Error::from)).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        let looked_at = page.len();
        let look = |image: Shown| async move { Ok::<_, Error>((is_lost(app, &image).await?, image)) };
        let looks: Vec<_> = stream::iter(page).map(look).buffered(CONCURRENCY).try_collect().await?;
        for (is_lost, image) in looks {
            if image.state == ImageState::Uploaded && !image.has_job {
                check.found(Finding::NoJob { image_id: image.id }).await?;
            }
            if is_lost {
                check.found(Finding::LostPhoto(image)).await?;
            }
        }
        check.looked_at(|progress| progress.images += looked_at);
    }
}

async fn is_lost(app: &App, image: &Shown) -> Result<bool, Error> {
    if let Some(key) = &image.photo_key
        && app.storage.head(key).await?.is_some()
    {
        return Ok(false);
    }
    // Examined or deleted meanwhile, its photo lies elsewhere, or nowhere by right.
    let id = image.id;
    let now: Option<Image> = app.db.read(move |tx| images::find(tx, Scope::All, id).map_err(Error::from)).await?;
    Ok(now.is_some_and(|now| now.state == image.state && now.photo_key == image.photo_key))
}

pub(super) async fn check_contents(check: &mut Check<'_>) -> Result<(), Error> {
    let (app, mut after) = (check.app, 0);
    loop {
        let page = list(app, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        let looked_at = page.len();
        let look = |content: Counted| async move { Ok::<_, Error>((lost_preview(app, &content).await?, content)) };
        let looks: Vec<_> = stream::iter(page).map(look).buffered(CONCURRENCY).try_collect().await?;
        for (lost, Counted { id: content_id, photo_key, refs, images, image_id, .. }) in looks {
            if refs != images {
                check.found(Finding::WrongCount { content_id, refs, images }).await?;
            }
            if let Some(key) = lost {
                check.found(Finding::LostPreview { content_id, image_id, key, photo_key }).await?;
            }
        }
        check.looked_at(|progress| progress.contents += looked_at);
    }
}

async fn list(app: &App, after: i64, limit: i64) -> Result<Vec<Counted>, Error> {
    app.db.read(move |tx| Ok(contents::list_counted(tx, after, limit)?)).await
}

/// The key of the first preview that is not there.
async fn lost_preview(app: &App, content: &Counted) -> Result<Option<String>, Error> {
    let Some(hash) = hex::decode(&content.sha256).ok().filter(|_| shows_previews(content)) else {
        return Ok(None);
    };
    for size in [PreviewSize::Px320, PreviewSize::Px1600] {
        let key = StorageKey::Preview { content: app.secrets.content_hash(&hash), size }.to_string();
        if app.storage.head(&key).await?.is_none() {
            // Its last image may have gone meanwhile.
            let now = list(app, content.id - 1, 1).await?;
            let still = now.first().is_some_and(|now| now.id == content.id && shows_previews(now));
            return Ok(still.then_some(key));
        }
    }
    Ok(None)
}

fn shows_previews(content: &Counted) -> bool {
    content.has_previews && content.images > 0
}

pub(super) async fn check_jobs(check: &mut Check<'_>) -> Result<(), Error> {
    let (app, mut after) = (check.app, 0);
    loop {
        let page = app.db.read(move |tx| jobs::list_given_up(tx, after, PAGE).map_err(Error::from)).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        for job in page {
            check.found(Finding::GivenUp(job)).await?;
        }
    }
}
