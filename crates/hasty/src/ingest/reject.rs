//! Makes the image *rejected*, with a reason that the guest reads; its object goes.

use crate::app::App;
use crate::clock::Micros;
use crate::db::images::{Image, Scope};
use crate::db::jobs::{self, Job};
use crate::db::{DbError, Tx, image_states, picks};
use crate::domain::rejection::Rejection;
use crate::domain::{changes, images as photos};
use crate::error::Error;
use crate::jobs::JobError;
use crate::telemetry;

pub(super) async fn reject(app: &App, job: &Job, image: &Image, rejection: Rejection) -> Result<bool, JobError> {
    let (job, id, now) = (job.clone(), image.id, app.clock.now());
    if !app.db.write(move |tx| record(tx, &job, id, rejection, now).map_err(Error::from)).await? {
        return Ok(false);
    }
    app.watching.ring();
    telemetry::images_became("rejected", 1);
    tracing::info!(image = image.id, reason = rejection.code(), "rejected an upload");
    // The sweep would do it, too, and does it again where an upload link still lives.
    for key in [Some(&image.incoming_key), image.photo_key.as_ref()].into_iter().flatten() {
        if let Err(error) = app.storage.delete(key).await {
            tracing::warn!(%error, image = image.id, "cannot remove a rejected upload yet");
        }
    }
    Ok(true)
}

/// False where somebody else has this job by now, or the image is not to be rejected any more: its object stays.
fn record(tx: &mut Tx, job: &Job, id: i64, rejection: Rejection, now: Micros) -> Result<bool, DbError> {
    // In this order, as `publish` does.
    let image = image_states::lock(tx, Scope::All, id)?;
    if !jobs::finish(tx, job)? {
        return Ok(false);
    }
    let Some(image) = image else {
        return Ok(false);
    };
    if !image_states::reject(tx, id, rejection.code())? {
        return Ok(false);
    }
    photos::let_go(tx, &image, now)?;
    picks::miss_again(tx, id)?;
    changes::follow(tx, &image, now)?;
    Ok(true)
}
