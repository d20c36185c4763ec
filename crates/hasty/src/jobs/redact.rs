//! Takes places out of what is stored of an invitation's photos, once its owner wants less of them.

use super::JobError;
use crate::app::App;
use crate::db::images::{self, After, Image, Scope};
use crate::db::invitations::LocationPolicy;
use crate::db::jobs::{self, Job};
use crate::db::{DbError, Tx, image_states, invitations};
use crate::domain::{claim, location};
use crate::error::Error;

const BATCH: i64 = 200;

pub async fn redact(app: &App, job: &Job) -> Result<(), JobError> {
    let id: i64 = job.key.parse().map_err(|_| JobError::Fail(format!("\"{}\" is no invitation's id", job.key)))?;
    let mut after = None;
    while let Some(last) = app.db.write(move |tx| redact_some(tx, id, after).map_err(Error::from)).await? {
        after = Some(last);
    }
    let job = job.clone();
    app.db.write(move |tx| jobs::finish(tx, &job).map_err(Error::from)).await?;
    Ok(())
}

/// Answers where the next batch begins; `None`: there is none.
fn redact_some(tx: &mut Tx, invitation_id: i64, after: Option<After>) -> Result<Option<After>, DbError> {
    let places = images::list_oldest_first(tx, invitation_id, after, BATCH)?;
    for place in &places {
        if let Some(image) = image_states::lock(tx, Scope::Invitation(invitation_id), place.id)? {
            redact_one(tx, &image)?;
        }
    }
    Ok(places.last().copied())
}

fn redact_one(tx: &mut Tx, image: &Image) -> Result<(), DbError> {
    let invitation = invitations::find(tx, image.invitation_public_id)?;
    let policy = invitation.map_or(LocationPolicy::Strip, |invitation| invitation.location);
    let stored = claim::stored(&image.metadata);
    let kept = location::apply(policy, stored.clone());
    if kept == stored { Ok(()) } else { image_states::update_metadata(tx, image.id, &kept) }
}
