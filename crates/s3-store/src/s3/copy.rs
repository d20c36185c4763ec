//! CopyObject: one row more for the same blobs; nothing is read or written but the index.

use std::sync::Arc;

use http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::source::{Source, source};
use super::upload::stored_headers;
use super::{Answer, etag, tagging};
use crate::checksum::set_checksums;
use crate::clock::{now, timestamp};
use crate::index::contents;
use crate::index::objects::{self, Headers, Object, WriteConditions};
use crate::inner::Inner;

pub(super) async fn copy_object(inner: &Arc<Inner>, request: S3Request<CopyObjectInput>) -> Answer<CopyObjectOutput> {
    let mut input = request.input;
    let source: Source = source!(input)?;
    let conditions = target_conditions(&request.headers)?;
    let retagged = match input.tagging_directive.take() {
        Some(directive) if directive.as_str() == TaggingDirective::REPLACE => {
            Some(tagging::parse(input.tagging.as_deref())?)
        }
        _ => None,
    };
    let replaced: Option<Headers> = match input.metadata_directive.take() {
        Some(directive) if directive.as_str() == MetadataDirective::REPLACE => Some(stored_headers!(input).checked()?),
        _ => None,
    };
    if replaced.is_none() && *source.bucket == *input.bucket && *source.key == *input.key {
        let message =
            "This copy request is illegal because it is trying to copy an object to itself without changing it.";
        return Err(s3_error!(InvalidRequest, "{message}"));
    }
    let copy = move |tx: &rusqlite::Connection| {
        let found = source.find(tx)?;
        contents::retain(tx, found.content_id)?;
        let tags = retagged.unwrap_or_else(|| found.headers.tags.clone());
        let headers = Headers { tags, ..replaced.unwrap_or(found.headers) };
        let object = Object { modified_at: now(), headers, ..found };
        objects::put(tx, &input.bucket, &input.key, &object, &conditions)?;
        Ok(object)
    };
    let object = inner.index.write(Vec::new(), copy).await?;
    inner.sweeper.wake();
    let mut result = CopyObjectResult {
        e_tag: Some(etag(&object.etag)),
        last_modified: Some(timestamp(object.modified_at)),
        checksum_type: Some(object.checksums.checksum_type()),
        ..CopyObjectResult::default()
    };
    set_checksums!(result, &object.checksums.sums);
    Ok(S3Response::new(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() }))
}

/// The conditions on what the copy replaces; s3s hands on only those on its source.
fn target_conditions(headers: &HeaderMap) -> S3Result<WriteConditions> {
    let condition = |name: HeaderName| {
        let value = headers.get(&name).map(|value| ETagCondition::parse_http_header(value.as_bytes()));
        value.transpose().map_err(|_| s3_error!(InvalidArgument, "The header {name} is no entity tag."))
    };
    Ok(WriteConditions { if_match: condition(IF_MATCH)?, if_none_match: condition(IF_NONE_MATCH)? })
}
