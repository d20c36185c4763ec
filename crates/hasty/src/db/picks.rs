//! Table `picks`: what guests have picked, and as which image each has arrived.

use super::{DbError, Tx, params};
use crate::clock::Micros;

/// A file that a guest has picked, as their device calls it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewPick {
    pub name: String,
    pub size_bytes: i64,
    /// Tells apart the files of one pick that have the same name and size, from 0 on.
    pub nth: i64,
}

/// A picked file that has not arrived.
pub struct Missing {
    pub name: String,
    pub size_bytes: i64,
}

/// Answers its id; the same file picked again is the same row.
pub fn insert(tx: &mut Tx, invitation_id: i64, new: &NewPick) -> Result<i64, DbError> {
    tx.query_opt(
        "INSERT INTO picks (invitation_id, name, size_bytes, nth) VALUES ($1, $2, $3, $4)
         ON CONFLICT (invitation_id, name, size_bytes, nth) DO UPDATE SET nth = excluded.nth RETURNING id",
        params![invitation_id, new.name.as_str(), new.size_bytes, new.nth],
    )?
    .ok_or_else(|| DbError::Failed("an insert answered no row".into()))?
    .take()
}

/// Says as which image a pick of this invitation has arrived. Where it is another image's already, since two files with
/// one name and size were picked in another order this time, another pick of that name and size takes it.
pub fn arrive(tx: &mut Tx, invitation_id: i64, id: i64, image_id: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE picks SET image_id = $1
         WHERE image_id IS NULL AND id = (
             SELECT p.id FROM picks q
             JOIN picks p ON p.invitation_id = q.invitation_id AND p.name = q.name AND p.size_bytes = q.size_bytes
             WHERE q.id = $2 AND q.invitation_id = $3 AND COALESCE(q.image_id, 0) <> $1 AND p.image_id IS NULL
             ORDER BY p.id <> q.id, p.nth LIMIT 1)",
        params![image_id, id, invitation_id],
    )?;
    Ok(())
}

/// How many an invitation has, and how many of them have arrived.
pub fn count(tx: &mut Tx, invitation_id: i64) -> Result<(i64, i64), DbError> {
    let sql = "SELECT COUNT(*), COUNT(image_id) FROM picks WHERE invitation_id = $1";
    tx.query_opt(sql, params![invitation_id])?.map_or(Ok((0, 0)), |mut row| Ok((row.take()?, row.take()?)))
}

/// In the order in which they were picked first.
pub fn list_missing(tx: &mut Tx, invitation_id: i64, limit: i64) -> Result<Vec<Missing>, DbError> {
    tx.query(
        "SELECT name, size_bytes FROM picks WHERE invitation_id = $1 AND image_id IS NULL ORDER BY id LIMIT $2",
        params![invitation_id, limit],
    )?
    .into_iter()
    .map(|mut row| Ok(Missing { name: row.take()?, size_bytes: row.take()? }))
    .collect()
}

pub fn delete_missing(tx: &mut Tx, invitation_id: i64) -> Result<(), DbError> {
    tx.execute("DELETE FROM picks WHERE invitation_id = $1 AND image_id IS NULL", params![invitation_id])?;
    Ok(())
}

/// One that its guest does not hand over, unless it has arrived.
pub fn delete(tx: &mut Tx, invitation_id: i64, id: i64) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM picks WHERE id = $1 AND invitation_id = $2 AND image_id IS NULL",
        params![id, invitation_id],
    )?;
    Ok(())
}

/// Those that have arrived as an image that is no more.
pub fn delete_of_image(tx: &mut Tx, image_id: i64) -> Result<(), DbError> {
    tx.execute("DELETE FROM picks WHERE image_id = $1", params![image_id])?;
    Ok(())
}

/// What has arrived turned out not to be the photo that was picked: it is missing still.
pub fn miss_again(tx: &mut Tx, image_id: i64) -> Result<(), DbError> {
    tx.execute("UPDATE picks SET image_id = NULL WHERE image_id = $1", params![image_id])?;
    Ok(())
}

/// Removes some of those whose invitation has ended, and answers how many.
pub fn prune(tx: &mut Tx, ended_before: Micros, limit: i64) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM picks WHERE id IN (
             SELECT p.id FROM invitations v JOIN picks p ON p.invitation_id = v.id
             WHERE COALESCE(v.revoked_at, v.expires_at) < $1 LIMIT $2)",
        params![ended_before, limit],
    )
}
