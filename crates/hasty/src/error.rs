//! The only place where statuses and codes are chosen.
//!
//! What a client did wrong is a variant with its own code. What went wrong here (`DbError`, `StorageError`) is
//! logged with its cause and answered without it.

use std::borrow::Cow;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{ALLOW, RETRY_AFTER};
use metadata::NoCopy;
use serde_json::{Map, Value, json};

use crate::db::DbError;
use crate::domain::doctor::Part;
use crate::storage::{SpoolError, StorageError};
use crate::worker::WorkerError;

const DISK_FULL: StatusCode = StatusCode::INSUFFICIENT_STORAGE;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("access_token cannot be None")]
    TokenMissing,
    #[error("No such access_token")]
    TokenUnknown,
    #[error("access_token has expired")]
    TokenExpired,
    #[error("Sign in as the owner: send \"Authorization: Bearer <owner key>\".")]
    NotSignedIn,
    #[error("Too many wrong keys or links from your address: try again in a minute.")]
    TooManyGuesses,
    #[error("This request comes from another site.")]
    ForeignOrigin,
    #[error("Not found.")]
    NotFound,
    #[error("Method \"{method}\" not allowed.")]
    MethodNotAllowed { method: String, allow: &'static str },
    #[error("Unsupported media type \"{0}\" in request.")]
    UnsupportedMediaType(String),
    #[error("The request body is larger than {limit_bytes} bytes.")]
    BodyTooLarge { limit_bytes: usize },
    #[error("The request body did not arrive in time.")]
    BodyTimeout,
    #[error("JSON parse error - {0}")]
    JsonParse(String),
    #[error("{0}")]
    FormParse(String),
    #[error("A filename is required")]
    FilenameRequired,
    #[error("A filename has at most {limit} characters")]
    FilenameTooLong { limit: usize },
    /// A value of the wrong shape or length: the message names the field.
    #[error("{0}")]
    InvalidValue(String),
    #[error("{0}")]
    InvalidEmail(&'static str),
    /// An invitation's body that cannot be read at all.
    #[error("{0}")]
    InvalidInvitation(String),
    #[error("The file is empty.")]
    FileEmpty,
    #[error("The file is larger than {limit_bytes} bytes, the most that is accepted here.")]
    FileTooLarge { limit_bytes: u64 },
    #[error("At most {limit} files in one request, and at least one.")]
    TooManyFiles { limit: usize },
    #[error("At most {limit} files can be remembered for one invitation.")]
    TooManyPicks { limit: usize },
    #[error("This invitation takes at most {limit} photos, and has them.")]
    QuotaFiles { limit: i64 },
    #[error("This invitation takes at most {limit_bytes} bytes of photos, and has no room for this one.")]
    QuotaBytes { limit_bytes: i64 },
    #[error("The file is not uploaded yet: PUT it to its url first.")]
    NotUploaded,
    #[error("The file is not uploaded yet: {missing} of its {parts} parts are missing.")]
    PartsMissing { missing: u64, parts: u64 },
    #[error("At most {limit} parts in one request, and at least one.")]
    TooManyParts { limit: usize },
    #[error("The file is already uploaded.")]
    AlreadyUploaded,
    #[error("The file changed while it was completed: try again.")]
    Changing,
    #[error("There is no preview of this photo.")]
    NoPreview,
    #[error("This photo is still being checked: try again in a moment.")]
    NotReady,
    #[error("There is no copy of this photo without its location: {0}.")]
    NoCopy(NoCopy),
    #[error("Many photos are being prepared for downloading: try again in a moment.")]
    CopiesBusy,
    #[error("Too many are watching: try again in a moment.")]
    WatchersBusy,
    #[error("The photo store only reads since its disk has failed: what is wrong is in the server's log.")]
    StorageReadOnly,
    #[error("Photos cannot be taken now: what is wrong with the server's {0} is in its log.")]
    Unfit(Part),
    /// Of the server's own files.
    #[error("the server's disk failed: {0}")]
    Disk(#[from] std::io::Error),
    #[error("{0}")]
    Worker(#[from] WorkerError),
    #[error("a handler panicked")]
    Panicked,
    #[error("The database does not answer now.")]
    Database(#[from] DbError),
    #[error("The storage does not answer now.")]
    Storage(#[from] StorageError),
}

impl Error {
    pub fn status(&self) -> StatusCode {
        self.status_and_code().0
    }

    /// A word for programs; it never changes.
    pub fn code(&self) -> &'static str {
        self.status_and_code().1
    }

    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Error::TokenMissing => (StatusCode::FORBIDDEN, "token_missing"),
            Error::TokenUnknown => (StatusCode::FORBIDDEN, "token_unknown"),
            Error::TokenExpired => (StatusCode::FORBIDDEN, "token_expired"),
            Error::NotSignedIn => (StatusCode::UNAUTHORIZED, "not_signed_in"),
            Error::TooManyGuesses => (StatusCode::TOO_MANY_REQUESTS, "too_many_guesses"),
            Error::ForeignOrigin => (StatusCode::FORBIDDEN, "foreign_origin"),
            Error::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Error::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Error::UnsupportedMediaType(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Error::BodyTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Error::BodyTimeout => (StatusCode::REQUEST_TIMEOUT, "body_timeout"),
            Error::JsonParse(_) | Error::FormParse(_) => (StatusCode::BAD_REQUEST, "parse_error"),
            Error::FilenameRequired => (StatusCode::BAD_REQUEST, "filename_required"),
            Error::FilenameTooLong { .. } => (StatusCode::BAD_REQUEST, "filename_too_long"),
            Error::InvalidValue(_) => (StatusCode::BAD_REQUEST, "invalid_value"),
            Error::InvalidEmail(_) => (StatusCode::CONFLICT, "invalid_email"),
            Error::InvalidInvitation(_) => (StatusCode::CONFLICT, "invalid_invitation"),
            Error::FileEmpty => (StatusCode::BAD_REQUEST, "file_empty"),
            Error::FileTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "file_too_large"),
            Error::TooManyFiles { .. } => (StatusCode::BAD_REQUEST, "too_many_files"),
            Error::TooManyPicks { .. } => (StatusCode::CONFLICT, "too_many_picks"),
            Error::QuotaFiles { .. } => (StatusCode::CONFLICT, "quota_files"),
            Error::QuotaBytes { .. } => (StatusCode::CONFLICT, "quota_bytes"),
            Error::NotUploaded | Error::PartsMissing { .. } => (StatusCode::CONFLICT, "not_uploaded"),
            Error::TooManyParts { .. } => (StatusCode::BAD_REQUEST, "too_many_parts"),
            Error::AlreadyUploaded => (StatusCode::CONFLICT, "already_uploaded"),
            Error::Changing => (StatusCode::CONFLICT, "changing"),
            Error::NoPreview => (StatusCode::NOT_FOUND, "no_preview"),
            Error::NotReady => (StatusCode::CONFLICT, "not_ready"),
            Error::NoCopy(_) => (StatusCode::CONFLICT, "no_copy_without_location"),
            Error::StorageReadOnly => (StatusCode::SERVICE_UNAVAILABLE, "storage_read_only"),
            Error::Unfit(_) => (StatusCode::SERVICE_UNAVAILABLE, "unfit"),
            Error::Database(DbError::Full(_)) | Error::Storage(StorageError::Refused { status: DISK_FULL, .. }) => {
                (DISK_FULL, "storage_full")
            }
            Error::CopiesBusy
            | Error::WatchersBusy
            | Error::Worker(WorkerError::Interrupted)
            | Error::Database(DbError::Unavailable(_))
            | Error::Storage(StorageError::Unreachable(_)) => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Error::Storage(StorageError::Refused { status, .. }) if is_overload(*status) => {
                (StatusCode::SERVICE_UNAVAILABLE, "busy")
            }
            Error::Disk(_) | Error::Worker(_) | Error::Panicked | Error::Database(_) | Error::Storage(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal")
            }
        }
    }

    /// How much the invitation takes, where that is what the caller has met: files or bytes, as the code says.
    fn quota(&self) -> Option<i64> {
        match self {
            Error::QuotaFiles { limit } | Error::QuotaBytes { limit_bytes: limit } => Some(*limit),
            _ => None,
        }
    }

    /// The original answers 409 to whatever it cannot read of an invitation.
    pub fn into_invitation_error(self) -> Error {
        match self.status() {
            StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE => Error::InvalidInvitation(self.to_string()),
            _ => self,
        }
    }

    /// The error of one item of a batch.
    pub fn item(&self) -> Value {
        self.log();
        let mut item = json!({"status": self.status().as_u16(), "code": self.code(), "message": self.public_message()});
        if let Some(limit) = self.quota() {
            item["limit"] = limit.into();
        }
        item
    }

    /// The answer with the key that this endpoint's clients have always read, before `code` and `message`.
    pub fn into_response_with(self, legacy_key: &str) -> Response {
        self.log();
        let message = self.public_message();
        let mut body = Map::new();
        if legacy_key != "message" {
            body.insert(legacy_key.into(), message.clone().into());
        }
        body.insert("code".into(), self.code().into());
        body.insert("message".into(), message.into());
        body.extend(self.quota().map(|limit| ("limit".into(), limit.into())));
        let mut response = (self.status(), Json(body)).into_response();
        if let Error::MethodNotAllowed { allow, .. } = self {
            response.headers_mut().insert(ALLOW, http::HeaderValue::from_static(allow));
        }
        let retry_after = match self.status() {
            StatusCode::SERVICE_UNAVAILABLE => Some("2"),
            StatusCode::TOO_MANY_REQUESTS => Some("60"),
            _ => None,
        };
        if let Some(secs) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, http::HeaderValue::from_static(secs));
        }
        response
    }

    /// A 5xx never shows its cause.
    fn public_message(&self) -> Cow<'static, str> {
        match self.status() {
            DISK_FULL => "The server's disk is full: nothing can be saved until it has room again.".into(),
            StatusCode::INTERNAL_SERVER_ERROR => "Something went wrong on the server; it is in its log.".into(),
            _ => self.to_string().into(),
        }
    }

    /// For a failure that no answer can tell any more.
    pub fn log(&self) {
        match self {
            Error::Database(cause) => tracing::error!(%cause, "the database failed"),
            Error::Storage(cause) => tracing::error!(%cause, "the storage failed"),
            Error::Disk(cause) => tracing::error!(%cause, "the server's disk failed"),
            Error::Worker(cause) => tracing::error!(%cause, "a worker failed"),
            Error::Panicked => tracing::error!("a handler panicked"),
            _ => {}
        }
    }
}

impl From<SpoolError> for Error {
    fn from(error: SpoolError) -> Error {
        match error {
            SpoolError::Storage(error) => error.into(),
            SpoolError::Disk(error) => error.into(),
        }
    }
}

/// S3's SlowDown and its like: the same call may go through later.
fn is_overload(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.into_response_with("detail")
    }
}
