//! GetObject and HeadObject.

use std::mem;
use std::ops::Range as Span;
use std::sync::Arc;

use http::header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue, IF_RANGE};
use http::{HeaderMap, StatusCode};
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};
use tokio::task::spawn_blocking;

use super::{Answer, buckets, etag, size};
use crate::checksum::set_checksums;
use crate::clock::{http_time, timestamp};
use crate::error::{Error, custom, object_name};
use crate::harden::ServesObject;
use crate::index::contents::Piece;
use crate::index::objects::{self, Object};
use crate::inner::Inner;
use crate::leases::Lease;
use crate::reader::Reader;

/// The type of an object that came without one, as S3 has it.
const DEFAULT_TYPE: &str = "binary/octet-stream";

/// Copies the fields that the outputs of GET and HEAD share.
macro_rules! describe {
    ($output:expr, $found:expr, $checksum_mode:expr) => {{
        let (found, output) = (&$found, &mut $output);
        let headers = found.object.headers.clone();
        output.accept_ranges = Some("bytes".to_owned());
        output.content_length = Some(size(found.span.end - found.span.start));
        output.content_range = found.content_range();
        output.e_tag = Some(etag(&found.object.etag));
        output.last_modified = Some(timestamp(found.object.modified_at));
        output.content_type = Some(headers.content_type.unwrap_or_else(|| DEFAULT_TYPE.to_owned()));
        output.cache_control = headers.cache_control;
        output.content_disposition = headers.content_disposition;
        output.content_encoding = headers.content_encoding;
        output.content_language = headers.content_language;
        output.expires = headers.expires;
        output.metadata = (!headers.metadata.is_empty()).then(|| headers.metadata.into_iter().collect());
        output.parts_count = found.parts_count;
        // A checksum of the whole says nothing about a part of it: clients would take the part for damaged.
        let is_enabled = $checksum_mode.as_ref().is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
        if is_enabled && !found.is_partial {
            output.checksum_type = Some(found.object.checksums.checksum_type());
            set_checksums!(output, &found.object.checksums.sums);
        }
    }};
}

/// Moves the fields out that the inputs of GET and HEAD share.
macro_rules! wanted {
    ($input:expr, $headers:expr, $wants_body:expr) => {
        Wanted {
            wants_body: $wants_body,
            bucket: $input.bucket,
            key: $input.key,
            if_match: $input.if_match,
            if_none_match: $input.if_none_match,
            if_modified_since: $input.if_modified_since,
            if_unmodified_since: $input.if_unmodified_since,
            if_range: $headers.get(IF_RANGE).cloned(),
            range: $input.range,
            part_number: $input.part_number,
        }
    };
}

pub(super) async fn get_object(inner: &Arc<Inner>, request: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
    let input = request.input;
    buckets::existing(inner, &input.bucket)?;
    let wanted = wanted!(input, request.headers, true);
    let opening = inner.clone();
    let (found, reader) = spawn_blocking(move || {
        let looking_up = opening.leases.looking_up();
        let mut found = find(&opening, &wanted)?;
        let lease = Lease::new(&opening, found.object.content_id);
        drop(looking_up);
        let name = object_name(&wanted.bucket, &wanted.key);
        let reader = Reader::open(&opening.blobs, lease, name, mem::take(&mut found.pieces), found.span.clone())?;
        Ok::<_, Error>((found, reader))
    })
    .await
    .map_err(Error::from)??;
    let mut output = GetObjectOutput { body: Some(StreamingBlob::new(reader)), ..GetObjectOutput::default() };
    describe!(output, found, input.checksum_mode);
    output.tag_count = i32::try_from(found.object.headers.tags.len()).ok().filter(|count| *count > 0);
    Ok(object_response(output))
}

pub(super) async fn head_object(inner: &Arc<Inner>, request: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
    let input = request.input;
    buckets::existing(inner, &input.bucket)?;
    let wanted = wanted!(input, request.headers, false);
    let looking = inner.clone();
    let found = spawn_blocking(move || find(&looking, &wanted)).await.map_err(Error::from)??;
    let mut output = HeadObjectOutput::default();
    describe!(output, found, input.checksum_mode);
    Ok(object_response(output))
}

fn object_response<T>(output: T) -> S3Response<T> {
    let mut response = S3Response::new(output);
    response.extensions.insert(ServesObject);
    response
}

/// What a GET or HEAD asks for.
struct Wanted {
    wants_body: bool,
    bucket: String,
    key: String,
    if_match: Option<ETagCondition>,
    if_none_match: Option<ETagCondition>,
    if_modified_since: Option<Timestamp>,
    if_unmodified_since: Option<Timestamp>,
    if_range: Option<HeaderValue>,
    range: Option<Range>,
    part_number: Option<i32>,
}

/// The object, and the bytes of it that were asked for.
struct Found {
    object: Object,
    pieces: Vec<Piece>,
    span: Span<u64>,
    is_partial: bool,
    parts_count: Option<i32>,
}

impl Found {
    fn content_range(&self) -> Option<String> {
        let Span { start, end } = self.span;
        self.is_partial.then(|| format!("bytes {start}-{}/{}", end - 1, self.object.size_bytes))
    }
}

fn find(inner: &Inner, wanted: &Wanted) -> Result<Found, Error> {
    let found = inner.index.read_blocking(|tx| {
        let object = objects::find(tx, &wanted.bucket, &wanted.key)?.ok_or(S3ErrorCode::NoSuchKey)?;
        let needs_pieces = wanted.wants_body || wanted.part_number.is_some();
        let pieces = if needs_pieces { objects::list_pieces(tx, &object)? } else { Vec::new() };
        Ok((object, pieces))
    });
    let (object, pieces) = found.map_err(|error| error.about(&object_name(&wanted.bucket, &wanted.key)))?;
    check_conditions(wanted, &object)?;
    // RFC 9110, section 13.1.5: a range of what the client has not seen is no use to it.
    let is_seen = |etag: &HeaderValue| etag.as_bytes() == format!("\"{}\"", object.etag).as_bytes();
    let range = wanted.range.filter(|_| wanted.if_range.as_ref().is_none_or(is_seen));
    let (span, parts_count) = match (range, wanted.part_number) {
        (Some(_), Some(_)) => return Err(s3_error!(InvalidRequest, "Range and partNumber exclude each other.").into()),
        (Some(range), None) => (range.check(object.size_bytes).map_err(|_| out_of_range(object.size_bytes))?, None),
        (None, Some(number)) => (span_of_part(&pieces, number)?, i32::try_from(pieces.len()).ok()),
        (None, None) => (0..object.size_bytes, None),
    };
    // An empty object has no range that a Content-Range could name.
    let is_partial = (range.is_some() || wanted.part_number.is_some()) && !span.is_empty();
    Ok(Found { object, pieces, span, is_partial, parts_count })
}

/// RFC 9110, section 14.4: the answer tells how long the object is.
fn out_of_range(size_bytes: u64) -> S3Error {
    let mut error = s3_error!(InvalidRange, "The requested range is not satisfiable");
    let size = HeaderValue::try_from(format!("bytes */{size_bytes}"));
    let size = size.into_iter().map(|value| (CONTENT_RANGE, value));
    // Headers of its own take the place of all others.
    let xml = (CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    error.set_headers(size.chain([xml]).collect());
    error
}

fn span_of_part(pieces: &[Piece], number: i32) -> S3Result<Span<u64>> {
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let Some(piece) = index.and_then(|index| pieces.get(index)) else {
        let message = "The requested partnumber is not satisfiable";
        return Err(custom(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidPartNumber", message));
    };
    let start = pieces[..index.unwrap_or_default()].iter().map(|piece| piece.size_bytes).sum();
    Ok(start..start + piece.size_bytes)
}

/// RFC 9110, section 13.2.2: the entity tag outranks the date.
fn check_conditions(wanted: &Wanted, object: &Object) -> S3Result<()> {
    let modified = http_time(object.modified_at);
    let matches = |condition: &ETagCondition| objects::matches(condition, &object.etag);
    let is_refused = match (&wanted.if_match, &wanted.if_unmodified_since) {
        (Some(condition), _) => !matches(condition),
        (None, Some(date)) => modified > *date,
        (None, None) => false,
    };
    if is_refused {
        return Err(s3_error!(PreconditionFailed));
    }
    let is_known = match (&wanted.if_none_match, &wanted.if_modified_since) {
        (Some(condition), _) => matches(condition),
        (None, Some(date)) => modified <= *date,
        (None, None) => false,
    };
    if is_known {
        let mut error = s3_error!(NotModified);
        let value = HeaderValue::try_from(format!("\"{}\"", object.etag));
        error.set_headers(value.into_iter().map(|value| (ETAG, value)).collect::<HeaderMap>());
        return Err(error);
    }
    Ok(())
}
