//! What `--fix` does about a finding. Nothing that may be a photo goes at once, and nothing of another's making at all.

use std::time::Duration;

use futures::TryStreamExt;
use sha2::{Digest, Sha256};

use super::{Finding, objects};
use crate::app::App;
use crate::clock::Micros;
use crate::db::jobs::{self, JobKind};
use crate::db::{DbError, Tx, contents, discards};
use crate::error::Error;
use crate::storage::StorageError;
use crate::storage::key::Shape;

/// How long a photo that no row knows stays: long enough to put back the rows from a backup.
const PHOTO_STAYS: Duration = Duration::from_secs(7 * 86_400);

/// What was done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The next sweep removes the object.
    Discarded,
    /// A sweep removes the photo, seven days from now.
    DiscardedLater,
    /// The job waits for a server that does it.
    Queued,
    Recounted,
    /// The row does not say any more that there are previews.
    PreviewsForgotten,
    /// Somebody else has changed it meanwhile.
    Changed,
    /// Nothing here makes such a key: nothing here removes it.
    Foreign,
    /// Its bytes are not those that its key stands for.
    Misnamed,
    /// It is nowhere else.
    Irreparable,
}

impl Outcome {
    /// Whether the next check is known to find it no more.
    pub fn is_mended(self) -> bool {
        !matches!(self, Outcome::Changed | Outcome::Foreign | Outcome::Misnamed | Outcome::Irreparable)
    }
}

pub(super) async fn mend(app: &App, finding: &Finding) -> Result<Outcome, Error> {
    let now = app.clock.now();
    match *finding {
        Finding::UnknownObject { ref key } => mend_object(app, key).await,
        Finding::LostPhoto(_) => Ok(Outcome::Irreparable),
        Finding::LostPreview { content_id, ref photo_key, .. } => forget_previews(app, content_id, photo_key).await,
        Finding::WrongCount { content_id, refs, .. } => {
            let kept_until = now + PHOTO_STAYS;
            let recount =
                move |tx: &mut Tx<'_>| contents::recount(tx, content_id, refs, kept_until).map_err(Error::from);
            Ok(if app.db.write(recount).await? { Outcome::Recounted } else { Outcome::Changed })
        }
        Finding::GivenUp(ref job) => {
            let id = job.id;
            app.db.write(move |tx| jobs::retry(tx, id, now).map_err(Error::from)).await?;
            Ok(Outcome::Queued)
        }
        Finding::NoJob { image_id } => {
            app.db.write(move |tx| jobs::insert(tx, JobKind::Ingest, image_id, now).map_err(Error::from)).await?;
            Ok(Outcome::Queued)
        }
    }
}

/// Not where the photo is missing, too: then it is the bucket that is wrong, or needs its backup, and not the row.
async fn forget_previews(app: &App, content_id: i64, photo_key: &str) -> Result<Outcome, Error> {
    if app.storage.head(photo_key).await?.is_none() {
        return Ok(Outcome::Irreparable);
    }
    app.db.write(move |tx| contents::forget_previews(tx, content_id).map_err(Error::from)).await?;
    Ok(Outcome::PreviewsForgotten)
}

async fn mend_object(app: &App, key: &str) -> Result<Outcome, Error> {
    let now = app.clock.now();
    match Shape::of(key) {
        None => Ok(Outcome::Foreign),
        Some(Shape::Photo(hash)) => adopt(app, hash, key).await,
        Some(Shape::Once) if key.starts_with("photos/") => {
            discard(app, key, now + PHOTO_STAYS, Outcome::DiscardedLater).await
        }
        Some(Shape::Once | Shape::Preview(_)) => discard(app, key, now, Outcome::Discarded).await,
    }
}

async fn discard(app: &App, key: &str, due_at: Micros, outcome: Outcome) -> Result<Outcome, Error> {
    let key = key.to_owned();
    let discard = move |tx: &mut Tx<'_>| {
        if objects::is_known(tx, &key)? {
            return Ok(Outcome::Changed);
        }
        discards::insert(tx, &key, due_at)?;
        Ok::<_, DbError>(outcome)
    };
    app.db.write(move |tx| discard(tx).map_err(Error::from)).await
}

/// Gives the photo the row that it would have if its last image had just gone. A row in `discards` would be wrong: the
/// same bytes have the same key when they come again, and then they must not go.
async fn adopt(app: &App, hash: &str, key: &str) -> Result<Outcome, Error> {
    let Some((_, body)) = app.storage.read(key).await? else {
        return Ok(Outcome::Changed);
    };
    let add = async |mut sha256: Sha256, chunk| {
        sha256.update(&chunk);
        Ok(sha256)
    };
    let sha256 = body.into_data_stream().try_fold(Sha256::new(), add).await;
    let sha256 = sha256.map_err(|error| StorageError::Unreachable(error.to_string()))?.finalize();
    if hex::encode(app.secrets.content_hash(&sha256).0) != hash {
        return Ok(Outcome::Misnamed);
    }
    let (sha256, key, kept_until) = (hex::encode(sha256), key.to_owned(), app.clock.now() + PHOTO_STAYS);
    let adopt = move |tx: &mut Tx<'_>| contents::adopt(tx, &sha256, &key, kept_until).map_err(Error::from);
    // Where the row is there by now, the next check says whether it is this key's.
    Ok(if app.db.write(adopt).await? { Outcome::DiscardedLater } else { Outcome::Changed })
}
