//! Listing: keys in byte order, rolled up at a delimiter. A common prefix costs one seek, however many keys it
//! stands for.

use rusqlite::{Connection, params};

use super::contents::from_sql;
use crate::clock::Micros;
use crate::error::Error;

/// What to list.
pub(crate) struct Query {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    pub(crate) delimiter: Option<String>,
    /// Only what comes after this key or common prefix.
    pub(crate) after: String,
    /// Keys and common prefixes together.
    pub(crate) max_entries: usize,
}

/// One page of a listing.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    /// Whether there is more after the last entry.
    pub(crate) is_truncated: bool,
}

pub(crate) enum Entry {
    Object { key: String, size_bytes: u64, etag: String, modified_at: Micros },
    CommonPrefix(String),
}

impl Entry {
    /// The text by which the entry is sorted, and after which the next page begins.
    pub(crate) fn marker(&self) -> &str {
        match self {
            Entry::Object { key, .. } => key,
            Entry::CommonPrefix(prefix) => prefix,
        }
    }
}

impl Query {
    /// The common prefix that stands for `key`, if one does.
    pub(crate) fn common_prefix<'a>(&self, key: &'a str) -> Option<&'a str> {
        let rest = key.strip_prefix(&self.prefix)?;
        let delimiter = self.delimiter.as_deref()?;
        let end = rest.find(delimiter)? + delimiter.len();
        Some(&key[..self.prefix.len() + end])
    }

    /// The first key that can be on the page.
    fn start(&self) -> Vec<u8> {
        let after = self.after.as_bytes();
        if after < self.prefix.as_bytes() {
            return self.prefix.clone().into_bytes();
        }
        match self.common_prefix(&self.after) {
            Some(prefix) => past(prefix),
            None => [after, &[0]].concat(),
        }
    }
}

/// Reads one page.
pub(crate) fn list(tx: &Connection, query: &Query) -> Result<Page, Error> {
    let mut page = Page::default();
    if query.max_entries == 0 {
        return Ok(page);
    }
    let sql = "SELECT key, size_bytes, etag, modified_at FROM objects
               WHERE bucket = ?1 AND key >= ?2 AND key < ?3 ORDER BY key";
    let mut statement = tx.prepare_cached(sql)?;
    let end = past(&query.prefix);
    let mut start = query.start();
    'seek: loop {
        let mut rows = statement.query(params![query.bucket, start, end])?;
        while let Some(row) = rows.next()? {
            if page.entries.len() == query.max_entries {
                page.is_truncated = true;
                return Ok(page);
            }
            let key = text(row.get(0)?)?;
            if let Some(prefix) = query.common_prefix(&key) {
                start = past(prefix);
                page.entries.push(Entry::CommonPrefix(prefix.to_owned()));
                continue 'seek;
            }
            let (size_bytes, etag, modified_at) = (from_sql(row.get(1)?), row.get(2)?, row.get(3)?);
            page.entries.push(Entry::Object { key, size_bytes, etag, modified_at });
        }
        return Ok(page);
    }
}

/// The first bytes after everything that begins with `prefix`; no UTF-8 begins with 0xFF.
pub(super) fn past(prefix: &str) -> Vec<u8> {
    let mut bytes = prefix.as_bytes().to_vec();
    match bytes.last_mut() {
        Some(last) => *last += 1,
        None => bytes.push(0xFF),
    }
    bytes
}

pub(super) fn text(key: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(key).map_err(|error| rusqlite::Error::Utf8Error(0, error.utf8_error()).into())
}
