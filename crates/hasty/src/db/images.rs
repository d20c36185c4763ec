//! Table `images`. Every statement that a guest can reach names their invitation. How an image changes is in
//! `image_states`.

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
    /// Hex; what storage or ingest has verified, never a claim.
    pub sha256: Option<String>,
    /// Hex; what the client said when it asked for a link.
    pub claimed_sha256: Option<String>,
    pub incoming_key: String,
    /// Where readers are sent.
    pub photo_key: Option<String>,
    /// JSON: the fields of `metadata::Metadata` that are known.
    pub metadata: String,
    pub created_at: Micros,
    pub updated_at: Micros,
    pub arrived_at: Option<Micros>,
    pub content_id: Option<i64>,
    /// As `metadata` names it, where it does; what the statistics count.
    pub camera_model: Option<String>,
    /// A code of `domain::rejection`'s.
    pub rejection: Option<String>,
    /// JSON: a list of codes.
    pub warnings: String,
    pub invitation_id: i64,
    /// The MIME type of its previews; `None`: it has none.
    pub previews: Option<String>,
    /// Base64.
    pub thumb_hash: Option<String>,
    /// An older image whose picture looks the same, of any invitation: for the owner only.
    pub near_image_id: Option<i64>,
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
    /// Hex.
    pub claimed_sha256: Option<String>,
    pub incoming_key: String,
    /// When the last upload link to `incoming_key` ends.
    pub incoming_until: Micros,
    pub now: Micros,
}

/// Whose images a query may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One invitation's: all that a guest ever gets.
    Invitation(i64),
    /// Everything: the owner.
    All,
}

/// Where the next page begins: behind the image with this update time and id.
#[derive(Clone, Copy, Debug)]
pub struct After {
    pub updated_at: Micros,
    pub id: i64,
}

/// An image whose photo has to be in storage.
pub struct Shown {
    pub id: i64,
    pub invitation_public_id: String,
    pub name: String,
    pub state: ImageState,
    pub photo_key: Option<String>,
    /// Whether somebody examines it, or has given that up.
    pub has_job: bool,
}

/// What a content shows is an image's from the moment that the image is ready: before, it would tell a guest that the same
/// bytes are here already.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT m.id, v.public_id, m.name, m.extension, m.state, m.active, m.size_bytes, m.file_type,
                    m.sha256, m.claimed_sha256, m.incoming_key, m.photo_key, m.metadata, m.created_at, m.updated_at,
                    m.arrived_at, m.content_id, m.camera_model, m.rejection, m.warnings, m.invitation_id,
                    c.previews, c.thumb_hash, (SELECT MIN(n.id) FROM images n WHERE n.content_id = c.near_id)
             FROM images m JOIN invitations v ON v.id = m.invitation_id
                  LEFT JOIN contents c ON c.id = m.content_id AND m.state = 'ready' ",
            $rest
        )
    };
}

pub fn insert(tx: &mut Tx, new: NewImage) -> Result<i64, DbError> {
    tx.query_opt(
        "INSERT INTO images (invitation_id, name, extension, state, file_type, claimed_sha256, incoming_key, incoming_until,
                             created_at, updated_at)
         VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $8) RETURNING id",
        params![
            new.invitation_id,
            new.name,
            new.extension,
            new.file_type,
            new.claimed_sha256,
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

/// Of one invitation, oldest update first, from behind `after` on: what is changed meanwhile comes later, and is not missed.
pub fn list_oldest_first(
    tx: &mut Tx,
    invitation_id: i64,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<After>, DbError> {
    let after = after.unwrap_or(After { updated_at: Micros(i64::MIN), id: 0 });
    tx.query(
        "SELECT updated_at, id FROM images
         WHERE invitation_id = $1 AND (updated_at, id) > ($2, $3) AND state <> 'deleted'
         ORDER BY updated_at, id LIMIT $4",
        params![invitation_id, after.updated_at, after.id, limit],
    )?
    .into_iter()
    .map(|mut row| Ok(After { updated_at: row.take()?, id: row.take()? }))
    .collect()
}

/// The oldest image of this invitation that holds these bytes.
pub fn find_by_sha256(tx: &mut Tx, invitation_id: i64, sha256: &str) -> Result<Option<i64>, DbError> {
    tx.query_opt(
        "SELECT MIN(id) FROM images WHERE invitation_id = $1 AND sha256 = $2 AND state IN ('uploaded', 'ready')",
        params![invitation_id, sha256],
    )?
    .map_or(Ok(None), |mut row| row.take())
}

/// How many have arrived that the server has yet to look at.
pub fn count_unchecked(tx: &mut Tx, invitation_id: i64) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM images WHERE invitation_id = $1 AND state = 'uploaded'";
    tx.query_opt(sql, params![invitation_id])?.map_or(Ok(0), |mut row| row.take())
}

/// Whether any photo has arrived and is still there.
pub fn has_photos(tx: &mut Tx) -> Result<bool, DbError> {
    Ok(tx.query_opt("SELECT 1 FROM images WHERE state IN ('uploaded', 'ready') LIMIT 1", &[])?.is_some())
}

/// Images whose photo has arrived, in the order of their ids, from behind `after` on.
pub fn list_shown(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Shown>, DbError> {
    tx.query(
        "SELECT m.id, v.public_id, m.name, m.state, m.photo_key,
                (SELECT COUNT(*) FROM jobs j WHERE j.kind = 'ingest' AND j.key = CAST(m.id AS TEXT))
         FROM images m JOIN invitations v ON v.id = m.invitation_id
         WHERE m.id > $1 AND m.state IN ('uploaded', 'ready') ORDER BY m.id LIMIT $2",
        params![after, limit],
    )?
    .into_iter()
    .map(shown)
    .collect()
}

/// Whether an upload may lie here.
pub fn has_incoming_key(tx: &mut Tx, key: &str) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM images WHERE incoming_key = $1 AND (incoming_until IS NOT NULL OR state = 'pending')";
    Ok(tx.query_opt(sql, params![key])?.is_some())
}

/// Whether an image that nobody has examined yet lies here.
pub fn has_arrived_key(tx: &mut Tx, key: &str) -> Result<bool, DbError> {
    Ok(tx.query_opt("SELECT 1 FROM images WHERE photo_key = $1 AND state = 'uploaded'", params![key])?.is_some())
}

impl From<&Image> for After {
    fn from(image: &Image) -> After {
        After { updated_at: image.updated_at, id: image.id }
    }
}

impl Scope {
    pub(super) fn invitation(self) -> Option<i64> {
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

    /// Whether nothing is to be found out about it any more.
    pub fn is_final(self) -> bool {
        matches!(self, ImageState::Ready | ImageState::Rejected)
    }

    pub(super) fn parse(text: &str) -> Result<ImageState, DbError> {
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

fn shown(mut row: Row) -> Result<Shown, DbError> {
    Ok(Shown {
        id: row.take()?,
        invitation_public_id: row.take()?,
        name: row.take()?,
        state: ImageState::parse(&row.take::<String>()?)?,
        photo_key: row.take()?,
        has_job: row.take()?,
    })
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
        claimed_sha256: row.take()?,
        incoming_key: row.take()?,
        photo_key: row.take()?,
        metadata: row.take()?,
        created_at: row.take()?,
        updated_at: row.take()?,
        arrived_at: row.take()?,
        content_id: row.take()?,
        camera_model: row.take()?,
        rejection: row.take()?,
        warnings: row.take()?,
        invitation_id: row.take()?,
        previews: row.take()?,
        thumb_hash: row.take()?,
        near_image_id: row.take()?,
    })
}
