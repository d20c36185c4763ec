//! Table `uploads`: images whose files go to storage in parts. The row is there before the upload is begun in storage,
//! and goes after every upload under the image's key has been aborted: a crash in between leaves no parts that nobody
//! looks for.

use super::images::Scope;
use super::{DbError, Row, Tx, params};
use crate::clock::Micros;

/// How an image's file goes in parts.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Hex; what the client said of the whole file.
    pub sha256: Option<String>,
    pub size_bytes: i64,
    /// Of every part but the last, in bytes.
    pub part_size: i64,
    pub begun: Option<Begun>,
}

/// What storage knows of it.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Storage's own.
    pub upload_id: String,
    pub checksum: PartChecksum,
}

/// What storage compares the bytes of each part with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartChecksum {
    None,
    Sha256,
}

pub struct NewUpload {
    pub invitation_id: i64,
    pub image_id: i64,
    /// Hex.
    pub sha256: Option<String>,
    pub size_bytes: i64,
    pub part_size: i64,
    pub now: Micros,
}

pub fn insert(tx: &mut Tx, new: &NewUpload) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO uploads (image_id, invitation_id, sha256, size_bytes, part_size, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![new.image_id, new.invitation_id, new.sha256.clone(), new.size_bytes, new.part_size, new.now],
    )?;
    Ok(())
}

pub fn find(tx: &mut Tx, scope: Scope, image_id: i64) -> Result<Option<Upload>, DbError> {
    tx.query_opt(
        "SELECT sha256, size_bytes, part_size, upload_id, checksum FROM uploads
         WHERE image_id = $1 AND invitation_id = COALESCE($2, invitation_id)",
        params![image_id, scope.invitation()],
    )?
    .map(upload)
    .transpose()
}

/// The oldest image of this invitation that waits for the parts of these bytes.
pub fn find_pending(tx: &mut Tx, invitation_id: i64, sha256: String, size_bytes: i64) -> Result<Option<i64>, DbError> {
    tx.query_opt(
        "SELECT MIN(u.image_id) FROM uploads u JOIN images m ON m.id = u.image_id
         WHERE u.invitation_id = $1 AND u.sha256 = $2 AND u.size_bytes = $3 AND m.state = 'pending'",
        params![invitation_id, sha256, size_bytes],
    )?
    .map_or(Ok(None), |mut row| row.take())
}

/// Remembers what storage calls it; false where somebody else has begun it, or the image is no longer pending.
pub fn begin(tx: &mut Tx, invitation_id: i64, image_id: i64, begun: &Begun) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE uploads SET upload_id = $1, checksum = $2
         WHERE image_id = $3 AND invitation_id = $4 AND upload_id IS NULL
               AND EXISTS (SELECT 1 FROM images m WHERE m.id = image_id AND m.state = 'pending')",
        params![begun.upload_id.as_str(), begun.checksum.name(), image_id, invitation_id],
    )?;
    Ok(changed == 1)
}

/// Storage knows this upload no more: the next part begins another one.
pub fn forget(tx: &mut Tx, invitation_id: i64, image_id: i64, upload_id: &str) -> Result<(), DbError> {
    tx.execute(
        "UPDATE uploads SET upload_id = NULL, checksum = NULL
         WHERE image_id = $1 AND invitation_id = $2 AND upload_id = $3",
        params![image_id, invitation_id, upload_id],
    )?;
    Ok(())
}

/// Forgets it altogether, once nothing of it is left in storage.
pub fn delete(tx: &mut Tx, image_id: i64) -> Result<(), DbError> {
    tx.execute("DELETE FROM uploads WHERE image_id = $1", params![image_id])?;
    Ok(())
}

impl PartChecksum {
    /// As S3 calls it.
    pub fn name(self) -> Option<&'static str> {
        match self {
            PartChecksum::None => None,
            PartChecksum::Sha256 => Some("SHA256"),
        }
    }
}

fn upload(mut row: Row) -> Result<Upload, DbError> {
    let (sha256, size_bytes, part_size) = (row.take()?, row.take()?, row.take()?);
    let (upload_id, checksum): (Option<String>, Option<String>) = (row.take()?, row.take()?);
    let checksum = checksum.map_or(PartChecksum::None, |_| PartChecksum::Sha256);
    let begun = upload_id.map(|upload_id| Begun { upload_id, checksum });
    Ok(Upload { sha256, size_bytes, part_size, begun })
}
