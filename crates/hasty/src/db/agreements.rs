//! Table `agreements`: what every instance on one database must agree on.

use super::{DbError, Tx, params};

/// The fingerprint of the secret that the tokens are derived from.
pub const SECRET: &str = "secret";

/// The value is when the rows of this database were moved to another one.
pub const MOVED: &str = "moved";

/// Records the value under this name if it is the first one, and answers the one that holds.
pub fn find_or_insert(tx: &mut Tx, name: &'static str, value: String) -> Result<String, DbError> {
    tx.execute(
        "INSERT INTO agreements (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        params![name, value],
    )?;
    find(tx, name)?.ok_or_else(|| DbError::Failed("an insert left no row".into()))
}

pub fn find(tx: &mut Tx, name: &'static str) -> Result<Option<String>, DbError> {
    let found = tx.query_opt("SELECT value FROM agreements WHERE name = $1", params![name])?;
    found.map(|mut row| row.take()).transpose()
}

/// False: there was none.
pub fn delete(tx: &mut Tx, name: &'static str) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM agreements WHERE name = $1", params![name])? > 0)
}
