//! What goes wrong inside the store, and the S3 error that a client sees for it.

use std::io;

use http::StatusCode;
use s3s::{S3Error, S3ErrorCode};
use tokio::task::JoinError;

use crate::disk;
use crate::settings::OpenError;

/// A failed operation of the store.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The client's fault, or an answer that S3 defines.
    #[error(transparent)]
    S3(#[from] S3Error),
    /// A file could not be read or written.
    #[error("file: {0}")]
    File(#[from] io::Error),
    /// The index could not be read or written.
    #[error("index: {0}")]
    Index(#[from] rusqlite::Error),
    /// A row of the index does not hold what the store writes.
    #[error("index row: {0}")]
    Row(#[from] serde_json::Error),
    /// What the disk holds is not what was stored.
    #[error("{0}")]
    Damaged(String),
    /// The disk has failed, so nothing is written any more.
    #[error("the store is read-only since its disk failed")]
    ReadOnly,
    /// A task, or a write of the index, panicked.
    #[error("an operation of the store panicked")]
    Panicked,
    /// The transaction that held this write did not commit.
    #[error("the index did not commit")]
    NotCommitted,
    /// The store shuts down.
    #[error("the store is closing")]
    Closing,
}

impl From<S3ErrorCode> for Error {
    fn from(code: S3ErrorCode) -> Error {
        Error::S3(code.into())
    }
}

impl From<JoinError> for Error {
    fn from(error: JoinError) -> Error {
        if error.is_panic() { Error::Panicked } else { Error::Closing }
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> OpenError {
        OpenError::CleanUp(Box::new(error))
    }
}

impl Error {
    /// Names the object that could not be read, for the log.
    pub(crate) fn about(self, object: &str) -> Error {
        match self {
            Error::S3(_) | Error::Closing => self,
            error => Error::Damaged(format!("{object}: {error}")),
        }
    }

    fn is_full_disk(&self) -> bool {
        match self {
            Error::File(error) => disk::is_full(error),
            Error::Index(error) => disk::is_full_index(error),
            _ => false,
        }
    }
}

impl From<Error> for S3Error {
    /// Shows clients S3's own errors only; the cause of an internal one goes to the log.
    fn from(error: Error) -> S3Error {
        if error.is_full_disk() {
            tracing::error!(%error, "the store's disk is full");
            return custom(StatusCode::INSUFFICIENT_STORAGE, "InsufficientStorage", "The disk is full.");
        }
        match error {
            Error::S3(error) => error,
            Error::ReadOnly => {
                let message = "The store is read-only until it is started again: its disk has failed.";
                S3Error::with_message(S3ErrorCode::ServiceUnavailable, message)
            }
            error => {
                tracing::error!(%error, "the store failed");
                S3Error::with_message(S3ErrorCode::InternalError, "We encountered an internal error. Please try again.")
            }
        }
    }
}

/// What the log and a scrub call an object. A key may hold what a terminal obeys.
pub(crate) fn object_name(bucket: &str, key: &str) -> String {
    format!("{}/{}", bucket.escape_debug(), key.escape_debug())
}

/// An error whose code s3s does not list.
pub(crate) fn custom(status: StatusCode, code: &'static str, message: &'static str) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    error.set_status_code(status);
    error
}
