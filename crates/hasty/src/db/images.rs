//! Table `images`. Every statement that a guest can reach names their invitation.

use uuid::Uuid;

use super::{DbError, Row, Tx, params};
use crate::clock::Micros;

/// An image as it is stored.
#[derive(Clone, Debug)]
pub struct Image {
    pub id: i64,
    pub invitation_public_id: Uuid,
    /// As the guest's device calls it: any Unicode.
    pub name: String,
    /// Of the name, with its dot, or empty: ASCII letters and digits.
    pub extension: String,
    pub state: ImageState,
    pub active: bool,
    pub size_bytes: i64,
    pub file_type: String,
    /// Hex; what storage has verified, never a claim.
    pub sha256: Option<String>,
    pub incoming_key: String,
    pub photo_key: Option<String>,
    /// JSON: the fields of `metadata::Metadata` that are known.
    pub metadata: String,
    pub created_at: Micros,
    pub updated_at: Micros,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageState {
    Pending,
    Uploaded,
    Ready,
    Rejected,
    Deleted,
}

pub struct NewImage {
    pub invitation_id: i64,
    pub name: String,
    pub extension: String,
    pub file_type: String,
    pub incoming_key: String,
    /// When the last upload link to `incoming_key` ends.
    pub incoming_until: Micros,
    pub now: Micros,
}

/// What storage says of a photo that has arrived.
pub struct Arrival {
    pub size_bytes: i64,
    pub file_type: String,
    pub sha256: Option<String>,
    pub photo_key: String,
}

/// Whose images a query may see.
#[derive(Clone, Copy, Debug)]
pub enum Scope {
    /// One invitation's: all that a guest ever gets.
    Invitation(i64),
    /// Everything: the owner.
    All,
}

/// An image whose upload may go from `incoming/`.
pub struct Due {
    pub id: i64,
    pub incoming_key: String,
    pub incoming_until: Micros,
}

/// Where the next page begins: after the image with this update time and id.
#[derive(Clone, Copy, Debug)]
pub struct After {
    pub updated_at: Micros,
    pub id: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT m.id, v.public_id, m.name, m.extension, m.state, m.active, m.size_bytes, m.file_type,
                    m.sha256, m.incoming_key, m.photo_key, m.metadata, m.created_at, m.updated_at
             FROM images m JOIN invitations v ON v.id = m.invitation_id ",
            $rest
        )
    };
}

pub fn insert(tx: &mut Tx, new: NewImage) -> Result<i64, DbError> {
    tx.query_opt(
        "INSERT INTO images (invitation_id, name, extension, state, file_type, incoming_key, incoming_until, created_at, updated_at)
         VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $7) RETURNING id",
        params![
            new.invitation_id,
            new.name,
            new.extension,
            new.file_type,
            new.incoming_key,
            new.incoming_until,
            new.now
        ],
    )?
    .ok_or_else(|| DbError::Failed("an insert answered no row".into()))?
    .take()
}

pub fn find(tx: &mut Tx, scope: Scope, id: i64) -> Result<Option<Image>, DbError> {
    tx.query_opt(
        select!("WHERE m.id = $1 AND m.invitation_id = COALESCE($2, m.invitation_id) AND m.state <> 'deleted'"),
        params![id, scope.invitation()],
    )?
    .map(image)
    .transpose()
}

/// Newest update first; at most `limit`, from behind `after` on.
pub fn list(tx: &mut Tx, scope: Scope, after: Option<After>, limit: i64) -> Result<Vec<Image>, DbError> {
    let after = after.unwrap_or(After { updated_at: Micros(i64::MAX), id: i64::MAX });
    let rows = match scope {
        Scope::Invitation(invitation_id) => tx.query(
            select!(
                "WHERE m.invitation_id = $1 AND (m.updated_at, m.id) < ($2, $3) AND m.state <> 'deleted'
                 ORDER BY m.updated_at DESC, m.id DESC LIMIT $4"
            ),
            params![invitation_id, after.updated_at, after.id, limit],
        ),
        Scope::All => tx.query(
            select!(
                "WHERE (m.updated_at, m.id) < ($1, $2) AND m.state <> 'deleted'
                 ORDER BY m.updated_at DESC, m.id DESC LIMIT $3"
            ),
            params![after.updated_at, after.id, limit],
        ),
    };
    rows?.into_iter().map(image).collect()
}

/// Lets a pending image of this invitation be uploaded by a new link; false where there is none.
pub fn extend_link(tx: &mut Tx, invitation_id: i64, id: i64, incoming_until: Micros) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE images SET incoming_until = $1 WHERE id = $2 AND invitation_id = $3 AND state = 'pending'",
        params![incoming_until, id, invitation_id],
    )?;
    Ok(changed == 1)
}

/// Marks an image as touched now and holds it until the transaction ends, so that nobody else decides on it meanwhile.
pub fn lock(tx: &mut Tx, invitation_id: i64, id: i64, now: Micros) -> Result<Option<Image>, DbError> {
    let changed = tx.execute(
        "UPDATE images SET updated_at = $1 WHERE id = $2 AND invitation_id = $3 AND state <> 'deleted'",
        params![now, id, invitation_id],
    )?;
    if changed == 0 { Ok(None) } else { find(tx, Scope::Invitation(invitation_id), id) }
}

/// Pending becomes uploaded; false where another request was first.
pub fn arrive(tx: &mut Tx, id: i64, arrival: Arrival) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE images SET state = 'uploaded', size_bytes = $1, file_type = $2, sha256 = $3, photo_key = $4
         WHERE id = $5 AND state = 'pending'",
        params![arrival.size_bytes, arrival.file_type, arrival.sha256, arrival.photo_key, id],
    )?;
    Ok(changed == 1)
}

pub fn update_metadata(tx: &mut Tx, id: i64, metadata: String) -> Result<(), DbError> {
    tx.execute("UPDATE images SET metadata = $1 WHERE id = $2", params![metadata, id])?;
    Ok(())
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
        "SELECT id, incoming_key, incoming_until FROM images
         WHERE incoming_until IS NOT NULL AND state <> 'pending' AND incoming_until < $1
               AND (incoming_until, id) > ($2, $3)
         ORDER BY incoming_until, id LIMIT $4",
        params![ended_before, after_until, after_id, limit],
    )?
    .into_iter()
    .map(|mut row| Ok(Due { id: row.take()?, incoming_key: row.take()?, incoming_until: row.take()? }))
    .collect()
}

pub fn mark_swept(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    tx.execute("UPDATE images SET incoming_until = NULL WHERE id = $1", params![id])?;
    Ok(())
}

impl Scope {
    fn invitation(self) -> Option<i64> {
        match self {
            Scope::Invitation(id) => Some(id),
            Scope::All => None,
        }
    }
}

impl ImageState {
    /// Whether the photo's bytes can be read.
    pub fn has_photo(self) -> bool {
        matches!(self, ImageState::Uploaded | ImageState::Ready)
    }

    fn parse(text: &str) -> Result<ImageState, DbError> {
        Ok(match text {
            "pending" => ImageState::Pending,
            "uploaded" => ImageState::Uploaded,
            "ready" => ImageState::Ready,
            "rejected" => ImageState::Rejected,
            "deleted" => ImageState::Deleted,
            other => return Err(DbError::Failed(format!("an image is in the unknown state {other}"))),
        })
    }
}

fn image(mut row: Row) -> Result<Image, DbError> {
    Ok(Image {
        id: row.take()?,
        invitation_public_id: row.take::<String>()?.parse().map_err(|_| DbError::Failed("an id is no UUID".into()))?,
        name: row.take()?,
        extension: row.take()?,
        state: ImageState::parse(&row.take::<String>()?)?,
        active: row.take()?,
        size_bytes: row.take()?,
        file_type: row.take()?,
        sha256: row.take()?,
        incoming_key: row.take()?,
        photo_key: row.take()?,
        metadata: row.take()?,
        created_at: row.take()?,
        updated_at: row.take()?,
    })
}
