//! All rows of all tables, out of one database and into another one, of either engine.

use super::{DbError, Tx, Value, agreements, migrations};
use crate::clock::Micros;

/// Whoever a row names stands before it.
pub const TABLES: [&str; 11] = [
    "agreements",
    "invitations",
    "contents",
    "perceptual_quarters",
    "images",
    "uploads",
    "jobs",
    "discards",
    "picks",
    "events",
    "stats",
];

/// Takes each row of a table, as columns and values, in no order.
pub type TakeRow<'a> = dyn FnMut(&'static str, &[String], Vec<Value>) -> Result<(), DbError> + 'a;

/// The version of the tables, and then every row to `take`, all as of one moment.
pub fn dump(tx: &mut Tx, take: &mut TakeRow<'_>) -> Result<i64, DbError> {
    tx.hold_still()?;
    let version = version(tx)?;
    for table in TABLES {
        let columns = tx.columns(table)?;
        tx.for_each(table, &columns, &mut |row| take(table, &columns, row))?;
    }
    Ok(version)
}

/// What changes with each invitation, upload, photo, pick, and word of a client about a photo.
pub type Mark = [i64; 6];

/// Two that are the same: nobody has used the server between them.
pub fn mark(tx: &mut Tx) -> Result<Mark, DbError> {
    let sql = "SELECT (SELECT COUNT(*) FROM invitations), (SELECT COALESCE(MAX(updated_at), 0) FROM invitations),
                      (SELECT COALESCE(MAX(id), 0) FROM images),
                      (SELECT COALESCE(MAX(updated_at), 0) FROM images WHERE state <> 'deleted'),
                      (SELECT COALESCE(MAX(id), 0) FROM events), (SELECT COALESCE(MAX(id), 0) FROM picks)";
    let mut row = tx.query_opt(sql, &[])?.ok_or_else(|| DbError::Failed("no row came".into()))?;
    Ok([row.take()?, row.take()?, row.take()?, row.take()?, row.take()?, row.take()?])
}

/// Records this agreement, unless somebody has used the server since `seen`: false. Whoever changes an image at this moment
/// is waited for, whoever does later finds it.
pub fn leave(tx: &mut Tx, seen: Mark, name: &str, value: String) -> Result<bool, DbError> {
    tx.hold_images()?;
    if mark(tx)? != seen {
        return Ok(false);
    }
    agreements::find_or_insert(tx, name, value)?;
    Ok(true)
}

/// The version that this program brings tables to.
pub fn newest_version() -> i64 {
    migrations::newest()
}

pub fn version(tx: &mut Tx) -> Result<i64, DbError> {
    tx.query_opt(migrations::FIND_VERSION, &[])?
        .map_or(Ok(0), |mut row| row.take::<Option<i64>>().map(Option::unwrap_or_default))
}

/// Whether nobody has been invited yet.
pub fn is_empty(tx: &mut Tx) -> Result<bool, DbError> {
    Ok(tx.query_opt("SELECT id FROM invitations LIMIT 1", &[])?.is_none())
}

/// [`is_empty`], once whoever fills the tables has ended: a commit whose answer was lost may still come about.
pub fn is_left_empty(tx: &mut Tx) -> Result<bool, DbError> {
    tx.hold_images()?;
    is_empty(tx)
}

/// Takes away what a new database begins with.
pub fn clear(tx: &mut Tx) -> Result<(), DbError> {
    for table in TABLES.iter().rev() {
        tx.delete_all(table)?;
    }
    Ok(())
}

/// One row, where the tables hold none of that key.
pub fn load(tx: &mut Tx, table: &'static str, columns: &[String], row: &[Value]) -> Result<(), DbError> {
    tx.insert_row(table, columns, row)
}

/// What is true of rows that lie on a new storage: nobody works on them, and no upload in parts is under way. Ids go on from
/// the time in milliseconds: what the old database gave after these rows were written down, pages still ask for, and would
/// hear that another photo is saved. So would those of an earlier restore.
pub fn settle(tx: &mut Tx, now: Micros) -> Result<(), DbError> {
    tx.execute("UPDATE jobs SET worker = NULL, due_at = $1 WHERE due_at IS NOT NULL", &[Value::from(now)])?;
    tx.execute("UPDATE uploads SET upload_id = NULL WHERE upload_id IS NOT NULL", &[])?;
    for table in TABLES {
        tx.count_on(table, now.0 / 1000)?;
    }
    Ok(())
}
