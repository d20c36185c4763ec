//! Objects: the rows that make contents visible under a key, and the conditions decided with them.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, named_params, params};
use s3s::dto::{ETag, ETagCondition};
use s3s::{S3ErrorCode, S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::contents::{self, ContentId, Piece, from_sql, to_sql};
use super::row_sum::{check_sum, row_sum};
use crate::checksum::ObjectChecksums;
use crate::clock::Micros;
use crate::combine;
use crate::error::Error;

/// The names, without their prefix, and the values together.
const MAX_METADATA_BYTES: usize = 2048;
/// The values of all other headers together: as many bytes as S3 takes of a PUT's headers.
const MAX_HEADERS_BYTES: usize = 8 * 1024;

/// What a client wants to see again with its object.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Headers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<s3s::dto::Timestamp>,
    /// `x-amz-meta-…`, without the prefix.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: Tags,
}

impl Headers {
    /// Refuses more than S3 takes: every answer for the object carries all of it.
    pub(crate) fn checked(self) -> S3Result<Headers> {
        let texts = [
            &self.content_type,
            &self.cache_control,
            &self.content_disposition,
            &self.content_encoding,
            &self.content_language,
        ];
        if texts.into_iter().flatten().map(String::len).sum::<usize>() > MAX_HEADERS_BYTES {
            return Err(s3_error!(RequestHeaderSectionTooLarge, "Your headers exceed the maximum allowed size"));
        }
        let metadata_bytes: usize = self.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        if metadata_bytes > MAX_METADATA_BYTES {
            return Err(s3_error!(MetadataTooLarge, "Your metadata headers exceed the maximum allowed metadata size"));
        }
        Ok(self)
    }
}

/// Values by name.
pub(crate) type Tags = BTreeMap<String, String>;

/// One stored object.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) content_id: ContentId,
    pub(crate) size_bytes: u64,
    /// Without quotes: the MD5 in hex, or S3's form for several parts.
    pub(crate) etag: String,
    pub(crate) modified_at: Micros,
    pub(crate) headers: Headers,
    pub(crate) checksums: ObjectChecksums,
}

/// If-Match and If-None-Match of a write.
#[derive(Default)]
pub(crate) struct WriteConditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
}

/// The object under a key.
pub(crate) fn find(tx: &Connection, bucket: &str, key: &str) -> Result<Option<Object>, Error> {
    let sql = "SELECT content_id, size_bytes, etag, modified_at, headers, checksums, row_sum FROM objects
               WHERE bucket = ?1 AND key = ?2";
    let mut statement = tx.prepare_cached(sql)?;
    let mut rows = statement.query(params![bucket, key.as_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let object = parse(row, bucket, key).map_err(|_| Error::Damaged("its row is not what was stored".to_owned()))?;
    Ok(Some(object))
}

fn parse(row: &Row<'_>, bucket: &str, key: &str) -> Result<Object, Error> {
    let headers = row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?;
    let checksums = row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?;
    let object = Object {
        content_id: row.get(0)?,
        size_bytes: from_sql(row.get(1)?),
        etag: row.get(2)?,
        modified_at: row.get(3)?,
        headers: serde_json::from_str(headers)?,
        checksums: serde_json::from_str(checksums)?,
    };
    check_sum(row.get(6)?, sum_of(bucket, key, &object, headers, checksums))?;
    Ok(object)
}

/// The row's checksum; `headers` and `checksums` are what the row holds of them.
fn sum_of(bucket: &str, key: &str, object: &Object, headers: &str, checksums: &str) -> i64 {
    row_sum(&[
        bucket.as_bytes(),
        key.as_bytes(),
        &object.content_id.to_be_bytes(),
        &object.size_bytes.to_be_bytes(),
        object.etag.as_bytes(),
        &object.modified_at.to_be_bytes(),
        headers.as_bytes(),
        checksums.as_bytes(),
    ])
}

/// The pieces that the object shows.
///
/// # Errors
/// Where they are not those that its size and its entity tag were made of.
pub(crate) fn list_pieces(tx: &Connection, object: &Object) -> Result<Vec<Piece>, Error> {
    let pieces = contents::list_pieces(tx, object.content_id, 0, contents::MAX_PIECES)?;
    let is_etag = match pieces.as_slice() {
        [piece] if object.etag == hex::encode(piece.md5) => true,
        pieces => object.etag == combine::etag(&pieces.iter().collect::<Vec<_>>()),
    };
    if !is_etag || pieces.iter().map(|piece| piece.size_bytes).sum::<u64>() != object.size_bytes {
        return Err(Error::Damaged("its rows in the index are not those that it was stored with".to_owned()));
    }
    Ok(pieces)
}

/// Shows `object` under the key, where the conditions hold, and lets go of what was there.
pub(crate) fn put(
    tx: &Connection,
    bucket: &str,
    key: &str,
    object: &Object,
    conditions: &WriteConditions,
) -> Result<(), Error> {
    if !super::buckets::exists(tx, bucket)? {
        return Err(S3ErrorCode::NoSuchBucket.into());
    }
    let previous = match find(tx, bucket, key) {
        // What is damaged can be stored anew. Its files stay: the row's word on them is not to be trusted.
        Err(Error::Damaged(_)) if conditions.if_match.is_none() && conditions.if_none_match.is_none() => None,
        found => found?,
    };
    check(previous.as_ref(), conditions)?;
    let sql =
        "INSERT INTO objects (bucket, key, content_id, size_bytes, etag, modified_at, headers, checksums, row_sum)
               VALUES (:bucket, :key, :content, :size, :etag, :modified, :headers, :checksums, :sum)
               ON CONFLICT (bucket, key) DO UPDATE SET content_id = :content, size_bytes = :size, etag = :etag,
                   modified_at = :modified, headers = :headers, checksums = :checksums, row_sum = :sum";
    let (headers, checksums) = (serde_json::to_string(&object.headers)?, serde_json::to_string(&object.checksums)?);
    tx.prepare_cached(sql)?.execute(named_params! {
        ":bucket": bucket,
        ":key": key.as_bytes(),
        ":content": object.content_id,
        ":size": to_sql(object.size_bytes),
        ":etag": object.etag,
        ":modified": object.modified_at,
        ":headers": headers,
        ":checksums": checksums,
        ":sum": sum_of(bucket, key, object, &headers, &checksums),
    })?;
    if let Some(previous) = previous {
        contents::release(tx, previous.content_id)?;
    }
    Ok(())
}

/// Deletes the object where the condition holds; a key that is not there is deleted already, as S3 has it.
pub(crate) fn delete(tx: &Connection, bucket: &str, key: &str, if_match: Option<&ETagCondition>) -> Result<(), Error> {
    let object = match find(tx, bucket, key) {
        // What is damaged can be deleted; its files stay.
        Err(Error::Damaged(_)) if if_match.is_none() => None,
        Ok(None) if if_match.is_none() => return Ok(()),
        Ok(None) => return Err(S3ErrorCode::PreconditionFailed.into()),
        found => found?,
    };
    let is_refused = |object: &Object| if_match.is_some_and(|condition| !matches(condition, &object.etag));
    if object.as_ref().is_some_and(is_refused) {
        return Err(S3ErrorCode::PreconditionFailed.into());
    }
    let sql = "DELETE FROM objects WHERE bucket = ?1 AND key = ?2";
    tx.prepare_cached(sql)?.execute(params![bucket, key.as_bytes()])?;
    object.map_or(Ok(()), |object| contents::release(tx, object.content_id))
}

/// Whether a condition names this entity tag; `*` names every one.
pub(crate) fn matches(condition: &ETagCondition, etag: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(ETag::Strong(value) | ETag::Weak(value)) => value == etag,
    }
}

fn check(previous: Option<&Object>, conditions: &WriteConditions) -> Result<(), Error> {
    match (&conditions.if_match, previous) {
        // S3 answers 404 here: there is nothing that could match.
        (Some(_), None) => return Err(S3ErrorCode::NoSuchKey.into()),
        (Some(condition), Some(object)) if !matches(condition, &object.etag) => {
            return Err(S3ErrorCode::PreconditionFailed.into());
        }
        _ => {}
    }
    match (&conditions.if_none_match, previous) {
        (Some(condition), Some(object)) if matches(condition, &object.etag) => {
            Err(S3ErrorCode::PreconditionFailed.into())
        }
        _ => Ok(()),
    }
}
