//! Multipart uploads that are not complete: each fills a content of its own, which its object will show.

use rusqlite::{Connection, named_params, params};

use super::contents::{self, ContentId};
use super::listing::{Query, past, text};
use super::objects::Headers;
use crate::checksum::UploadChecksum;
use crate::clock::Micros;
use crate::error::Error;

/// One upload.
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) id: String,
    pub(crate) content_id: ContentId,
    pub(crate) created_at: Micros,
    pub(crate) headers: Headers,
    /// The checksum of the whole that the client asked for.
    pub(crate) checksum: Option<UploadChecksum>,
}

/// Begins an upload with no parts.
pub(crate) fn insert(tx: &Connection, bucket: &str, upload: &Upload) -> Result<(), Error> {
    let sql = "INSERT INTO uploads (bucket, key, id, content_id, created_at, headers, checksum)
               VALUES (:bucket, :key, :id, :content, :created, :headers, :checksum)";
    tx.prepare_cached(sql)?.execute(named_params! {
        ":bucket": bucket,
        ":key": upload.key.as_bytes(),
        ":id": upload.id,
        ":content": upload.content_id,
        ":created": upload.created_at,
        ":headers": serde_json::to_string(&upload.headers)?,
        ":checksum": upload.checksum.as_ref().map(serde_json::to_string).transpose()?,
    })?;
    Ok(())
}

/// The upload of this id under this key.
pub(crate) fn find(tx: &Connection, bucket: &str, key: &str, id: &str) -> Result<Option<Upload>, Error> {
    let sql = "SELECT key, id, content_id, created_at, headers, checksum FROM uploads
               WHERE bucket = ?1 AND key = ?2 AND id = ?3";
    let mut statement = tx.prepare_cached(sql)?;
    let mut rows = statement.query(params![bucket, key.as_bytes(), id])?;
    rows.next()?.map(read).transpose()
}

fn delete(tx: &Connection, bucket: &str, upload: &Upload) -> Result<(), Error> {
    let sql = "DELETE FROM uploads WHERE bucket = ?1 AND key = ?2 AND id = ?3";
    tx.prepare_cached(sql)?.execute(params![bucket, upload.key.as_bytes(), upload.id])?;
    Ok(())
}

/// Forgets the upload and every part of it.
pub(crate) fn abort(tx: &Connection, bucket: &str, upload: &Upload) -> Result<(), Error> {
    delete(tx, bucket, upload)?;
    contents::release(tx, upload.content_id)
}

/// Forgets the upload, and keeps its content, which remembers whose it was.
pub(crate) fn complete(tx: &Connection, bucket: &str, upload: &Upload) -> Result<(), Error> {
    delete(tx, bucket, upload)?;
    tx.prepare_cached("UPDATE contents SET upload_id = ?2 WHERE id = ?1")?
        .execute(params![upload.content_id, upload.id])?;
    Ok(())
}

/// Whether this upload was completed and its content is this one.
pub(crate) fn filled(tx: &Connection, id: &str, content_id: ContentId) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM contents WHERE id = ?1 AND upload_id = ?2";
    Ok(tx.prepare_cached(sql)?.exists(params![content_id, id])?)
}

/// One page of uploads.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) uploads: Vec<Upload>,
    pub(crate) common_prefixes: Vec<String>,
    pub(crate) is_truncated: bool,
}

/// Lists uploads by key and id, after the key `query.after` and, under that key, after `after_id` where it is given.
pub(crate) fn list(tx: &Connection, query: &Query, after_id: Option<&str>) -> Result<Page, Error> {
    let sql = "SELECT key, id, content_id, created_at, headers, checksum FROM uploads
               WHERE bucket = ?1 AND key >= ?2 AND key < ?3 AND (key > ?4 OR (key = ?4 AND id > ?5)) ORDER BY key, id";
    // Without an id, everything under the marker's key is behind it: no id sorts after this one.
    let after_id = after_id.unwrap_or("\u{10FFFF}");
    let (end, after) = (past(&query.prefix), query.after.as_bytes());
    // SQLite seeks by this bound alone: without the marker in it, each page would read all pages before it.
    let start = after.max(query.prefix.as_bytes());
    let mut statement = tx.prepare_cached(sql)?;
    let mut rows = statement.query(params![query.bucket, start, end, after, after_id])?;
    let mut page = Page::default();
    while let Some(row) = rows.next()? {
        let upload = read(row)?;
        let prefix = query.common_prefix(&upload.key);
        let is_listed = prefix.is_some_and(|prefix| {
            prefix <= query.after.as_str() || page.common_prefixes.last().is_some_and(|last| last == prefix)
        });
        if is_listed {
            continue;
        }
        if page.uploads.len() + page.common_prefixes.len() == query.max_entries {
            page.is_truncated = query.max_entries > 0;
            break;
        }
        match prefix {
            Some(prefix) => page.common_prefixes.push(prefix.to_owned()),
            None => page.uploads.push(upload),
        }
    }
    Ok(page)
}

fn read(row: &rusqlite::Row<'_>) -> Result<Upload, Error> {
    let checksum: Option<String> = row.get(5)?;
    Ok(Upload {
        key: text(row.get(0)?)?,
        id: row.get(1)?,
        content_id: row.get(2)?,
        created_at: row.get(3)?,
        headers: serde_json::from_str(row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?)?,
        checksum: checksum.as_deref().map(serde_json::from_str).transpose()?,
    })
}
