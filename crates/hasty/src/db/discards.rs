//! Table `discards`: objects that are to be removed from the bucket, and when. An object that is about to be written
//! gets its row before, and loses it in the transaction that gives it to an image: a crash in between leaves no object
//! that nobody knows.

use super::{DbError, Tx, params};
use crate::clock::Micros;

/// Removes the object at `due_at`.
pub fn insert(tx: &mut Tx, key: &str, due_at: Micros) -> Result<(), DbError> {
    tx.execute("INSERT INTO discards (key, due_at) VALUES ($1, $2)", params![key, due_at])?;
    Ok(())
}

/// Keeps the object after all; false where it is too late.
pub fn keep(tx: &mut Tx, key: &str) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM discards WHERE key = $1 AND doomed = 0", params![key])? == 1)
}

/// Keeps the object of a key that has a use again, where it was to go; false where it is too late: it is being removed.
pub fn reclaim(tx: &mut Tx, key: &str) -> Result<bool, DbError> {
    keep(tx, key)?;
    Ok(!contains(tx, key)?)
}

/// Whether the object is to go.
pub fn contains(tx: &mut Tx, key: &str) -> Result<bool, DbError> {
    Ok(tx.query_opt("SELECT 1 FROM discards WHERE key = $1", params![key])?.is_some())
}

/// The keys that have been due the longest; from now on nobody can keep their objects. They are the caller's alone until
/// they are due again, at `due_at`.
pub fn doom(tx: &mut Tx, due_before: Micros, due_at: Micros, limit: i64) -> Result<Vec<String>, DbError> {
    tx.query(
        "UPDATE discards SET doomed = 1, due_at = $1
         WHERE key IN (SELECT key FROM discards WHERE due_at < $2 ORDER BY due_at, key LIMIT $3) AND due_at < $2
         RETURNING key",
        params![due_at, due_before, limit],
    )?
    .into_iter()
    .map(|mut row| row.take())
    .collect()
}

/// Puts off what cannot be removed, so that it holds up nothing else.
pub fn put_off(tx: &mut Tx, key: &str, due_at: Micros) -> Result<(), DbError> {
    tx.execute("UPDATE discards SET due_at = $1 WHERE key = $2", params![due_at, key])?;
    Ok(())
}

/// Forgets an object that is gone.
pub fn delete(tx: &mut Tx, key: &str) -> Result<(), DbError> {
    tx.execute("DELETE FROM discards WHERE key = $1", params![key])?;
    Ok(())
}
