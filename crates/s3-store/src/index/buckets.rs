//! Buckets and their CORS rules.

use rusqlite::{Connection, params};
use s3s::dto::CORSRule;

use crate::clock::Micros;
use crate::error::Error;

/// One bucket.
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) created_at: Micros,
    /// The rules that answer browsers; `None` where nobody has put any.
    pub(crate) cors: Option<Vec<CORSRule>>,
}

/// Inserts a bucket; `false` where it is there already.
pub(crate) fn insert(tx: &Connection, name: &str, now: Micros) -> Result<bool, Error> {
    let sql = "INSERT INTO buckets (name, created_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    Ok(tx.prepare_cached(sql)?.execute(params![name, now])? > 0)
}

/// Whether the bucket is there.
pub(crate) fn exists(tx: &Connection, name: &str) -> Result<bool, Error> {
    Ok(tx.prepare_cached("SELECT 1 FROM buckets WHERE name = ?1")?.exists([name])?)
}

/// Whether no object and no upload is in the bucket.
pub(crate) fn is_empty(tx: &Connection, name: &str) -> Result<bool, Error> {
    let has_object = tx.prepare_cached("SELECT 1 FROM objects WHERE bucket = ?1 LIMIT 1")?.exists([name])?;
    let has_upload = tx.prepare_cached("SELECT 1 FROM uploads WHERE bucket = ?1 LIMIT 1")?.exists([name])?;
    Ok(!has_object && !has_upload)
}

/// Deletes the bucket; `false` where there is none.
pub(crate) fn delete(tx: &Connection, name: &str) -> Result<bool, Error> {
    Ok(tx.prepare_cached("DELETE FROM buckets WHERE name = ?1")?.execute([name])? > 0)
}

/// Sets or clears the CORS rules; `false` where there is no such bucket.
pub(crate) fn update_cors(tx: &Connection, name: &str, rules: Option<&[CORSRule]>) -> Result<bool, Error> {
    let json = rules.map(serde_json::to_string).transpose()?;
    let sql = "UPDATE buckets SET cors = ?2 WHERE name = ?1";
    Ok(tx.prepare_cached(sql)?.execute(params![name, json])? > 0)
}

/// All buckets, by name.
pub(crate) fn list(tx: &Connection) -> Result<Vec<Bucket>, Error> {
    let mut statement = tx.prepare_cached("SELECT name, created_at, cors FROM buckets ORDER BY name")?;
    let mut rows = statement.query([])?;
    let mut buckets = Vec::new();
    while let Some(row) = rows.next()? {
        let cors: Option<String> = row.get(2)?;
        let cors = cors.as_deref().map(serde_json::from_str).transpose()?;
        buckets.push(Bucket { name: row.get(0)?, created_at: row.get(1)?, cors });
    }
    Ok(buckets)
}
