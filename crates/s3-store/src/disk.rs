//! Whether the disk can still be trusted. After a write or a sync has failed, the kernel may have dropped what it was
//! asked to keep, and a sync that is tried again succeeds without it. So the first such failure ends all writing until
//! the next start, which reads what is really there; what was acknowledged before is served on.

use std::fmt::Display;
use std::io;
use std::sync::OnceLock;

use rusqlite::{ErrorCode, ffi};
use rustix::io::Errno;

use crate::error::Error;

/// What the store knows of its disk.
#[derive(Default)]
pub(crate) struct Disk {
    failure: OnceLock<String>,
}

impl Disk {
    /// The first failure, in one sentence; `None` while the disk does what it should.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    /// To be asked before anything is written.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.failure.get().is_some() { Err(Error::ReadOnly) } else { Ok(()) }
    }

    /// Looks at the outcome of anything but a sync.
    pub(crate) fn watch<T>(&self, what: &str, outcome: io::Result<T>) -> Result<T, Error> {
        if let Err(error) = &outcome
            && is_failing_disk(error)
        {
            self.fail(what, error);
        }
        Ok(outcome?)
    }

    /// Looks at the outcome of a sync: whatever its error is, what it should have kept may be gone. A folder is opened
    /// first, and where that was one file too many, there was no sync.
    pub(crate) fn watch_sync<T>(&self, what: &str, outcome: io::Result<T>) -> Result<T, Error> {
        if let Err(error) = &outcome
            && !is_full(error)
            && !is_out_of_handles(error)
        {
            self.fail(what, error);
        }
        Ok(outcome?)
    }

    /// Looks at an error of the index while it was written.
    pub(crate) fn watch_index(&self, what: &str, error: &rusqlite::Error) {
        let code = error.sqlite_error_code();
        let is_failing =
            matches!(code, Some(ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::DatabaseCorrupt));
        if is_failing && !is_full_index(error) {
            self.fail(what, error);
        }
    }

    fn fail(&self, what: &str, error: impl Display) {
        let sentence = format!("cannot {what}: {error}");
        if self.failure.set(sentence).is_ok() {
            tracing::error!(%error, "the store cannot {what}: it is read-only until its next start");
        }
    }
}

/// Whether there is no room for what was to be written.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// As `is_full`, for the index. SQLite does not say why it could not grow the memory that it shares with readers,
/// but a file on a full disk is the one reason there is besides a failing one.
pub(crate) fn is_full_index(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
        || error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_IOERR_SHMSIZE)
}

/// Errors of the device or of its file system. Others, such as too many open files, say nothing about what is kept.
fn is_failing_disk(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::IO | Errno::NXIO | Errno::NODEV | Errno::UCLEAN | Errno::ROFS))
}

/// The process, or the machine, has as many files open as it may. No sync answers this.
fn is_out_of_handles(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}
