//! Receives a body into a blob: bounded memory, disk and hashing off the async threads, the next batch read while
//! the last one is written.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use http::StatusCode;
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3Result, StdError, s3_error};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, timeout, timeout_at};

use crate::blobs::{Blob, BlobFolder, BlobWriter};
use crate::checksum::Expected;
use crate::error::{Error, custom};
use crate::inner::Inner;

/// Bytes that are gathered before a thread is asked to write them.
const BATCH_BYTES: usize = 256 * 1024;
/// A body that pauses for longer holds no memory: what it brought is written.
const PAUSE: Duration = Duration::from_secs(1);
/// What all bodies together may hold in memory.
pub(crate) const MAX_HELD_BYTES: usize = 64 * 1024 * 1024;
/// How long a body waits for others to be written, before its client hears to come back later.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// A body has to bring so much in each period, or it ends: nobody holds a connection and a file for nothing.
const MIN_BYTES_PER_PERIOD: usize = 16 * 1024;
const PERIOD: Duration = Duration::from_secs(60);

/// Writes the body to a blob that fits `expected`; on any error nothing is left.
pub(crate) async fn receive(inner: &Inner, body: Option<StreamingBlob>, expected: Expected) -> S3Result<Blob> {
    if expected.size_bytes.is_some_and(|size| size > inner.settings.max_object_bytes) {
        return Err(s3_error!(EntityTooLarge));
    }
    inner.disk.check()?;
    let mut target = Target { folder: inner.blobs.clone(), expected: Arc::new(expected), writer: None, writing: None };
    let received = receive_batches(inner, body, &mut target).await;
    // Waited for even after a failure, so that the answer finds the file gone.
    target.settle().await?;
    let last = received?;
    let Target { folder, expected, writer, .. } = target;
    let placing = spawn_blocking(move || write(writer, folder, &expected, last)?.place(&expected));
    Ok(placing.await.map_err(Error::from)??)
}

/// Hands all batches but the last to `target` and returns the last.
async fn receive_batches(inner: &Inner, body: Option<StreamingBlob>, target: &mut Target) -> S3Result<Batch> {
    let mut batch = Batch::default();
    let Some(mut body) = body else { return Ok(batch) };
    let limit = target.expected.max_bytes().min(inner.settings.max_object_bytes);
    let mut received: u64 = 0;
    let mut pace = Pace::start();
    loop {
        let pause_ends = Instant::now() + PAUSE;
        let until = if batch.chunks.is_empty() { pace.ends } else { pause_ends.min(pace.ends) };
        let Ok(chunk) = timeout_at(until, body.next()).await else {
            pace.check()?;
            target.write(&mut batch).await?;
            continue;
        };
        let Some(chunk) = chunk else { return Ok(batch) };
        let chunk = chunk.map_err(broken_body)?;
        pace.count(chunk.len())?;
        received += chunk.len() as u64;
        if received > limit {
            let is_declared = target.expected.size_bytes.is_some();
            return Err(if is_declared { s3_error!(IncompleteBody) } else { s3_error!(EntityTooLarge) });
        }
        hold(&inner.held, &chunk, &mut batch, target).await?;
        if batch.bytes >= BATCH_BYTES {
            target.write(&mut batch).await?;
        }
    }
}

/// Adds the chunk to the batch once there is room for it. While it waits, the body holds nothing else, so that bodies
/// never wait for each other in a circle.
async fn hold(held: &Arc<Semaphore>, chunk: &Bytes, batch: &mut Batch, target: &mut Target) -> S3Result<()> {
    let bytes = u32::try_from(chunk.len().min(MAX_HELD_BYTES)).unwrap_or(u32::MAX);
    let room = match held.clone().try_acquire_many_owned(bytes) {
        Ok(room) => room,
        Err(_) => {
            target.write(batch).await?;
            target.settle().await?;
            let Ok(Ok(room)) = timeout(MAX_WAIT, held.clone().acquire_many_owned(bytes)).await else {
                return Err(s3_error!(SlowDown, "Please reduce your request rate."));
            };
            room
        }
    };
    batch.push(chunk.clone(), room);
    Ok(())
}

/// How fast the client sends.
struct Pace {
    ends: Instant,
    bytes: usize,
}

impl Pace {
    fn start() -> Pace {
        Pace { ends: Instant::now() + PERIOD, bytes: 0 }
    }

    fn count(&mut self, bytes: usize) -> S3Result<()> {
        self.bytes += bytes;
        self.check()
    }

    /// Begins the next period when this one is over.
    fn check(&mut self) -> S3Result<()> {
        if Instant::now() < self.ends {
            return Ok(());
        }
        if self.bytes < MIN_BYTES_PER_PERIOD {
            return Err(s3_error!(
                RequestTimeout,
                "Your socket connection to the server was not read from or written to within the timeout period."
            ));
        }
        *self = Pace::start();
        Ok(())
    }
}

/// What was received and not written yet, with the room that it takes.
#[derive(Default)]
struct Batch {
    chunks: Vec<Bytes>,
    bytes: usize,
    room: Option<OwnedSemaphorePermit>,
}

impl Batch {
    fn push(&mut self, chunk: Bytes, room: OwnedSemaphorePermit) {
        self.bytes += chunk.len();
        self.chunks.push(chunk);
        match &mut self.room {
            Some(held) => held.merge(room),
            None => self.room = Some(room),
        }
    }
}

/// The blob that the body goes to.
struct Target {
    folder: Arc<BlobFolder>,
    expected: Arc<Expected>,
    /// Between two batches; none before the first.
    writer: Option<BlobWriter>,
    writing: Option<JoinHandle<Result<BlobWriter, Error>>>,
}

impl Target {
    /// Waits until the last batch is written.
    async fn settle(&mut self) -> Result<(), Error> {
        if let Some(writing) = self.writing.take() {
            self.writer = Some(writing.await??);
        }
        Ok(())
    }

    /// Begins to write what is in the batch, and leaves it empty.
    async fn write(&mut self, batch: &mut Batch) -> Result<(), Error> {
        if batch.chunks.is_empty() {
            return Ok(());
        }
        self.settle().await?;
        let (writer, folder, expected) = (self.writer.take(), self.folder.clone(), self.expected.clone());
        let batch = mem::take(batch);
        self.writing = Some(spawn_blocking(move || write(writer, folder, &expected, batch)));
        Ok(())
    }
}

/// Writes a batch, the first one to a new file; after it, the batch's room is free.
fn write(
    writer: Option<BlobWriter>,
    folder: Arc<BlobFolder>,
    expected: &Expected,
    batch: Batch,
) -> Result<BlobWriter, Error> {
    let mut writer = writer.map_or_else(|| BlobWriter::create(folder, expected.hasher()), Ok)?;
    writer.write(&batch.chunks)?;
    Ok(writer)
}

/// The error of a body that did not arrive, or that its signature does not fit. s3s keeps the types of these
/// errors to itself, but not their texts.
fn broken_body(error: StdError) -> S3Error {
    // The body is an object of this store, and damaged.
    let error = match error.downcast::<Error>() {
        Ok(error) => return S3Error::from(*error),
        Err(error) => error,
    };
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

#[cfg(test)]
mod tests {
    //! Through the door, these would take minutes: here the clock jumps.

    use std::convert::Infallible;

    use futures::stream::{self, Stream};
    use s3s::S3ErrorCode;
    use tempfile::TempDir;
    use tokio::time::sleep;

    use super::*;
    use crate::settings::Settings;

    fn inner() -> (TempDir, Inner) {
        let dir = tempfile::tempdir().expect("a folder");
        let settings = Settings {
            dir: dir.path().to_owned(),
            access_key_id: "id".to_owned(),
            secret_access_key: "secret".to_owned(),
            region: "us-east-1".to_owned(),
            max_object_bytes: 1 << 30,
            reserved_buckets: Vec::new(),
        };
        (dir, Inner::open(settings).expect("a store"))
    }

    /// So many bytes after each pause, for ever.
    fn drip(bytes: usize, pause: Duration) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + Sync + 'static {
        let chunk = Bytes::from(vec![7; bytes]);
        stream::repeat(chunk).then(move |chunk| async move {
            sleep(pause).await;
            Ok(chunk)
        })
    }

    async fn receive_drip(inner: &Inner, bytes: usize, pause: Duration, limit: Duration) -> Option<S3Error> {
        let body = StreamingBlob::wrap(Box::pin(drip(bytes, pause)));
        let received = timeout(limit, receive(inner, Some(body), Expected::default())).await.ok()?;
        Some(received.err().expect("an endless body"))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_hardly_moves_ends_and_a_slow_one_does_not() {
        let (dir, inner) = inner();
        let error = receive_drip(&inner, 100, Duration::from_secs(50), PERIOD * 3).await.expect("an end");
        assert_eq!(*error.code(), S3ErrorCode::RequestTimeout);
        let tmp = std::fs::read_dir(dir.path().join("tmp")).expect("a folder");
        assert_eq!(tmp.count(), 0);

        let slow = receive_drip(&inner, MIN_BYTES_PER_PERIOD, Duration::from_secs(50), PERIOD * 10).await;
        assert!(slow.is_none(), "{slow:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_pauses_holds_no_memory() {
        let (_dir, inner) = inner();
        let body = drip(BATCH_BYTES / 2, Duration::ZERO).take(1).chain(stream::pending());
        let mut receiving = Box::pin(receive(&inner, Some(StreamingBlob::wrap(Box::pin(body))), Expected::default()));
        assert!(timeout(PAUSE / 2, &mut receiving).await.is_err());
        assert_eq!(inner.held.available_permits(), MAX_HELD_BYTES - BATCH_BYTES / 2);
        assert!(timeout(PAUSE * 2, &mut receiving).await.is_err());
        assert_eq!(inner.held.available_permits(), MAX_HELD_BYTES);
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_that_fill_the_memory_wait_for_each_other_and_all_arrive() {
        let (_dir, inner) = inner();
        let chunk = MAX_HELD_BYTES / 3;
        let body = || StreamingBlob::wrap(Box::pin(drip(chunk, Duration::from_millis(1)).take(4)));
        let receive = || receive(&inner, Some(body()), Expected::default());
        let sizes = futures::future::join_all((0..4).map(|_| receive())).await;
        for blob in sizes {
            assert_eq!(blob.expect("a blob").size_bytes, chunk as u64 * 4);
        }
        assert_eq!(inner.held.available_permits(), MAX_HELD_BYTES);
    }
}
