//! PutObject, and what every way of storing an object has in common.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result};

use super::{Answer, buckets, etag, size};
use crate::blobs::Blob;
use crate::checksum::{Expected, ObjectChecksums, set_checksums};
use crate::clock::now;
use crate::index::contents::{self, Piece};
use crate::index::objects::{self, Headers, Object, WriteConditions};
use crate::inner::Inner;
use crate::receive::receive;

/// Copies what a client wants to see again out of an input that has S3's usual fields.
macro_rules! stored_headers {
    ($input:expr) => {
        $crate::index::objects::Headers {
            content_type: $input.content_type.take(),
            cache_control: $input.cache_control.take(),
            content_disposition: $input.content_disposition.take(),
            content_encoding: $input.content_encoding.take().and_then($crate::s3::upload::without_aws_chunked),
            content_language: $input.content_language.take(),
            expires: $input.expires.take(),
            metadata: $input.metadata.take().unwrap_or_default().into_iter().collect(),
            tags: $crate::s3::tagging::parse($input.tagging.take().as_deref())?,
        }
    };
}
pub(super) use stored_headers;

pub(super) async fn put_object(inner: &Arc<Inner>, request: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
    let mut input = request.input;
    buckets::existing(inner, &input.bucket)?;
    let expected = Expected::parse(&request.headers, request.trailing_headers)?;
    let headers: Headers = stored_headers!(input).checked()?;
    let blob = receive(inner, input.body.take(), expected).await?;
    let conditions = WriteConditions { if_match: input.if_match.take(), if_none_match: input.if_none_match.take() };
    let object = store(inner, &input.bucket, &input.key, blob, headers, conditions).await?;
    Ok(S3Response::new(put_output(&object)))
}

/// Shows the blob as the object of this key, where the conditions hold.
pub(crate) async fn store(
    inner: &Arc<Inner>,
    bucket: &str,
    key: &str,
    blob: Blob,
    headers: Headers,
    conditions: WriteConditions,
) -> S3Result<Object> {
    let (bucket, key) = (bucket.to_owned(), key.to_owned());
    let piece = piece(1, &blob);
    let mut object = Object {
        content_id: 0,
        size_bytes: piece.size_bytes,
        etag: hex::encode(piece.md5),
        modified_at: piece.stored_at,
        headers,
        checksums: ObjectChecksums { is_composite: false, sums: piece.sums.clone() },
    };
    let put = move |tx: &rusqlite::Connection| {
        object.content_id = contents::insert(tx)?;
        contents::put_piece(tx, object.content_id, &piece)?;
        objects::put(tx, &bucket, &key, &object, &conditions)?;
        Ok(object)
    };
    let object = inner.index.write(vec![blob], put).await?;
    inner.sweeper.wake();
    Ok(object)
}

/// The row of a blob that was just received.
pub(super) fn piece(number: i32, blob: &Blob) -> Piece {
    Piece {
        number,
        blob_id: blob.id,
        size_bytes: blob.size_bytes,
        md5: blob.digests.md5,
        sums: blob.digests.sums.clone(),
        stored_at: now(),
        block_sums: blob.digests.block_sums.clone(),
    }
}

/// `aws-chunked` names how the body travelled; only what else is there belongs to the object.
pub(crate) fn without_aws_chunked(encoding: String) -> Option<String> {
    let is_own = |part: &&str| !part.is_empty() && !part.eq_ignore_ascii_case("aws-chunked");
    let own: Vec<&str> = encoding.split(',').map(str::trim).filter(is_own).collect();
    (!own.is_empty()).then(|| own.join(", "))
}

fn put_output(object: &Object) -> PutObjectOutput {
    let mut output = PutObjectOutput {
        e_tag: Some(etag(&object.etag)),
        checksum_type: Some(object.checksums.checksum_type()),
        size: Some(size(object.size_bytes)),
        ..PutObjectOutput::default()
    };
    set_checksums!(output, &object.checksums.sums);
    output
}
