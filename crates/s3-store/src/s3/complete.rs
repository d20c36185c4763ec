//! CompleteMultipartUpload: checks what the client believes it sent, and shows the parts as one object. No byte is
//! read or copied: the cost is one row per part.

use std::sync::Arc;

use rusqlite::Connection;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::listing::percent_encode;
use super::multipart::existing;
use super::{Answer, etag};
use crate::checksum::{Algorithm, ObjectChecksums, Sums, read_checksums, set_checksums};
use crate::clock::now;
use crate::combine;
use crate::error::Error;
use crate::index::contents::{self, Piece};
use crate::index::objects::{self, Object, WriteConditions};
use crate::index::uploads::{self, Upload};
use crate::inner::Inner;

/// Only the last part may be smaller.
const MIN_PART_BYTES: u64 = 5 * 1024 * 1024;

pub(super) async fn complete_multipart_upload(
    inner: &Arc<Inner>,
    request: S3Request<CompleteMultipartUploadInput>,
) -> Answer<CompleteMultipartUploadOutput> {
    let mut input = request.input;
    let claim = Claim {
        parts: input.multipart_upload.take().and_then(|upload| upload.parts).unwrap_or_default(),
        sums: read_checksums!(input),
        size_bytes: input.mpu_object_size,
    };
    let conditions = WriteConditions { if_match: input.if_match, if_none_match: input.if_none_match };
    let (bucket, key, upload_id) = (input.bucket.clone(), input.key.clone(), input.upload_id);
    let max_object_bytes = inner.settings.max_object_bytes;
    let complete = move |tx: &Connection| {
        if let Some(object) = completed_before(tx, &bucket, &key, &upload_id, &claim)? {
            return Ok(object);
        }
        let upload = existing(tx, &bucket, &key, &upload_id)?;
        let object = assemble(tx, &upload, &claim)?;
        if object.size_bytes > max_object_bytes {
            return Err(s3_error!(EntityTooLarge).into());
        }
        // The reference that the upload held is the object's now.
        uploads::complete(tx, &bucket, &upload)?;
        objects::put(tx, &bucket, &key, &object, &conditions)?;
        Ok(object)
    };
    let object = inner.index.write(Vec::new(), complete).await?;
    inner.sweeper.wake();
    let mut output = CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, percent_encode(&input.key))),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(etag(&object.etag)),
        checksum_type: Some(object.checksums.checksum_type()),
        ..CompleteMultipartUploadOutput::default()
    };
    set_checksums!(output, &object.checksums.sums);
    Ok(S3Response::new(output))
}

/// What the client believes it uploaded.
struct Claim {
    parts: Vec<CompletedPart>,
    sums: Sums,
    size_bytes: Option<i64>,
}

/// The object that the same request made before: its answer may have been lost on the way.
fn completed_before(
    tx: &Connection,
    bucket: &str,
    key: &str,
    upload_id: &str,
    claim: &Claim,
) -> Result<Option<Object>, Error> {
    let object = match objects::find(tx, bucket, key) {
        // A damaged object is no obstacle: the upload takes its place. Any other failure may have ended the transaction.
        Err(Error::Damaged(_)) | Ok(None) => return Ok(None),
        Ok(Some(object)) => object,
        Err(error) => return Err(error),
    };
    if !uploads::filled(tx, upload_id, object.content_id)? {
        return Ok(None);
    }
    let pieces = objects::list_pieces(tx, &object)?;
    let is_piece = |(part, piece): (&CompletedPart, &Piece)| {
        let etag = part.e_tag.as_ref().map(ETag::value);
        part.part_number == Some(piece.number) && etag == Some(&hex::encode(piece.md5))
    };
    let is_same = claim.parts.len() == pieces.len() && claim.parts.iter().zip(&pieces).all(is_piece);
    Ok(is_same.then_some(object))
}

/// Keeps the claimed parts, discards the others, and describes the object that they make.
fn assemble(tx: &Connection, upload: &Upload, claim: &Claim) -> Result<Object, Error> {
    let stored = contents::list_pieces(tx, upload.content_id, 0, contents::MAX_PIECES)?;
    let chosen = choose(&stored, &claim.parts)?;
    for piece in &stored {
        if chosen.binary_search_by_key(&piece.number, |chosen| chosen.number).is_err() {
            contents::discard_piece(tx, upload.content_id, piece.number)?;
        }
    }
    let size_bytes = chosen.iter().map(|piece| piece.size_bytes).sum();
    if claim.size_bytes.is_some_and(|claimed| u64::try_from(claimed) != Ok(size_bytes)) {
        return Err(s3_error!(InvalidRequest, "The parts do not add up to x-amz-mp-object-size.").into());
    }
    let checksums = checksums(upload, &chosen);
    if claim.sums.iter().any(|(algorithm, value)| checksums.sums.get(algorithm) != Some(value)) {
        return Err(s3_error!(BadDigest, "The checksum you specified did not match the calculated checksum.").into());
    }
    let etag = combine::etag(&chosen);
    let headers = upload.headers.clone();
    Ok(Object { content_id: upload.content_id, size_bytes, etag, modified_at: now(), headers, checksums })
}

/// The stored pieces that the client listed: in ascending order, each with the entity tag it was answered with.
fn choose<'a>(stored: &'a [Piece], parts: &[CompletedPart]) -> S3Result<Vec<&'a Piece>> {
    if parts.is_empty() {
        return Err(s3_error!(MalformedXML, "You must specify at least one part"));
    }
    let mut chosen: Vec<&Piece> = Vec::with_capacity(parts.len());
    for part in parts {
        let number = part.part_number.ok_or_else(|| s3_error!(MalformedXML))?;
        if chosen.last().is_some_and(|last| last.number >= number) {
            return Err(s3_error!(InvalidPartOrder));
        }
        let found = stored.binary_search_by_key(&number, |piece| piece.number);
        let piece = &stored[found.map_err(|_| s3_error!(InvalidPart))?];
        let is_same = part.e_tag.as_ref().is_some_and(|etag| etag.value() == hex::encode(piece.md5));
        let claimed = read_checksums!(part);
        if !is_same || claimed.iter().any(|(algorithm, value)| piece.sums.get(algorithm) != Some(value)) {
            return Err(s3_error!(InvalidPart));
        }
        if chosen.last().is_some_and(|last| last.size_bytes < MIN_PART_BYTES) {
            return Err(s3_error!(EntityTooSmall));
        }
        chosen.push(piece);
    }
    Ok(chosen)
}

fn checksums(upload: &Upload, pieces: &[&Piece]) -> ObjectChecksums {
    let parts: Vec<(&Sums, u64)> = pieces.iter().map(|piece| (&piece.sums, piece.size_bytes)).collect();
    let mut sums = Sums::new();
    let is_composite = upload.checksum.is_some_and(|checksum| checksum.is_composite);
    let wanted = upload.checksum.map(|checksum| checksum.algorithm);
    let algorithms = if is_composite { [None, wanted] } else { [Some(Algorithm::Crc64Nvme), wanted] };
    for algorithm in algorithms.into_iter().flatten() {
        let value = if is_composite { combine::composite(algorithm, &parts) } else { combine::full(algorithm, &parts) };
        if let Some(value) = value {
            sums.insert(algorithm, value);
        }
    }
    ObjectChecksums { is_composite, sums }
}
