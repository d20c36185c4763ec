//! What is told of each photo to whoever counts or trains elsewhere: images joined with their invitation and content.

use super::{DbError, Row, Tx, params};

/// A photo that has been verified.
pub struct Exported {
    pub id: i64,
    /// Its public id.
    pub invitation: String,
    pub name: String,
    pub file_type: String,
    pub size_bytes: i64,
    /// Hex.
    pub sha256: Option<String>,
    /// In the bucket.
    pub key: Option<String>,
    /// Microseconds since 1970, UTC.
    pub arrived_at: Option<i64>,
    /// JSON: fields of `metadata::Metadata`, without more of a place than the invitation allows.
    pub metadata: String,
    /// JSON: a list of codes.
    pub warnings: String,
    pub perceptual_hash: Option<i64>,
}

/// Photos behind the id `after`, by their ids.
pub fn list(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Exported>, DbError> {
    tx.query(
        "SELECT m.id, i.public_id, m.name, m.file_type, m.size_bytes, m.sha256, COALESCE(c.photo_key, m.photo_key),
                m.arrived_at, m.metadata, m.warnings, c.perceptual_hash
         FROM images m JOIN invitations i ON i.id = m.invitation_id LEFT JOIN contents c ON c.id = m.content_id
         WHERE m.id > $1 AND m.state = 'ready' ORDER BY m.id LIMIT $2",
        params![after, limit],
    )?
    .into_iter()
    .map(exported)
    .collect()
}

fn exported(mut row: Row) -> Result<Exported, DbError> {
    Ok(Exported {
        id: row.take()?,
        invitation: row.take()?,
        name: row.take()?,
        file_type: row.take()?,
        size_bytes: row.take()?,
        sha256: row.take()?,
        key: row.take()?,
        arrived_at: row.take()?,
        metadata: row.take()?,
        warnings: row.take()?,
        perceptual_hash: row.take()?,
    })
}
