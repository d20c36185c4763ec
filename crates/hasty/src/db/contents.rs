//! Table `contents`: bytes that are stored once, under a key that is derived from their SHA-256, for all images that
//! show them. The database counts these; a content that nobody shows goes once the last link to it has ended.

use super::{DbError, Row, Tx, params};
use crate::clock::Micros;

/// How many bits of a perceptual hash may differ between images that look the same.
const NEAR_BITS: u32 = 3;
/// Images that share a quarter of their hash and are compared; more would be pictures of nothing, such as black ones.
const NEAR_CANDIDATES: i64 = 200;

/// What is seen of a content beside its bytes.
pub struct Looks {
    /// The MIME type of both previews.
    pub previews: String,
    /// Base64.
    pub thumb_hash: String,
    pub perceptual_hash: u64,
}

/// A content that is to be removed.
pub struct Doomed {
    pub id: i64,
    /// Hex.
    pub sha256: String,
    pub photo_key: String,
}

/// A content and what the images say of it.
pub struct Counted {
    pub id: i64,
    /// Hex.
    pub sha256: String,
    pub photo_key: String,
    pub refs: i64,
    pub has_previews: bool,
    /// Images that show it.
    pub images: i64,
    /// The oldest of them.
    pub image_id: Option<i64>,
}

/// Bytes that are stored, and where.
pub struct Stored {
    pub id: i64,
    pub photo_key: String,
}

/// Counts one more image for these bytes, which lie at `photo_key` where they are not here already. `None`: they are just
/// being removed, and can be stored anew in a moment.
pub fn retain(tx: &mut Tx, sha256: &str, photo_key: &str) -> Result<Option<Stored>, DbError> {
    let row = tx.query_opt(
        "INSERT INTO contents (sha256, photo_key, refs) VALUES ($1, $2, 1)
         ON CONFLICT (sha256) DO UPDATE SET refs = contents.refs + 1, kept_until = NULL WHERE contents.doomed = 0
         RETURNING id, photo_key",
        params![sha256, photo_key],
    )?;
    row.map(stored).transpose()
}

pub fn find(tx: &mut Tx, id: i64) -> Result<Option<Stored>, DbError> {
    tx.query_opt("SELECT id, photo_key FROM contents WHERE id = $1", params![id])?.map(stored).transpose()
}

/// Counts one image less; after the last one, the bytes stay until `kept_until`, when the last link to them has ended.
pub fn release(tx: &mut Tx, id: i64, kept_until: Micros) -> Result<(), DbError> {
    tx.execute(
        "UPDATE contents SET refs = refs - 1, kept_until = CASE WHEN refs = 1 THEN $1 ELSE kept_until END WHERE id = $2",
        params![kept_until, id],
    )?;
    Ok(())
}

/// Says what previews there are, and which older content looks the same.
pub fn update_looks(tx: &mut Tx, id: i64, looks: &Looks) -> Result<(), DbError> {
    let near = find_near(tx, id, looks.perceptual_hash)?;
    tx.execute(
        "UPDATE contents SET previews = $1, thumb_hash = $2, perceptual_hash = $3, near_id = $4 WHERE id = $5",
        params![looks.previews.as_str(), looks.thumb_hash.as_str(), looks.perceptual_hash.cast_signed(), near, id],
    )?;
    for (quarter, bits) in quarters(looks.perceptual_hash) {
        tx.execute(
            "INSERT INTO perceptual_quarters (quarter, bits, content_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            params![quarter, bits, id],
        )?;
    }
    Ok(())
}

/// The oldest content whose hash differs in so few bits that one of its quarters must be the same.
fn find_near(tx: &mut Tx, id: i64, hash: u64) -> Result<Option<i64>, DbError> {
    let mut nearest: Option<i64> = None;
    for (quarter, bits) in quarters(hash) {
        let candidates = tx.query(
            "SELECT c.id, c.perceptual_hash FROM perceptual_quarters q JOIN contents c ON c.id = q.content_id
             WHERE q.quarter = $1 AND q.bits = $2 AND q.content_id < $3 AND c.refs > 0
             ORDER BY q.content_id LIMIT $4",
            params![quarter, bits, id, NEAR_CANDIDATES],
        )?;
        for mut row in candidates {
            let (candidate, theirs): (i64, i64) = (row.take()?, row.take()?);
            if (theirs.cast_unsigned() ^ hash).count_ones() <= NEAR_BITS {
                nearest = Some(nearest.map_or(candidate, |found| found.min(candidate)));
                break;
            }
        }
    }
    Ok(nearest)
}

fn quarters(hash: u64) -> [(i64, i64); 4] {
    [0, 1, 2, 3].map(|quarter| (quarter, (hash >> (quarter * 16) & 0xffff).cast_signed()))
}

/// Contents that nobody shows and to which no link leads any more, the longest ago first. From now on nobody can show
/// them: what is stored anew waits until they are gone. They are the caller's alone until `kept_until` counts as ended
/// again: a second one that removed them later would take along what has been stored anew meanwhile.
pub fn doom(tx: &mut Tx, ended_before: Micros, kept_until: Micros, limit: i64) -> Result<Vec<Doomed>, DbError> {
    tx.query(
        "UPDATE contents SET doomed = 1, kept_until = $1
         WHERE id IN (SELECT id FROM contents WHERE kept_until < $2 ORDER BY kept_until, id LIMIT $3)
               AND refs = 0 AND kept_until < $2
         RETURNING id, sha256, photo_key",
        params![kept_until, ended_before, limit],
    )?
    .into_iter()
    .map(doomed)
    .collect()
}

/// Puts off one that cannot be removed, so that it holds up nothing else.
pub fn put_off(tx: &mut Tx, id: i64, kept_until: Micros) -> Result<(), DbError> {
    tx.execute("UPDATE contents SET kept_until = $1 WHERE id = $2 AND doomed = 1", params![kept_until, id])?;
    Ok(())
}

/// Forgets a content whose objects are gone.
pub fn delete(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    tx.execute("DELETE FROM perceptual_quarters WHERE content_id = $1", params![id])?;
    tx.execute("DELETE FROM contents WHERE id = $1 AND doomed = 1", params![id])?;
    Ok(())
}

/// Contents that stay, in the order of their ids, from behind `after` on, each with the images that show it at this moment.
pub fn list_counted(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Counted>, DbError> {
    tx.query(
        "SELECT c.id, c.sha256, c.photo_key, c.refs, CASE WHEN c.previews IS NULL THEN 0 ELSE 1 END, COUNT(m.id), MIN(m.id)
         FROM (SELECT * FROM contents WHERE id > $1 AND doomed = 0 ORDER BY id LIMIT $2) c
              LEFT JOIN images m ON m.content_id = c.id
         GROUP BY c.id, c.sha256, c.photo_key, c.refs, c.previews ORDER BY c.id",
        params![after, limit],
    )?
    .into_iter()
    .map(counted)
    .collect()
}

/// Puts a wrong count right; false where it has moved meanwhile. What nobody shows is kept until `kept_until`.
pub fn recount(tx: &mut Tx, id: i64, refs: i64, kept_until: Micros) -> Result<bool, DbError> {
    // Whoever changes which images show it changes `refs` first, so that the guard sees them come.
    let changed = tx.execute(
        "UPDATE contents
         SET refs = (SELECT COUNT(*) FROM images m WHERE m.content_id = contents.id),
             kept_until = CASE WHEN EXISTS (SELECT 1 FROM images m WHERE m.content_id = contents.id) THEN NULL
                               ELSE COALESCE(kept_until, $1) END
         WHERE id = $2 AND refs = $3 AND doomed = 0",
        params![kept_until, id, refs],
    )?;
    Ok(changed == 1)
}

/// Takes in bytes that lie in the bucket and that no row knows, as if the last image that shows them had just gone; false
/// where they are known after all.
pub fn adopt(tx: &mut Tx, sha256: &str, photo_key: &str, kept_until: Micros) -> Result<bool, DbError> {
    let changed = tx.execute(
        "INSERT INTO contents (sha256, photo_key, refs, kept_until) VALUES ($1, $2, 0, $3) ON CONFLICT (sha256) DO NOTHING",
        params![sha256, photo_key, kept_until],
    )?;
    Ok(changed == 1)
}

/// There are none any more.
pub fn forget_previews(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    tx.execute("UPDATE contents SET previews = NULL WHERE id = $1", params![id])?;
    Ok(())
}

/// Whether there is a content whose hash, in hex, is this one.
pub fn has_hash(tx: &mut Tx, hash: &str) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM contents WHERE SUBSTR(photo_key, 1, 71) = $1";
    Ok(tx.query_opt(sql, params![format!("photos/{hash}")])?.is_some())
}

/// Whether the bytes of a content of this hash lie here, or those of an image that shows it.
pub fn has_photo_key(tx: &mut Tx, hash: &str, key: &str) -> Result<bool, DbError> {
    let row = tx.query_opt(
        "SELECT 1 FROM contents c WHERE SUBSTR(c.photo_key, 1, 71) = $1
               AND (c.photo_key = $2
                    OR EXISTS (SELECT 1 FROM images m WHERE m.content_id = c.id AND m.photo_key = $2))",
        params![format!("photos/{hash}"), key],
    )?;
    Ok(row.is_some())
}

fn counted(mut row: Row) -> Result<Counted, DbError> {
    Ok(Counted {
        id: row.take()?,
        sha256: row.take()?,
        photo_key: row.take()?,
        refs: row.take()?,
        has_previews: row.take()?,
        images: row.take()?,
        image_id: row.take()?,
    })
}

fn stored(mut row: Row) -> Result<Stored, DbError> {
    Ok(Stored { id: row.take()?, photo_key: row.take()? })
}

fn doomed(mut row: Row) -> Result<Doomed, DbError> {
    Ok(Doomed { id: row.take()?, sha256: row.take()?, photo_key: row.take()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Db, discards};

    const HOUR: i64 = 3_600_000_000;

    /// Two instances sweep at the same time; the slower one must not remove what has been stored anew meanwhile.
    #[tokio::test]
    async fn what_one_sweeper_removes_is_no_other_s() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(None, 1, folder.path()).unwrap();
        let released = |tx: &mut Tx<'_>| {
            let stored = retain(tx, "ab", "photos/ab.jpg")?.unwrap();
            release(tx, stored.id, Micros(0))?;
            discards::insert(tx, "incoming/ab", Micros(0))
        };
        db.write::<_, DbError, _>(released).await.unwrap();
        let sweep = async |at: i64| {
            let (ended_before, now) = (Micros(at - HOUR), Micros(at));
            let doomed = db.write(move |tx| doom(tx, ended_before, now, 10)).await.unwrap();
            let keys = db.write(move |tx| discards::doom(tx, ended_before, now, 10)).await.unwrap();
            (doomed.len(), keys.len())
        };
        assert_eq!(sweep(2 * HOUR).await, (1, 1));
        assert_eq!(sweep(2 * HOUR + 1).await, (0, 0));
        // The first one was killed: another one takes over.
        assert_eq!(sweep(3 * HOUR + 1).await, (1, 1));
        assert!(db.write(|tx| retain(tx, "ab", "photos/ab.jpg")).await.unwrap().is_none());
    }
}
