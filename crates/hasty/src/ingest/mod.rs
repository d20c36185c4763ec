//! Ingest: what a client said of a photo becomes a fact. The steps, in their order:
//!
//! 1. [`receive`]: read the object once, into a file that has no name, and hash it on the way
//! 2. [`verify`]: is it what was announced?
//! 3. [`examine`]: type, metadata and previews, in a process that can do no harm
//! 4. [`store`]: bring it to the key of its content, where it lies once for all images that show it
//! 5. [`preview`]: put its previews beside it
//! 6. [`publish`]: the image is *ready*; or [`reject`]: it is *rejected*, with a reason; or, in the end, [`give_up`]
//!
//! Each step can be done again: a job that was cut off begins anew, and only its last transaction shows. Every photo
//! takes every step, be its bytes here already: how long it takes tells nobody what others have sent.

mod examine;
mod give_up;
mod preview;
mod publish;
mod receive;
mod reject;
mod store;
mod verify;

use std::time::Instant;

use tracing::Instrument;

use crate::app::App;
use crate::db::images::{self, Image, ImageState, Scope};
use crate::db::jobs::{self, Job};
use crate::domain::rejection::Rejection;
use crate::error::Error;
use crate::jobs::JobError;
use crate::{telemetry, traces};
pub use give_up::give_up;
use publish::Findings;

/// Why a photo leaves the steps early.
enum Stop {
    Reject(Rejection),
    Job(JobError),
}

impl<E: Into<JobError>> From<E> for Stop {
    fn from(error: E) -> Stop {
        Stop::Job(error.into())
    }
}

/// Makes an uploaded image ready or rejected. One that is neither any more needs nothing.
pub async fn ingest(app: &App, job: &Job) -> Result<(), JobError> {
    let id: i64 = job.key.parse().map_err(|_| JobError::Fail(format!("\"{}\" is no image's id", job.key)))?;
    let found: Option<Image> = app.db.read(move |tx| images::find(tx, Scope::All, id).map_err(Error::from)).await?;
    let Some(image) = found.filter(|image| image.state == ImageState::Uploaded) else {
        return forget(app, job).await;
    };
    let began = Instant::now();
    let span = traces::ingest(image.id);
    let (outcome, result) = match judge(app, job, &image).instrument(span.clone()).await {
        Ok(Some(shown)) => (shown, Ok(())),
        Ok(None) => {
            tracing::info!(image = image.id, "examined in vain: others were faster, or it is not wanted any more");
            ("in_vain", Ok(()))
        }
        Err(error) => ("failed", Err(error)),
    };
    telemetry::ingest_ended(outcome, began.elapsed());
    span.record("outcome", outcome);
    result
}

/// Answers what the image has become; `None`: nothing by this.
async fn judge(app: &App, job: &Job, image: &Image) -> Result<Option<&'static str>, JobError> {
    match steps(app, job, image).await {
        Ok(is_published) => Ok(is_published.then_some("ready")),
        Err(Stop::Reject(rejection)) => Ok(reject::reject(app, job, image, rejection).await?.then_some("rejected")),
        Err(Stop::Job(error)) => Err(error),
    }
}

async fn steps(app: &App, job: &Job, image: &Image) -> Result<bool, Stop> {
    let received = receive::receive(app, image).instrument(traces::step("receive")).await?;
    verify::verify(image, &received)?;
    let examined = examine::examine(app, job, &received).instrument(traces::step("examine")).await?;
    let content = store::store(app, image, &received, &examined).instrument(traces::step("store")).await?;
    let looks = preview::preview(app, &content, &examined).instrument(traces::step("preview")).await?;
    let findings = Findings { received, examined, content, looks };
    Ok(publish::publish(app, job, image, findings).instrument(traces::step("publish")).await?)
}

async fn forget(app: &App, job: &Job) -> Result<(), JobError> {
    let job = job.clone();
    app.db.write(move |tx| jobs::finish(tx, &job).map_err(Error::from)).await?;
    Ok(())
}
