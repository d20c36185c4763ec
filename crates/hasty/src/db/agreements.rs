//! Table `agreements`: what every instance on one database must agree on.

use super::{DbError, Tx, params};

/// The fingerprint of the secret that the tokens are derived from.
pub const SECRET: &str = "secret";

/// The value is when the rows of this database were moved to another one.
pub const MOVED: &str = "moved";

/// The value is when the photos were moved away from this place.
pub fn left(place: &str) -> String {
    format!("left {place}")
}

/// Records the value under this name if it is the first one, and answers the one that holds.
pub fn find_or_insert(tx: &mut Tx, name: &str, value: String) -> Result<String, DbError> {
    tx.execute(
        "INSERT INTO agreements (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        params![name, value],
    )?;
    find(tx, name)?.ok_or_else(|| DbError::Failed("an insert left no row".into()))
}

pub fn find(tx: &mut Tx, name: &str) -> Result<Option<String>, DbError> {
    let found = tx.query_opt("SELECT value FROM agreements WHERE name = $1", params![name])?;
    found.map(|mut row| row.take()).transpose()
}

/// False: there was none.
pub fn delete(tx: &mut Tx, name: &str) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM agreements WHERE name = $1", params![name])? > 0)
}

/// What was moved elsewhere, the rows or the photos at this place, and when: [`MOVED`] or [`left`], and its value.
pub fn find_moved(tx: &mut Tx, place: &str) -> Result<Option<(String, String)>, DbError> {
    let sql = "SELECT name, value FROM agreements WHERE name IN ($1, $2)";
    tx.query_opt(sql, params![MOVED, left(place)])?.map(|mut row| Ok((row.take()?, row.take()?))).transpose()
}

/// The photos of these rows lie at the place `to` from now on, and no longer at `from`.
pub fn move_photos(tx: &mut Tx, from: &str, to: &str, at: String) -> Result<(), DbError> {
    if from != to {
        find_or_insert(tx, &left(from), at)?;
    }
    delete(tx, &left(to)).map(drop)
}
