//! Makes the image *rejected*, with a reason that the guest reads, in the transaction that ends its job.

use crate::app::App;
use crate::clock::Micros;
use crate::db::images::{Image, Scope};
use crate::db::jobs::{self, Job};
use crate::db::{DbError, Tx, image_states};
use crate::domain::images as photos;
use crate::domain::rejection::Rejection;
use crate::error::Error;
use crate::jobs::JobError;
use crate::telemetry;

/// False where somebody else has this job by now, or the image is not to be rejected any more: its object stays.
pub(super) async fn reject(app: &App, job: &Job, image: &Image, rejection: Rejection) -> Result<bool, JobError> {
    let (job, id, now) = (job.clone(), image.id, app.clock.now());
    let links_end = now + app.link_ttl();
    let record = move |tx: &mut Tx<'_>| record(tx, &job, id, rejection, now, links_end);
    let is_rejected = app.db.write(move |tx| record(tx).map_err(Error::from)).await?;
    if is_rejected {
        app.watching.ring(image.invitation_id);
        telemetry::images_became("rejected", 1);
        tracing::info!(image = image.id, reason = rejection.code(), "rejected an upload");
    }
    Ok(is_rejected)
}

fn record(
    tx: &mut Tx,
    job: &Job,
    id: i64,
    rejection: Rejection,
    now: Micros,
    links_end: Micros,
) -> Result<bool, DbError> {
    // In this order, as `publish` does.
    let image = image_states::lock(tx, Scope::All, id)?;
    if !jobs::finish(tx, job)? {
        return Ok(false);
    }
    let Some(image) = image else {
        return Ok(false);
    };
    photos::reject(tx, &image, rejection, now, links_end)
}
