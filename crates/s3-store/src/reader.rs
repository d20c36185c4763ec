//! The body of a GET: the blobs of a content, streamed block by block; threads read and verify ahead of the client.

use std::collections::VecDeque;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use s3s::StdError;
use s3s::stream::{ByteStream, RemainingLength};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::blob_reader::{BlobReader, Damage};
use crate::blobs::BlobFolder;
use crate::error::Error;
use crate::hasher::BLOCK_BYTES;
use crate::index::contents::Piece;
use crate::leases::Lease;

/// A stream of the bytes in a range of a content.
pub(crate) struct Reader {
    next: Next,
    remaining_bytes: u64,
}

enum Next {
    Chunk(Bytes, Cursor),
    Reading(JoinHandle<Result<(Bytes, Cursor), Error>>),
    End,
}

/// Where the next chunk comes from.
struct Cursor {
    /// What the log calls the object.
    name: String,
    blobs: Arc<BlobFolder>,
    segments: VecDeque<Segment>,
    /// The blob of the first segment, once it is open.
    open: Option<BlobReader>,
    _lease: Lease,
}

/// What is still to be sent of a blob.
struct Segment {
    piece: Piece,
    range: Range<u64>,
}

impl Reader {
    /// Opens the content and reads the first block, so that damage in it is an answer and not a broken connection;
    /// blocks. The log names the object by `name`.
    pub(crate) fn open(
        blobs: &Arc<BlobFolder>,
        lease: Lease,
        name: String,
        pieces: Vec<Piece>,
        range: Range<u64>,
    ) -> Result<Reader, Error> {
        let remaining_bytes = range.end - range.start;
        let segments = segments(pieces, &range);
        let cursor = Cursor { name, blobs: blobs.clone(), segments, open: None, _lease: lease };
        let (chunk, cursor) = cursor.read_chunk()?;
        Ok(Reader { next: Next::Chunk(chunk, cursor), remaining_bytes })
    }
}

fn segments(pieces: Vec<Piece>, range: &Range<u64>) -> VecDeque<Segment> {
    let mut segments = VecDeque::new();
    let mut start = 0;
    for piece in pieces {
        let end = start + piece.size_bytes;
        let (from, to) = (range.start.max(start), range.end.min(end));
        if from < to {
            segments.push_back(Segment { piece, range: from - start..to - start });
        }
        start = end;
    }
    segments
}

impl Cursor {
    /// Reads what is wanted of the next block; nothing is the end.
    fn read_chunk(mut self) -> Result<(Bytes, Cursor), Error> {
        let Some(segment) = self.segments.front_mut() else { return Ok((Bytes::new(), self)) };
        let damaged = |damage: Damage| damage.of(&segment.piece).about(&self.name);
        let blob = match self.open.take() {
            Some(blob) => blob,
            None => BlobReader::open(self.blobs.root(), &segment.piece).map_err(damaged)?,
        };
        let Range { start, end } = segment.range;
        let number = start / BLOCK_BYTES as u64;
        let block = blob.read_block(number).map_err(damaged)?;
        let block_start = number * BLOCK_BYTES as u64;
        let (from, to) = ((start - block_start) as usize, (end - block_start).min(BLOCK_BYTES as u64) as usize);
        segment.range.start = block_start + to as u64;
        if segment.range.is_empty() {
            self.segments.pop_front();
        } else {
            self.open = Some(blob);
        }
        Ok((block.slice(from..to), self))
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
                    tracing::error!(%error, "the store breaks a download off");
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
