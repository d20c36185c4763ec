//! Multipart uploads until they are complete: create, list, abort.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result, s3_error};
use uuid::Uuid;

use super::listing::{Encoding, page_size, query};
use super::upload::stored_headers;
use super::{Answer, buckets, etag, size};
use crate::checksum::{Algorithm, UploadChecksum, set_checksums};
use crate::clock::{now, timestamp};
use crate::error::Error;
use crate::index::uploads::{self, Upload};
use crate::index::{self, contents};
use crate::inner::Inner;

pub(super) async fn create_multipart_upload(
    inner: &Arc<Inner>,
    request: S3Request<CreateMultipartUploadInput>,
) -> Answer<CreateMultipartUploadOutput> {
    let mut input = request.input;
    let checksum = upload_checksum(input.checksum_algorithm.as_ref(), input.checksum_type.as_ref())?;
    let headers = stored_headers!(input).checked()?;
    let (bucket, key) = (input.bucket, input.key);
    // A version 7 id: S3 lists the uploads of one key in the order in which they began.
    let id = Uuid::now_v7().simple().to_string();
    let output = CreateMultipartUploadOutput {
        bucket: Some(bucket.clone()),
        key: Some(key.clone()),
        upload_id: Some(id.clone()),
        checksum_algorithm: input.checksum_algorithm,
        checksum_type: checksum.map(UploadChecksum::checksum_type),
        ..CreateMultipartUploadOutput::default()
    };
    let insert = move |tx: &rusqlite::Connection| {
        if !index::buckets::exists(tx, &bucket)? {
            return Err(S3ErrorCode::NoSuchBucket.into());
        }
        let content_id = contents::insert(tx)?;
        uploads::insert(tx, &bucket, &Upload { key, id, content_id, created_at: now(), headers, checksum })
    };
    inner.index.write(Vec::new(), insert).await?;
    Ok(S3Response::new(output))
}

pub(super) async fn list_parts(inner: &Arc<Inner>, request: S3Request<ListPartsInput>) -> Answer<ListPartsOutput> {
    let input = request.input;
    let max_parts = page_size(input.max_parts)?;
    let limit = usize::try_from(max_parts).unwrap_or_default();
    let marker = input.part_number_marker.unwrap_or_default();
    let address = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let read = move |tx: &rusqlite::Connection| {
        let upload = existing(tx, &address.0, &address.1, &address.2)?;
        let pieces = contents::list_pieces(tx, upload.content_id, marker, limit + 1)?;
        Ok((upload, pieces))
    };
    let (upload, mut pieces) = index::read(&inner.index, read).await?;
    // A page of nothing has no end to go on from.
    let is_truncated = limit > 0 && pieces.len() > limit;
    pieces.truncate(limit);
    let next_part_number_marker = pieces.last().map(|piece| piece.number);
    let parts = pieces.into_iter().map(|piece| {
        let mut part = Part {
            part_number: Some(piece.number),
            size: Some(size(piece.size_bytes)),
            e_tag: Some(etag(&hex::encode(piece.md5))),
            last_modified: Some(timestamp(piece.stored_at)),
            ..Part::default()
        };
        set_checksums!(part, &piece.sums);
        part
    });
    Ok(S3Response::new(ListPartsOutput {
        parts: Some(parts.collect()),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        part_number_marker: Some(marker),
        next_part_number_marker,
        max_parts: Some(max_parts),
        is_truncated: Some(is_truncated),
        checksum_algorithm: upload.checksum.map(|checksum| ChecksumAlgorithm::from_static(checksum.algorithm.name())),
        checksum_type: upload.checksum.map(UploadChecksum::checksum_type),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        ..ListPartsOutput::default()
    }))
}

pub(super) async fn list_multipart_uploads(
    inner: &Arc<Inner>,
    request: S3Request<ListMultipartUploadsInput>,
) -> Answer<ListMultipartUploadsOutput> {
    let input = request.input;
    buckets::existing(inner, &input.bucket)?;
    let encoding = Encoding::parse(input.encoding_type)?;
    let max_uploads = page_size(input.max_uploads)?;
    let key_marker = input.key_marker.unwrap_or_default();
    let after_id = input.upload_id_marker.clone().filter(|id| !id.is_empty());
    let query = query(input.bucket, input.prefix, input.delimiter, key_marker, max_uploads);
    let list =
        move |tx: &rusqlite::Connection| uploads::list(tx, &query, after_id.as_deref()).map(|page| (query, page));
    let (query, page) = index::read(&inner.index, list).await?;
    let last_upload = page.uploads.last();
    // Where a common prefix ends the page, it is the marker, and no id goes with it.
    let last_prefix = page.common_prefixes.last().filter(|prefix| last_upload.is_none_or(|last| last.key < **prefix));
    let next_key = last_prefix.or(last_upload.map(|last| &last.key)).filter(|_| page.is_truncated);
    let next_id = last_upload.map(|last| last.id.clone()).filter(|_| last_prefix.is_none() && page.is_truncated);
    let prefixes = page.common_prefixes.iter();
    Ok(S3Response::new(ListMultipartUploadsOutput {
        next_key_marker: next_key.map(|key| encoding.encode(key.clone())),
        next_upload_id_marker: next_id,
        uploads: Some(page.uploads.iter().map(|upload| listed(upload, &encoding)).collect()),
        common_prefixes: Some(
            prefixes.map(|prefix| CommonPrefix { prefix: Some(encoding.encode(prefix.clone())) }).collect(),
        ),
        bucket: Some(query.bucket),
        prefix: Some(encoding.encode(query.prefix)),
        delimiter: query.delimiter.map(|delimiter| encoding.encode(delimiter)),
        key_marker: Some(encoding.encode(query.after)),
        upload_id_marker: input.upload_id_marker,
        max_uploads: Some(max_uploads),
        is_truncated: Some(page.is_truncated),
        encoding_type: encoding.name(),
        request_charged: None,
    }))
}

pub(super) async fn abort_multipart_upload(
    inner: &Arc<Inner>,
    request: S3Request<AbortMultipartUploadInput>,
) -> Answer<AbortMultipartUploadOutput> {
    let AbortMultipartUploadInput { bucket, key, upload_id, .. } = request.input;
    let abort = move |tx: &rusqlite::Connection| {
        let upload = existing(tx, &bucket, &key, &upload_id)?;
        uploads::abort(tx, &bucket, &upload)
    };
    inner.index.write(Vec::new(), abort).await?;
    inner.sweeper.wake();
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}

/// The upload, or NoSuchUpload.
pub(super) fn existing(tx: &rusqlite::Connection, bucket: &str, key: &str, id: &str) -> Result<Upload, Error> {
    uploads::find(tx, bucket, key, id)?.ok_or_else(|| S3ErrorCode::NoSuchUpload.into())
}

fn listed(upload: &Upload, encoding: &Encoding) -> MultipartUpload {
    MultipartUpload {
        key: Some(encoding.encode(upload.key.clone())),
        upload_id: Some(upload.id.clone()),
        initiated: Some(timestamp(upload.created_at)),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        checksum_algorithm: upload.checksum.map(|checksum| ChecksumAlgorithm::from_static(checksum.algorithm.name())),
        checksum_type: upload.checksum.map(UploadChecksum::checksum_type),
        ..MultipartUpload::default()
    }
}

/// Which types an algorithm has: a CRC64NVME covers the bytes, SHA covers the checksums of the parts, the others either.
fn upload_checksum(
    algorithm: Option<&ChecksumAlgorithm>,
    checksum_type: Option<&ChecksumType>,
) -> S3Result<Option<UploadChecksum>> {
    let Some(algorithm) = algorithm else { return Ok(None) };
    let Some(algorithm) = Algorithm::parse(algorithm.as_str()) else {
        return Err(s3_error!(InvalidRequest, "Checksum algorithm provided is unsupported."));
    };
    let is_composite = match checksum_type.map(ChecksumType::as_str) {
        Some(ChecksumType::COMPOSITE) => true,
        Some(ChecksumType::FULL_OBJECT) => false,
        Some(_) => return Err(s3_error!(InvalidRequest, "Value for x-amz-checksum-type header is invalid.")),
        None => algorithm != Algorithm::Crc64Nvme,
    };
    let is_possible = match algorithm {
        Algorithm::Crc64Nvme => !is_composite,
        Algorithm::Sha1 | Algorithm::Sha256 => is_composite,
        Algorithm::Crc32 | Algorithm::Crc32c => true,
    };
    if !is_possible {
        return Err(s3_error!(InvalidRequest, "The checksum type is not one of the algorithm's."));
    }
    Ok(Some(UploadChecksum { algorithm, is_composite }))
}
