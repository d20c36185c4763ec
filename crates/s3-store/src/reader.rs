//! The body of a GET: the blobs of a content, streamed in chunks that threads read ahead of the client.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use s3s::StdError;
use s3s::stream::{ByteStream, RemainingLength};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::blobs::{BlobFolder, BlobId};
use crate::index::contents::Piece;
use crate::leases::Lease;

const CHUNK_BYTES: u64 = 256 * 1024;

/// A stream of the bytes in a range of a content.
pub(crate) struct Reader {
    next: Next,
    remaining_bytes: u64,
}

enum Next {
    Chunk(Bytes, Cursor),
    Reading(JoinHandle<io::Result<(Bytes, Cursor)>>),
    End,
}

/// Where the next chunk comes from.
struct Cursor {
    blobs: Arc<BlobFolder>,
    segments: VecDeque<Segment>,
    /// The file of the first segment, once it is open.
    file: Option<File>,
    _lease: Lease,
}

struct Segment {
    blob_id: BlobId,
    offset: u64,
    len: u64,
}

impl Reader {
    /// Opens the content and reads the first chunk; blocks.
    pub(crate) fn open(
        blobs: &Arc<BlobFolder>,
        lease: Lease,
        pieces: &[Piece],
        range: Range<u64>,
    ) -> io::Result<Reader> {
        let remaining_bytes = range.end - range.start;
        let segments = segments(pieces, range);
        let cursor = Cursor { blobs: blobs.clone(), segments, file: None, _lease: lease };
        let (chunk, cursor) = cursor.read_chunk()?;
        Ok(Reader { next: Next::Chunk(chunk, cursor), remaining_bytes })
    }
}

fn segments(pieces: &[Piece], range: Range<u64>) -> VecDeque<Segment> {
    let mut segments = VecDeque::new();
    let mut start = 0;
    for piece in pieces {
        let end = start + piece.size_bytes;
        let (from, to) = (range.start.max(start), range.end.min(end));
        if from < to {
            segments.push_back(Segment { blob_id: piece.blob_id, offset: from - start, len: to - from });
        }
        start = end;
    }
    segments
}

impl Cursor {
    /// Reads the next chunk; an empty one is the end. A file that is shorter than its row says is an error: the
    /// client's connection breaks instead of the object being cut off unseen.
    fn read_chunk(mut self) -> io::Result<(Bytes, Cursor)> {
        let Some(segment) = self.segments.front_mut() else { return Ok((Bytes::new(), self)) };
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let mut file = self.blobs.read(segment.blob_id)?;
                file.seek(SeekFrom::Start(segment.offset))?;
                self.file.insert(file)
            }
        };
        let len = segment.len.min(CHUNK_BYTES);
        let mut chunk = Vec::with_capacity(len as usize);
        if file.take(len).read_to_end(&mut chunk)? as u64 != len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        segment.len -= len;
        if segment.len == 0 {
            self.segments.pop_front();
            self.file = None;
        }
        Ok((chunk.into(), self))
    }
}

impl Stream for Reader {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let (chunk, cursor) = match std::mem::replace(&mut self.next, Next::End) {
            Next::End => return Poll::Ready(None),
            Next::Chunk(chunk, cursor) => (chunk, cursor),
            Next::Reading(mut reading) => match Pin::new(&mut reading).poll(cx) {
                Poll::Pending => {
                    self.next = Next::Reading(reading);
                    return Poll::Pending;
                }
                Poll::Ready(Ok(Ok(read))) => read,
                Poll::Ready(Ok(Err(error))) => {
                    tracing::error!(%error, "an object of the store cannot be read");
                    return Poll::Ready(Some(Err(error.into())));
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            },
        };
        self.remaining_bytes -= chunk.len() as u64;
        if !cursor.segments.is_empty() {
            self.next = Next::Reading(spawn_blocking(move || cursor.read_chunk()));
        }
        Poll::Ready((!chunk.is_empty()).then_some(Ok(chunk)))
    }
}

impl ByteStream for Reader {
    fn remaining_length(&self) -> RemainingLength {
        RemainingLength::new_exact(usize::try_from(self.remaining_bytes).unwrap_or(usize::MAX))
    }
}
