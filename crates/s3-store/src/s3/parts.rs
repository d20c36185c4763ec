//! UploadPart and UploadPartCopy: one more part of an upload, from the client or from an object that is here.

use std::sync::Arc;

use rusqlite::Connection;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};
use tokio::task::spawn_blocking;

use super::multipart::existing;
use super::source::{Source, source};
use super::upload::piece;
use super::{Answer, etag};
use crate::checksum::{Algorithm, Expected, set_checksums};
use crate::clock::timestamp;
use crate::error::Error;
use crate::index;
use crate::index::contents::{self, Piece};
use crate::inner::Inner;
use crate::receive::receive;

pub(super) async fn upload_part(inner: &Arc<Inner>, request: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
    let UploadPartInput { bucket, key, upload_id, part_number, body, .. } = request.input;
    let part = Part { bucket, key, upload_id, number: part_number };
    let mut expected = Expected::parse(&request.headers, request.trailing_headers)?;
    expected.wanted = part.algorithm(inner).await?;
    let piece = part.store(inner, body, expected).await?;
    let mut output = UploadPartOutput { e_tag: Some(etag(&hex::encode(piece.md5))), ..UploadPartOutput::default() };
    set_checksums!(output, &piece.sums);
    Ok(S3Response::new(output))
}

pub(super) async fn upload_part_copy(
    inner: &Arc<Inner>,
    request: S3Request<UploadPartCopyInput>,
) -> Answer<UploadPartCopyOutput> {
    let input = request.input;
    let source: Source = source!(input)?;
    let part = Part { bucket: input.bucket, key: input.key, upload_id: input.upload_id, number: input.part_number };
    let wanted = part.algorithm(inner).await?;
    let (opening, range) = (inner.clone(), input.copy_source_range);
    let opened = spawn_blocking(move || source.open(&opening, range.as_deref()));
    let (reader, size_bytes) = opened.await.map_err(Error::from)??;
    let mut expected = Expected::of_size(size_bytes);
    expected.wanted = wanted;
    let piece = part.store(inner, Some(StreamingBlob::new(reader)), expected).await?;
    let mut result = CopyPartResult {
        e_tag: Some(etag(&hex::encode(piece.md5))),
        last_modified: Some(timestamp(piece.stored_at)),
        ..CopyPartResult::default()
    };
    set_checksums!(result, &piece.sums);
    Ok(S3Response::new(UploadPartCopyOutput { copy_part_result: Some(result), ..UploadPartCopyOutput::default() }))
}

/// Where a part goes.
struct Part {
    bucket: String,
    key: String,
    upload_id: String,
    number: i32,
}

impl Part {
    /// The checksum that the upload needs of every part, stated or not, for the composite one of the whole.
    async fn algorithm(&self, inner: &Arc<Inner>) -> S3Result<Option<Algorithm>> {
        if !usize::try_from(self.number).is_ok_and(|number| (1..=contents::MAX_PIECES).contains(&number)) {
            let message = "Part number must be an integer between 1 and 10000, inclusive";
            return Err(s3_error!(InvalidArgument, "{message}"));
        }
        let (bucket, key, id) = (self.bucket.clone(), self.key.clone(), self.upload_id.clone());
        let find = move |tx: &Connection| existing(tx, &bucket, &key, &id);
        Ok(index::read(&inner.index, find).await?.checksum.map(|checksum| checksum.algorithm))
    }

    async fn store(self, inner: &Inner, body: Option<StreamingBlob>, expected: Expected) -> S3Result<Piece> {
        let blob = receive(inner, body, expected).await?;
        let piece = piece(self.number, &blob);
        let put = move |tx: &Connection| {
            let upload = existing(tx, &self.bucket, &self.key, &self.upload_id)?;
            contents::put_piece(tx, upload.content_id, &piece)?;
            Ok(piece)
        };
        let piece = inner.index.write(vec![blob], put).await?;
        inner.sweeper.wake();
        Ok(piece)
    }
}
