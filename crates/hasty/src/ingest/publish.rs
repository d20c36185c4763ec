//! Makes the image *ready*, in the transaction that ends its job: whoever else has begun the same work shows nothing.

use serde_json::{Map, Value, json};

use super::examine::Examined;
use super::receive::Received;
use super::store::Content;
use crate::app::App;
use crate::clock::Micros;
use crate::db::contents::{self, Looks};
use crate::db::image_states::{self, Truth};
use crate::db::images::{Image, Scope};
use crate::db::invitations::{self, LocationPolicy};
use crate::db::jobs::{self, Job};
use crate::db::{DbError, Tx, discards};
use crate::domain::{changes, claim, location};
use crate::error::Error;
use crate::jobs::JobError;
use crate::telemetry;

/// What all steps have found out.
pub(super) struct Findings {
    pub(super) received: Received,
    pub(super) examined: Examined,
    pub(super) content: Content,
    pub(super) looks: Option<Looks>,
}

/// False where somebody else has this job by now, or the image waits for nothing any more.
pub(super) async fn publish(app: &App, job: &Job, image: &Image, findings: Findings) -> Result<bool, JobError> {
    let (job, id, now) = (job.clone(), image.id, app.clock.now());
    let links_end = now + app.link_ttl();
    let is_published =
        app.db.write(move |tx| record(tx, &job, id, findings, now, links_end).map_err(Error::from)).await?;
    if is_published {
        telemetry::images_became("ready", 1);
        app.watching.ring(image.invitation_id);
    }
    Ok(is_published)
}

fn record(
    tx: &mut Tx,
    job: &Job,
    id: i64,
    findings: Findings,
    now: Micros,
    links_end: Micros,
) -> Result<bool, DbError> {
    // The image before its job: whoever deletes it takes the two in the same order, and nobody waits in a circle.
    let image = image_states::lock(tx, Scope::All, id)?;
    if !jobs::finish(tx, job)? {
        return Ok(false);
    }
    let Some(image) = image else {
        return Ok(false);
    };
    let Findings { received, examined, content, looks } = findings;
    let invitation = invitations::find(tx, image.invitation_public_id)?;
    let policy = invitation.map_or(LocationPolicy::Strip, |invitation| invitation.location);
    let read = reading(&examined);
    let metadata = claim::merge(claim::stored(&image.metadata), read);
    let truth = Truth {
        size_bytes: i64::try_from(received.photo.size_bytes).unwrap_or(i64::MAX),
        file_type: examined.file_type.mime().to_owned(),
        sha256: hex::encode(received.photo.sha256),
        photo_key: content.photo_key,
        metadata: location::apply(policy, metadata),
        warnings: location::warnings(policy, examined.warnings),
    };
    if !image_states::publish(tx, id, truth)? {
        return Ok(false);
    }
    if let Some(looks) = looks {
        contents::update_looks(tx, content.id, &looks)?;
    }
    // The links that were given out so far lead to where it has lain.
    discards::insert(tx, &received.key, links_end)?;
    changes::follow(tx, &image, now)?;
    Ok(true)
}

fn reading(examined: &Examined) -> Map<String, Value> {
    match json!(examined.metadata) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
