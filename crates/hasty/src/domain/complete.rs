//! Completing uploads: what a guest says has arrived is looked up in storage, and moved to where no link can write.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{StreamExt, stream};
use metadata::{FileType, SNIFF_BYTES, sniff};
use serde_json::{Map, Value};
use tracing::Instrument;
use uuid::Uuid;

use crate::app::App;
use crate::clock::Micros;
use crate::db::image_states::{self, Arrival};
use crate::db::images::{self as rows, Image, ImageState, Scope};
use crate::db::invitations::{self, Invitation, LocationPolicy, Quota};
use crate::db::jobs::{self, JobKind};
use crate::db::uploads::{self, Upload};
use crate::db::{DbError, Tx, agreements, discards, picks};
use crate::domain::rejection::Rejection;
use crate::domain::{changes, claim, images, location, parts, quota};
use crate::error::Error;
use crate::storage::key::StorageKey;
use crate::storage::{ObjectHead, StorageError};
use crate::telemetry;

/// Files of one request that are looked up in storage at the same time.
const CONCURRENCY: usize = 16;
/// How often a file may change under our hands before we say so.
const ATTEMPTS: usize = 3;

/// How long a copy may lie without an image: longer than it can take to make it and to record it.
const UNCLAIMED: Duration = Duration::from_secs(6 * 3600);

/// What a guest says about a file that has arrived. Its size and type are not in here: storage knows them.
pub struct Completion {
    pub file: i64,
    /// As [`claim::parse`] answers it.
    pub metadata: Map<String, Value>,
    /// Which of the guest's picks it is.
    pub pick: Option<i64>,
}

/// Completes each file; what is wrong with one never hurts another. Answers the ids.
pub async fn complete_all(
    app: &Arc<App>,
    invitation: &Invitation,
    files: Vec<Result<Completion, Error>>,
) -> Vec<Result<i64, Error>> {
    let each = |file: Result<Completion, Error>| async move { complete(app, invitation, file?).await };
    stream::iter(files).map(each).buffered(CONCURRENCY).collect().await
}

/// Idempotent: a second call finds the photo uploaded and only takes the metadata.
pub async fn complete(app: &Arc<App>, invitation: &Invitation, completion: Completion) -> Result<i64, Error> {
    // On a task of its own: a client that goes away must not part the copy from its record.
    let work = move_and_record(app.clone(), invitation.clone(), completion);
    tokio::spawn(work.in_current_span()).await.unwrap_or(Err(Error::Panicked))
}

async fn move_and_record(app: Arc<App>, invitation: Invitation, completion: Completion) -> Result<i64, Error> {
    let app = app.as_ref();
    let (id, scope) = (completion.file, Scope::Invitation(invitation.id));
    let found: (Option<Image>, Option<Upload>) =
        app.db.read(move |tx| Ok::<_, Error>((rows::find(tx, scope, id)?, uploads::find(tx, scope, id)?))).await?;
    let image = found.0.ok_or(Error::NotFound)?;
    let arrival = match image.state {
        ImageState::Pending => {
            if let Some(upload) = &found.1 {
                parts::assemble(app, &image, upload).await?;
            }
            match fetch_in(app, &image.incoming_key).await {
                Err(Error::FileTooLarge { .. }) => return Err(refuse(app, invitation.id, id).await?),
                fetched => Some(fetched?),
            }
        }
        ImageState::Rejected if image.rejection.as_deref() == Some(Rejection::TooLarge.code()) => {
            return Err(too_large(app));
        }
        _ => None,
    };
    let (copy, now) = (arrival.as_ref().map(|arrival| arrival.photo_key.clone()), app.clock.now());
    let size_bytes = arrival.as_ref().map_or(0, |arrival| arrival.size_bytes);
    let (has_quota, place) = (invitation.quota != Quota::default(), app.config.photos_place());
    let record = move |tx: &mut Tx<'_>| {
        let recorded = record(tx, scope, now, completion, arrival)?;
        // `record` holds the image: a move has seen this photo, or is seen here.
        if agreements::find_moved(tx, &place)?.is_some() {
            return Err(DbError::Unavailable("what it holds was moved elsewhere".into()).into());
        }
        if has_quota && matches!(recorded, Recorded::Arrived) {
            // Two that arrive at once meet at the counts, which `record` has moved: the second one sees both.
            quota::exceeded(tx, invitation.public_id)??;
        }
        Ok::<_, Error>(recorded)
    };
    let recorded = app.db.write(record).await?;
    if let (Some(copy), Recorded::AlreadyThere | Recorded::Gone) = (copy, &recorded) {
        discard(app, copy).await?;
    }
    match recorded {
        Recorded::Gone => Err(Error::NotFound),
        Recorded::Swept => Err(Error::Changing),
        Recorded::AlreadyThere => Ok(id),
        Recorded::Arrived => {
            app.job_bell.notify_one();
            app.watching.ring(invitation.id);
            telemetry::images_became("uploaded", 1);
            telemetry::bytes_arrived(size_bytes.unsigned_abs());
            Ok(id)
        }
    }
}

/// Nobody brings a smaller file by the same link: it is rejected, and the object goes when the link has ended.
async fn refuse(app: &App, invitation_id: i64, id: i64) -> Result<Error, Error> {
    let (now, links_end) = (app.clock.now(), app.clock.now() + app.link_ttl());
    let reject = move |tx: &mut Tx<'_>| match image_states::lock(tx, Scope::Invitation(invitation_id), id)? {
        Some(image) if image.state == ImageState::Pending => {
            Ok::<_, Error>(images::reject(tx, &image, Rejection::TooLarge, now, links_end)?)
        }
        _ => Ok(false),
    };
    if app.db.write(reject).await? {
        app.watching.ring(invitation_id);
        telemetry::images_became("rejected", 1);
    }
    Ok(too_large(app))
}

fn too_large(app: &App) -> Error {
    Error::FileTooLarge { limit_bytes: app.config.max_file_bytes }
}

/// Another request was first: this copy belongs to nobody.
async fn discard(app: &App, copy: String) -> Result<(), Error> {
    app.storage.delete(&copy).await?;
    app.db.write(move |tx| Ok(discards::delete(tx, &copy)?)).await
}

enum Recorded {
    Arrived,
    AlreadyThere,
    Gone,
    /// It took so long that the copy was discarded meanwhile.
    Swept,
}

fn record(
    tx: &mut Tx,
    scope: Scope,
    now: Micros,
    completion: Completion,
    arrival: Option<Arrival>,
) -> Result<Recorded, DbError> {
    let Some(image) = image_states::lock(tx, scope, completion.file)? else {
        return Ok(Recorded::Gone);
    };
    image_states::touch(tx, image.id, now)?;
    if !completion.metadata.is_empty() {
        let stored = claim::stored(&image.metadata);
        let metadata = match image.state {
            // What the server has read itself, no claim changes.
            ImageState::Ready => claim::merge(completion.metadata, stored),
            _ => claim::merge(stored, completion.metadata),
        };
        // Of this moment: the owner may have chosen less since the request began.
        let policy = invitations::find(tx, image.invitation_public_id)?.map(|invitation| invitation.location);
        let kept = location::apply(policy.unwrap_or(LocationPolicy::Strip), metadata);
        image_states::update_metadata(tx, image.id, &kept)?;
    }
    let recorded = match arrival {
        Some(arrival) if image.state == ImageState::Pending => {
            if !discards::keep(tx, &arrival.photo_key)? {
                return Ok(Recorded::Swept);
            }
            image_states::arrive(tx, image.id, arrival)?;
            jobs::insert(tx, JobKind::Ingest, image.id, now)?;
            Recorded::Arrived
        }
        _ => Recorded::AlreadyThere,
    };
    if let Some(pick) = completion.pick
        && (image.state.has_photo() || matches!(recorded, Recorded::Arrived))
    {
        picks::arrive(tx, image.invitation_id, pick, image.id)?;
    }
    changes::follow(tx, &image, now)?;
    Ok(recorded)
}

/// Asks storage for the object, and copies it to a key that no link can write.
async fn fetch_in(app: &App, incoming_key: &str) -> Result<Arrival, Error> {
    for _ in 0..ATTEMPTS {
        let head = app.storage.head(incoming_key).await?.ok_or(Error::NotUploaded)?;
        if head.size_bytes == 0 {
            return Err(Error::FileEmpty);
        }
        if head.size_bytes > app.config.max_file_bytes {
            return Err(too_large(app));
        }
        match move_in(app, incoming_key, head).await {
            Err(Error::Storage(StorageError::Changed)) => {}
            moved => return moved,
        }
    }
    Err(Error::Changing)
}

/// The ETag ties the look at the bytes and the copy of them to the same object.
async fn move_in(app: &App, incoming_key: &str, head: ObjectHead) -> Result<Arrival, Error> {
    let start = app.storage.read_start(incoming_key, &head.etag, SNIFF_BYTES).await?;
    let (file_type, content_type) = true_type(&start, &head.content_type);
    // A key of its own for each attempt: a slower twin of this request must not write to what readers already see.
    let photo_key = StorageKey::Arrived { id: Uuid::new_v4(), file_type }.to_string();
    let (key, now) = (photo_key.clone(), app.clock.now());
    app.db.write(move |tx| discards::insert(tx, &key, now + UNCLAIMED).map_err(Error::from)).await?;
    app.storage.copy(incoming_key, &head.etag, &photo_key, content_type).await?;
    Ok(Arrival {
        size_bytes: i64::try_from(head.size_bytes).unwrap_or(i64::MAX),
        file_type: content_type.to_owned(),
        sha256: head.checksum_sha256.and_then(|base64| STANDARD.decode(base64).ok()).map(hex::encode),
        photo_key,
        now,
    })
}

/// By its first bytes; where these say nothing, an image type that storage holds is believed, and nothing else.
fn true_type(start: &[u8], stored: &str) -> (Option<FileType>, &'static str) {
    let file_type = sniff(start).or_else(|| FileType::from_mime(stored));
    (file_type, file_type.map_or("application/octet-stream", FileType::mime))
}
