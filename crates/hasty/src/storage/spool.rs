//! An object in a file that has no name and goes with its handle: for what has to be read more than once.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::{Stream, TryStreamExt, stream};
use http::Method;
use http::header::CONTENT_LENGTH;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::{Storage, StorageError, refused};

const CHUNK_BYTES: usize = 1 << 20;

/// All bytes of an object, and what they are.
pub struct Spooled {
    /// At its start.
    pub file: File,
    pub size_bytes: u64,
    pub sha256: [u8; 32],
    /// Of the object that was read.
    pub etag: String,
}

#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Of the server's own folder.
    #[error(transparent)]
    Disk(#[from] std::io::Error),
}

impl Storage {
    /// Reads the object once, from its first byte to its last, into a file in `dir`; `None` where there is none.
    pub async fn spool(&self, key: &str, dir: &Path) -> Result<Option<Spooled>, SpoolError> {
        let Some((head, body)) = self.read(key).await? else {
            return Ok(None);
        };
        let (file, size_bytes, sha256) = write(tempfile::tempfile_in(dir)?, body).await?;
        if size_bytes != head.size_bytes {
            return Err(StorageError::Unreachable(format!("{key} ended after {size_bytes} bytes")).into());
        }
        Ok(Some(Spooled { file, size_bytes, sha256, etag: head.etag }))
    }
}

impl Spooled {
    /// The ETag of several parts ends in their number (S3, multipart uploads); that of one PUT is the MD5 of its bytes.
    pub fn came_in_parts(&self) -> bool {
        self.etag.contains('-')
    }

    /// A file of somebody else's. Reads all of it; blocks.
    pub fn of(mut file: File) -> std::io::Result<Spooled> {
        let (mut hash, mut size_bytes, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK_BYTES]);
        loop {
            match file.read(&mut chunk)? {
                0 => break,
                read => hash.update(&chunk[..read]),
            }
            size_bytes = file.stream_position()?;
        }
        file.rewind()?;
        Ok(Spooled { file, size_bytes, sha256: hash.finalize().into(), etag: String::new() })
    }
}

impl Storage {
    /// Stores all of it, as often as it is called; storage verifies its SHA-256, where it does such things.
    pub async fn put_spooled(&self, key: &str, content_type: &str, object: &Spooled) -> Result<(), SpoolError> {
        let (file, size_bytes, sha256) = (object.file.try_clone()?, object.size_bytes, object.sha256);
        let headers = [("content-type", content_type.to_owned()), ("x-amz-checksum-sha256", STANDARD.encode(sha256))];
        let mut request =
            self.request(Method::PUT, self.object_url(self.own_endpoint(), key), &[], &headers, Bytes::new())?;
        request.headers_mut().insert(CONTENT_LENGTH, size_bytes.into());
        let (status, _, body) = self.send_body(request.map(|_| Body::from_stream(chunks(file)))).await?;
        if status.is_success() { Ok(()) } else { Err(refused("PutObject", status, &body).into()) }
    }
}

/// From its start, wherever the handle stands: an attempt that was given up may still be reading.
fn chunks(file: File) -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold((file, 0), async |(file, offset)| {
        let read = move || {
            let mut chunk = vec![0; CHUNK_BYTES];
            let read = file.read_at(&mut chunk, offset)?;
            chunk.truncate(read);
            Ok::<_, std::io::Error>((Bytes::from(chunk), (file, offset + read as u64)))
        };
        let (chunk, rest) = spawn_blocking(read).await.map_err(std::io::Error::other)??;
        Ok((!chunk.is_empty()).then_some((chunk, rest)))
    })
}

async fn write(mut file: File, body: Body) -> Result<(File, u64, [u8; 32]), SpoolError> {
    let (mut size_bytes, mut hash) = (0, Sha256::new());
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.try_next().await.map_err(|error| StorageError::Unreachable(error.to_string()))? {
        size_bytes += chunk.len() as u64;
        let write = move || {
            hash.update(&chunk);
            file.write_all(&chunk).map(|()| (file, hash))
        };
        (file, hash) = spawn_blocking(write).await.map_err(std::io::Error::other)??;
    }
    file.rewind()?;
    Ok((file, size_bytes, hash.finalize().into()))
}
