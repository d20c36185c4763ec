//! The source of a copy: which object, under which conditions, and its bytes.

use std::ops::Range;
use std::sync::Arc;

use rusqlite::Connection;
use s3s::dto::{CopySource, ETagCondition, Timestamp};
use s3s::{S3ErrorCode, S3Result, s3_error};

use super::check_key;
use super::versions::check_version;
use crate::clock::http_time;
use crate::error::{Error, object_name};
use crate::index::buckets;
use crate::index::objects::{self, Object};
use crate::inner::Inner;
use crate::leases::Lease;
use crate::reader::Reader;

/// What is copied, and under which conditions.
pub(super) struct Source {
    pub(super) bucket: Box<str>,
    pub(super) key: Box<str>,
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
    pub(super) if_modified_since: Option<Timestamp>,
    pub(super) if_unmodified_since: Option<Timestamp>,
}

/// Reads the fields that CopyObject and UploadPartCopy share.
macro_rules! source {
    ($input:expr) => {
        $crate::s3::source::address(&$input.copy_source).map(|(bucket, key)| $crate::s3::source::Source {
            bucket,
            key,
            if_match: $input.copy_source_if_match.clone(),
            if_none_match: $input.copy_source_if_none_match.clone(),
            if_modified_since: $input.copy_source_if_modified_since.clone(),
            if_unmodified_since: $input.copy_source_if_unmodified_since.clone(),
        })
    };
}
pub(super) use source;

/// The bucket and the key; s3s has decoded them.
pub(super) fn address(source: &CopySource) -> S3Result<(Box<str>, Box<str>)> {
    let CopySource::Bucket { bucket, key, version_id } = source else {
        return Err(s3_error!(NotImplemented, "Only /bucket/key can be a copy source."));
    };
    version_id.as_deref().map_or(Ok(()), check_version)?;
    check_key(key)?;
    Ok((bucket.clone(), key.clone()))
}

impl Source {
    /// The object, where it is as the copy wants it.
    pub(super) fn find(&self, tx: &Connection) -> Result<Object, Error> {
        if !buckets::exists(tx, &self.bucket)? {
            return Err(S3ErrorCode::NoSuchBucket.into());
        }
        let object = objects::find(tx, &self.bucket, &self.key)?.ok_or(S3ErrorCode::NoSuchKey)?;
        self.check(&object)?;
        Ok(object)
    }

    /// Opens the bytes in `range`, all where there is none, and tells how many they are; blocks.
    pub(super) fn open(&self, inner: &Arc<Inner>, range: Option<&str>) -> Result<(Reader, u64), Error> {
        let name = object_name(&self.bucket, &self.key);
        let looking_up = inner.leases.looking_up();
        let find = |tx: &Connection| {
            let object = self.find(tx)?;
            let pieces = objects::list_pieces(tx, &object)?;
            Ok((object, pieces))
        };
        let (object, pieces) = inner.index.read_blocking(find).map_err(|error| error.about(&name))?;
        let span = range.map_or(Ok(0..object.size_bytes), |range| span(range, object.size_bytes))?;
        let lease = Lease::new(inner, object.content_id);
        drop(looking_up);
        let size_bytes = span.end - span.start;
        Ok((Reader::open(&inner.blobs, lease, name, pieces, span)?, size_bytes))
    }

    fn check(&self, object: &Object) -> S3Result<()> {
        let modified = http_time(object.modified_at);
        let matches = |condition: &ETagCondition| objects::matches(condition, &object.etag);
        let is_refused = self.if_match.as_ref().is_some_and(|condition| !matches(condition))
            || self.if_none_match.as_ref().is_some_and(matches)
            || (self.if_match.is_none() && self.if_unmodified_since.as_ref().is_some_and(|date| modified > *date))
            || (self.if_none_match.is_none() && self.if_modified_since.as_ref().is_some_and(|date| modified <= *date));
        if is_refused { Err(s3_error!(PreconditionFailed)) } else { Ok(()) }
    }
}

/// Reads `bytes=first-last`, which must lie within the object: S3 cuts nothing off here.
fn span(range: &str, size_bytes: u64) -> S3Result<Range<u64>> {
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok())?;
    let ends = range.strip_prefix("bytes=").and_then(|ends| ends.split_once('-'));
    let ends = ends.and_then(|(first, last)| Some((number(first)?, number(last)?)));
    let Some((first, last)) = ends.filter(|(first, last)| first <= last) else {
        return Err(s3_error!(
            InvalidArgument,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the \
             zero-based offsets of the first and last bytes to copy"
        ));
    };
    if last >= size_bytes {
        return Err(s3_error!(InvalidArgument, "Range specified is not valid for source object of size: {size_bytes}"));
    }
    Ok(first..last + 1)
}
