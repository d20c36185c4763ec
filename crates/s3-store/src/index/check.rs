//! What a scrub asks the index.

use std::fmt;

use rusqlite::{Connection, params};

use super::contents::{from_sql, to_sql};
use crate::error::{Error, object_name};

/// More complaints than this say nothing new.
const MAX_COMPLAINTS: i64 = 100;

/// The name of an object, or of an unfinished upload: in the order of their tables.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) bucket: String,
    pub(crate) key: Vec<u8>,
    pub(crate) upload_id: Option<String>,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&object_name(&self.bucket, &String::from_utf8_lossy(&self.key)))?;
        self.upload_id.as_ref().map_or(Ok(()), |id| write!(f, " (unfinished upload {})", id.escape_debug()))
    }
}

/// How many objects there are, and how many bytes in all files.
pub(crate) fn totals(conn: &Connection) -> Result<(u64, u64), Error> {
    let sql = "SELECT (SELECT count(*) FROM objects) + (SELECT count(*) FROM uploads),
                      (SELECT coalesce(sum(size_bytes), 0) FROM pieces)";
    Ok(conn.query_row(sql, [], |row| Ok((from_sql(row.get(0)?), from_sql(row.get(1)?))))?)
}

/// What SQLite says of the file, and what its tables say of each other.
pub(crate) fn complaints(conn: &Connection) -> Result<Vec<String>, Error> {
    let mut complaints = list(conn, "SELECT quick_check FROM pragma_quick_check WHERE quick_check <> 'ok' LIMIT ?1")?;
    complaints.extend(list(
        conn,
        "SELECT DISTINCT 'there are objects of a bucket ' || bucket || ', but no such bucket'
         FROM objects WHERE bucket NOT IN (SELECT name FROM buckets) LIMIT ?1",
    )?);
    // Letting go of one of its objects would remove the files of the others.
    complaints.extend(list(
        conn,
        "SELECT 'content ' || content_id || ' is shown ' || shown || ' times, but counts ' || coalesce(refs, 0)
         FROM (SELECT content_id, count(*) AS shown
               FROM (SELECT content_id FROM objects UNION ALL SELECT content_id FROM uploads) GROUP BY content_id)
         LEFT JOIN contents ON id = content_id WHERE refs IS NULL OR refs < shown LIMIT ?1",
    )?);
    Ok(complaints)
}

fn list(conn: &Connection, sql: &str) -> Result<Vec<String>, Error> {
    let mut statement = conn.prepare(sql)?;
    let rows = statement.query_map([MAX_COMPLAINTS], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The names of the objects after one of them, at most `limit`.
pub(crate) fn list_objects(conn: &Connection, after: &Name, limit: usize) -> Result<Vec<Name>, Error> {
    let sql = "SELECT bucket, key FROM objects WHERE (bucket, key) > (?1, ?2) ORDER BY bucket, key LIMIT ?3";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params![after.bucket, after.key, to_sql(limit as u64)], |row| {
        Ok(Name { bucket: row.get(0)?, key: row.get(1)?, upload_id: None })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The unfinished uploads after one of them, at most `limit`.
pub(crate) fn list_uploads(conn: &Connection, after: &Name, limit: usize) -> Result<Vec<Name>, Error> {
    let sql = "SELECT bucket, key, id FROM uploads WHERE (bucket, key, id) > (?1, ?2, ?3)
               ORDER BY bucket, key, id LIMIT ?4";
    let mut statement = conn.prepare_cached(sql)?;
    let after_id = after.upload_id.as_deref().unwrap_or_default();
    let rows = statement.query_map(params![after.bucket, after.key, after_id, to_sql(limit as u64)], |row| {
        Ok(Name { bucket: row.get(0)?, key: row.get(1)?, upload_id: Some(row.get(2)?) })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
