//! A photo to take away that does not tell where it was taken. A worker says what of it stays; the bytes stream from storage
//! through here, since storage holds no such copy.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::{Buf, Bytes};
use futures::{StreamExt, stream};
use metadata::limits::COPY_BYTES;
use metadata::{NoCopy, Piece};
use tokio::time::timeout;

use crate::app::App;
use crate::db::images::{Image, ImageState};
use crate::error::Error;
use crate::storage::StorageError;

/// For a place among those that are worked out.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Of a run of equal bytes, so many are in memory at a time.
const BLANK_BYTES: u64 = 64 << 10;

/// A copy, still to be read.
pub struct Copy {
    pub size_bytes: u64,
    pub body: Body,
}

/// A copy of a photo that is ready.
pub async fn without_location(app: &App, image: &Image) -> Result<Copy, Error> {
    let key = ready_key(image)?;
    if image.size_bytes > COPY_BYTES as i64 {
        return Err(Error::NoCopy(NoCopy::TooLarge));
    }
    let (pieces, etag) = {
        let _place = timeout(LONGEST_WAIT, app.copies.acquire()).await.map_err(|_| Error::CopiesBusy)?;
        let spooled = app.storage.spool(key, &app.config.place.data_dir).await?.ok_or(Error::NotFound)?;
        (app.workers.copy_without_location(spooled.file).await?, spooled.etag)
    };
    let pieces = pieces.map_err(Error::NoCopy)?;
    let size_bytes = pieces.iter().map(Piece::size).sum();
    let photo = app.storage.read_again(key, &etag).await?;
    Ok(Copy { size_bytes, body: put_together(photo, pieces) })
}

/// The object of a photo that has been verified.
pub fn ready_key(image: &Image) -> Result<&str, Error> {
    match (image.state, &image.photo_key) {
        (ImageState::Ready, Some(key)) => Ok(key),
        (ImageState::Pending | ImageState::Uploaded, _) => Err(Error::NotReady),
        _ => Err(Error::NotFound),
    }
}

fn put_together(photo: Body, pieces: Vec<Piece>) -> Body {
    let parts = Parts { photo: photo.into_data_stream(), chunk: Bytes::new(), chunk_at: 0, pieces: pieces.into() };
    Body::from_stream(stream::try_unfold(parts, async |mut parts| {
        let next = parts.next().await.inspect_err(|error| tracing::error!(%error, "a copy ends early"))?;
        Ok::<_, StorageError>(next.map(|bytes| (bytes, parts)))
    }))
}

/// What is still to come of a copy.
struct Parts {
    photo: BodyDataStream,
    /// What has been read of the photo and not been used.
    chunk: Bytes,
    /// Where in the photo the chunk begins.
    chunk_at: u64,
    pieces: VecDeque<Piece>,
}

impl Parts {
    async fn next(&mut self) -> Result<Option<Bytes>, StorageError> {
        loop {
            match self.pieces.front_mut() {
                None => return Ok(None),
                Some(Piece::Written(bytes)) => {
                    let bytes = std::mem::take(bytes);
                    self.pieces.pop_front();
                    return Ok(Some(bytes.into()));
                }
                Some(Piece::Blank { count: 0, .. }) => drop(self.pieces.pop_front()),
                Some(Piece::Blank { byte, count }) => {
                    let some = (*count).min(BLANK_BYTES);
                    *count -= some;
                    return Ok(Some(vec![*byte; some as usize].into()));
                }
                Some(Piece::Kept(part)) if part.is_empty() => drop(self.pieces.pop_front()),
                Some(Piece::Kept(part)) => {
                    let gone = part.start.saturating_sub(self.chunk_at).min(self.chunk.len() as u64);
                    self.chunk.advance(gone as usize);
                    self.chunk_at += gone;
                    let wanted = (part.end - part.start).min(self.chunk.len() as u64);
                    if wanted > 0 {
                        part.start += wanted;
                        self.chunk_at += wanted;
                        return Ok(Some(self.chunk.split_to(wanted as usize)));
                    }
                    self.chunk = read(&mut self.photo).await?;
                }
            }
        }
    }
}

async fn read(photo: &mut BodyDataStream) -> Result<Bytes, StorageError> {
    match photo.next().await {
        Some(Ok(chunk)) => Ok(chunk),
        Some(Err(error)) => Err(StorageError::Unreachable(error.to_string())),
        None => Err(StorageError::Unreachable("a photo ended early".into())),
    }
}
