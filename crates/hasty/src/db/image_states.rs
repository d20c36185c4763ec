//! Table `images`: how an image changes, from pending to uploaded, and on to ready, rejected or deleted. Each change is
//! guarded by the state that it starts from: of two at once, one finds nothing to change.

use serde_json::{Map, Value, json};

use super::images::{Image, Scope, find};
use super::{DbError, Row, Tx, params};
use crate::clock::Micros;

/// What storage says of a photo that has arrived.
pub struct Arrival {
    pub size_bytes: i64,
    pub file_type: String,
    pub sha256: Option<String>,
    pub photo_key: String,
    pub now: Micros,
}

/// What ingest has found a photo to be.
pub struct Truth {
    pub size_bytes: i64,
    pub file_type: String,
    pub sha256: String,
    pub photo_key: String,
    pub metadata: Map<String, Value>,
    /// Codes.
    pub warnings: Vec<String>,
}

/// An image whose upload may go from `incoming/`.
pub struct Due {
    pub id: i64,
    pub incoming_key: String,
    pub incoming_until: Micros,
    /// It was to arrive in parts, of which some may be left.
    pub in_parts: bool,
}

/// Lets a pending image of this invitation be uploaded by a new link, to bytes of this SHA-256; false where there is
/// none.
pub fn extend_link(
    tx: &mut Tx,
    invitation_id: i64,
    id: i64,
    incoming_until: Micros,
    claimed_sha256: Option<String>,
) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE images SET incoming_until = $1, claimed_sha256 = $2
         WHERE id = $3 AND invitation_id = $4 AND state = 'pending'",
        params![incoming_until, claimed_sha256, id, invitation_id],
    )?;
    Ok(changed == 1)
}

/// Lets a pending image of this invitation be uploaded for longer; false where there is none.
pub fn prolong_link(tx: &mut Tx, invitation_id: i64, id: i64, incoming_until: Micros) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE images SET incoming_until = $1 WHERE id = $2 AND invitation_id = $3 AND state = 'pending'",
        params![incoming_until, id, invitation_id],
    )?;
    Ok(changed == 1)
}

/// Holds an image until the transaction ends, so that nobody else decides on it meanwhile.
pub fn lock(tx: &mut Tx, scope: Scope, id: i64) -> Result<Option<Image>, DbError> {
    let changed = tx.execute(
        "UPDATE images SET state = state
         WHERE id = $1 AND invitation_id = COALESCE($2, invitation_id) AND state <> 'deleted'",
        params![id, scope.invitation()],
    )?;
    if changed == 0 { Ok(None) } else { find(tx, scope, id) }
}

/// A client has said something of the image.
pub fn touch(tx: &mut Tx, id: i64, now: Micros) -> Result<(), DbError> {
    tx.execute("UPDATE images SET updated_at = $1 WHERE id = $2", params![now, id])?;
    Ok(())
}

/// Pending becomes uploaded; false where another request was first.
pub fn arrive(tx: &mut Tx, id: i64, arrival: Arrival) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE images SET state = 'uploaded', size_bytes = $1, file_type = $2, sha256 = $3, photo_key = $4, arrived_at = $5
         WHERE id = $6 AND state = 'pending'",
        params![arrival.size_bytes, arrival.file_type, arrival.sha256, arrival.photo_key, arrival.now, id],
    )?;
    Ok(changed == 1)
}

pub fn update_metadata(tx: &mut Tx, id: i64, metadata: &Map<String, Value>) -> Result<(), DbError> {
    let sql = "UPDATE images SET metadata = $1, camera_model = $2 WHERE id = $3";
    tx.execute(sql, params![json!(metadata).to_string(), camera_model(metadata), id])?;
    Ok(())
}

/// What the statistics count has a column of its own.
fn camera_model(metadata: &Map<String, Value>) -> Option<String> {
    metadata.get("model").and_then(Value::as_str).map(str::to_owned)
}

/// Says which stored bytes an uploaded image shows; false where it is no longer waiting to be told.
pub fn update_content(tx: &mut Tx, id: i64, content_id: i64) -> Result<bool, DbError> {
    let sql = "UPDATE images SET content_id = $1 WHERE id = $2 AND state = 'uploaded' AND content_id IS NULL";
    Ok(tx.execute(sql, params![content_id, id])? == 1)
}

/// Uploaded becomes ready, in its place of the list; false where it is no longer uploaded.
pub fn publish(tx: &mut Tx, id: i64, truth: Truth) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE images SET state = 'ready', size_bytes = $1, file_type = $2, sha256 = $3, photo_key = $4, metadata = $5,
                           camera_model = $6, warnings = $7
         WHERE id = $8 AND state = 'uploaded'",
        params![
            truth.size_bytes,
            truth.file_type,
            truth.sha256,
            truth.photo_key,
            json!(truth.metadata).to_string(),
            camera_model(&truth.metadata),
            json!(truth.warnings).to_string(),
            id
        ],
    )?;
    Ok(changed == 1)
}

/// Says of an uploaded image what is known to be wrong with it; false where it is no longer uploaded.
pub fn warn(tx: &mut Tx, id: i64, warnings: &[&str]) -> Result<bool, DbError> {
    let sql = "UPDATE images SET warnings = $1 WHERE id = $2 AND state = 'uploaded'";
    Ok(tx.execute(sql, params![json!(warnings).to_string(), id])? == 1)
}

/// Pending or uploaded becomes rejected; false where it is neither.
pub fn reject(tx: &mut Tx, id: i64, rejection: &str) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE images SET state = 'rejected', rejection = $1, photo_key = NULL, content_id = NULL, warnings = '[]'
         WHERE id = $2 AND state IN ('pending', 'uploaded')",
        params![rejection, id],
    )?;
    Ok(changed == 1)
}

/// What is left is what the sweep needs to know; what the photo told of its maker goes.
macro_rules! delete {
    ($rest:literal) => {
        concat!(
            "UPDATE images SET state = 'deleted', name = '', sha256 = NULL, claimed_sha256 = NULL, photo_key = NULL,
                               content_id = NULL, metadata = '{}', camera_model = NULL, warnings = '[]', updated_at = $1
             WHERE id = $2 ",
            $rest
        )
    };
}

pub fn delete(tx: &mut Tx, id: i64, now: Micros) -> Result<(), DbError> {
    tx.execute(delete!("AND state <> 'deleted'"), params![now, id])?;
    Ok(())
}

/// Deletes one of [`list_abandoned`], unless it has arrived or got another link meanwhile.
pub fn abandon(tx: &mut Tx, id: i64, ended_before: Micros, now: Micros) -> Result<(), DbError> {
    tx.execute(delete!("AND state = 'pending' AND incoming_until < $3"), params![now, id, ended_before])?;
    Ok(())
}

/// Images that never arrived, whose last upload link has ended and whose invitation has, too: nobody can bring them.
pub fn list_abandoned(tx: &mut Tx, ended_before: Micros, limit: i64) -> Result<Vec<i64>, DbError> {
    tx.query(
        "SELECT m.id FROM images m JOIN invitations v ON v.id = m.invitation_id
         WHERE m.state = 'pending' AND m.incoming_until < $1 AND COALESCE(v.revoked_at, v.expires_at) < $1
         ORDER BY m.incoming_until, m.id LIMIT $2",
        params![ended_before, limit],
    )?
    .into_iter()
    .map(|mut row| row.take())
    .collect()
}

/// Images whose photo has moved and whose last upload link has ended, the longest ago first, from behind `after` on.
pub fn list_to_sweep(
    tx: &mut Tx,
    ended_before: Micros,
    after: Option<(Micros, i64)>,
    limit: i64,
) -> Result<Vec<Due>, DbError> {
    let (after_until, after_id) = after.unwrap_or((Micros(i64::MIN), 0));
    tx.query(
        "SELECT id, incoming_key, incoming_until, (SELECT COUNT(*) FROM uploads u WHERE u.image_id = images.id)
         FROM images
         WHERE incoming_until IS NOT NULL AND state <> 'pending' AND incoming_until < $1
               AND (incoming_until, id) > ($2, $3)
         ORDER BY incoming_until, id LIMIT $4",
        params![ended_before, after_until, after_id, limit],
    )?
    .into_iter()
    .map(due)
    .collect()
}

pub fn mark_swept(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    tx.execute("UPDATE images SET incoming_until = NULL WHERE id = $1", params![id])?;
    Ok(())
}

fn due(mut row: Row) -> Result<Due, DbError> {
    Ok(Due { id: row.take()?, incoming_key: row.take()?, incoming_until: row.take()?, in_parts: row.take()? })
}
