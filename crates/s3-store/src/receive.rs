//! Receives a body into a blob: bounded memory, disk and hashing off the async threads, the next batch read while
//! the last one is written.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use http::StatusCode;
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3Result, StdError, s3_error};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::blobs::{Blob, BlobFolder, BlobWriter};
use crate::checksum::Expected;
use crate::error::{Error, custom};
use crate::inner::Inner;

/// Bytes that are gathered before a thread is asked to write them.
const BATCH_BYTES: usize = 256 * 1024;

/// Bodies that are received at once: what bounds the memory that they take together, about half a MiB each.
pub(crate) const MAX_BODIES: usize = 256;
/// How long one more body waits for another to end, before its client hears to come back later.
const MAX_WAIT: Duration = Duration::from_secs(5);

type Writing = JoinHandle<Result<BlobWriter, Error>>;

/// Writes the body to a blob that fits `expected`; on any error nothing is left.
pub(crate) async fn receive(inner: &Inner, body: Option<StreamingBlob>, expected: Expected) -> S3Result<Blob> {
    if expected.size_bytes.is_some_and(|size| size > inner.settings.max_object_bytes) {
        return Err(s3_error!(EntityTooLarge));
    }
    let Ok(Ok(_turn)) = timeout(MAX_WAIT, inner.bodies.acquire()).await else {
        return Err(s3_error!(SlowDown, "Please reduce your request rate."));
    };
    let expected = Arc::new(expected);
    let mut writing = None;
    let received = receive_batches(inner, body, &expected, &mut writing).await;
    // Waited for even after a failure, so that the answer finds the file gone.
    let writer = finished(writing).await?;
    let last = received?;
    let folder = inner.blobs.clone();
    let placing = spawn_blocking(move || write(writer, folder, &expected, &last)?.place(&expected));
    Ok(placing.await.map_err(|_| Error::Closing)??)
}

/// Hands all batches but the last to `writing` and returns the last.
async fn receive_batches(
    inner: &Inner,
    body: Option<StreamingBlob>,
    expected: &Arc<Expected>,
    writing: &mut Option<Writing>,
) -> S3Result<Vec<Bytes>> {
    let Some(mut body) = body else { return Ok(Vec::new()) };
    let limit = expected.size_bytes.unwrap_or(inner.settings.max_object_bytes);
    let mut received: u64 = 0;
    loop {
        let mut batch = Vec::new();
        let mut batch_bytes = 0;
        while batch_bytes < BATCH_BYTES {
            let Some(chunk) = body.next().await else { return Ok(batch) };
            let chunk = chunk.map_err(broken_body)?;
            batch_bytes += chunk.len();
            received += chunk.len() as u64;
            if received > limit {
                let is_declared = expected.size_bytes.is_some();
                return Err(if is_declared { s3_error!(IncompleteBody) } else { s3_error!(EntityTooLarge) });
            }
            batch.push(chunk);
        }
        let writer = finished(writing.take()).await?;
        let (folder, expected) = (inner.blobs.clone(), expected.clone());
        *writing = Some(spawn_blocking(move || write(writer, folder, &expected, &batch)));
    }
}

async fn finished(writing: Option<Writing>) -> Result<Option<BlobWriter>, Error> {
    match writing {
        Some(writing) => Ok(Some(writing.await.map_err(|_| Error::Closing)??)),
        None => Ok(None),
    }
}

/// Writes a batch, the first one to a new file.
fn write(
    writer: Option<BlobWriter>,
    folder: Arc<BlobFolder>,
    expected: &Expected,
    batch: &[Bytes],
) -> Result<BlobWriter, Error> {
    let mut writer = writer.map_or_else(|| BlobWriter::create(folder, expected.hasher()), Ok)?;
    writer.write(batch)?;
    Ok(writer)
}

/// The error of a body that did not arrive, or that its signature does not fit. s3s keeps the types of these
/// errors to itself, but not their texts.
fn broken_body(error: StdError) -> S3Error {
    let text = error.to_string();
    if text.contains("Sha256Mismatch") {
        custom(
            StatusCode::BAD_REQUEST,
            "XAmzContentSHA256Mismatch",
            "The body does not fit the x-amz-content-sha256 header.",
        )
    } else if text.contains("SignatureMismatch") {
        s3_error!(SignatureDoesNotMatch)
    } else if text.contains("FormatError") || text.contains("TooLarge") || text.contains("TooMany") {
        s3_error!(InvalidRequest, "The chunks of the body are malformed.")
    } else {
        s3_error!(IncompleteBody)
    }
}
