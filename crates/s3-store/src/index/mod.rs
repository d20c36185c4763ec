//! The index: one SQLite database that says which blobs make which object. A blob without a row does not exist for
//! any reader; the row that shows it is written last, and decides every condition (If-Match, If-None-Match) itself.

pub(crate) mod buckets;
pub(crate) mod check;
pub(crate) mod contents;
pub(crate) mod listing;
pub(crate) mod objects;
mod readers;
mod row_sum;
pub(crate) mod uploads;
mod writer;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi};
use rustix::fs::{StatVfsMountFlags, statvfs};
use tokio::task::spawn_blocking;
use url::Url;

use crate::blobs::Blob;
use crate::disk::Disk;
use crate::error::Error;
use crate::scrub::ScrubError;
use crate::settings::OpenError;

use readers::Readers;
use writer::Writer;

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Its name in the store's folder.
pub(crate) const FILE: &str = "index.sqlite";
const SCHEMA_VERSION: i64 = 1;

/// The database, with one writer and a pool of readers.
pub(crate) struct Index {
    writer: Writer,
    readers: Readers,
}

impl Index {
    /// Starts the threads of the index in `path`; `conn` is from `open`.
    pub(crate) fn start(path: &Path, conn: Connection, disk: Arc<Disk>) -> Result<Index, OpenError> {
        Ok(Index { readers: Readers::new(path), writer: Writer::start(conn, disk).map_err(OpenError::Thread)? })
    }

    /// Reads, on a thread that may block.
    pub(crate) fn read_blocking<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        self.readers.with(work)
    }

    /// Writes in a transaction that other writes share; answers once it is synced to the disk. The files of
    /// `blobs` stay only where the transaction commits.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        blobs: Vec<Blob>,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer.submit(blobs, work).await
    }

    /// As `write`, from a thread that may block.
    pub(crate) fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer.submit_blocking(work)
    }
}

/// Reads from an async task.
pub(crate) async fn read<T: Send + 'static>(
    index: &Arc<Index>,
    work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let index = index.clone();
    spawn_blocking(move || index.read_blocking(work)).await?
}

/// Whether no index was ever committed to this file, or what was went with a lost log.
pub(crate) fn is_blank(path: &Path) -> Result<bool, OpenError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        // SQLite is not asked: it would remove the log beside such a file.
        Ok(metadata) if metadata.len() == 0 => return Ok(true),
        metadata => metadata.map_err(|source| OpenError::Folder { path: path.to_owned(), source })?,
    };
    let conn = connect(path)?;
    // Otherwise SQLite moves the log when it closes, and keeps to itself what goes wrong.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(version(&conn)? == 0)
}

/// Opens the index in `path`, or makes it.
pub(crate) fn open(path: &Path) -> Result<Connection, OpenError> {
    let conn = connect(path)?;
    migrate(&conn)?;
    Ok(conn)
}

/// Opens the index in `path` for reading only, beside a server or without one.
pub(crate) fn open_read_only(path: &Path) -> Result<Connection, ScrubError> {
    if !fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0) {
        return Err(ScrubError::NoStore(path.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(read_only_uri(path)?, flags)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    plan_once(&conn)?;
    match version(&conn)? {
        SCHEMA_VERSION => Ok(conn),
        found => Err(ScrubError::IndexVersion { found, known: SCHEMA_VERSION }),
    }
}

/// Beside its log, SQLite needs a file that it can write. On a file system that is mounted read-only, such as a snapshot,
/// nobody writes: there it goes without, as long as there is no log (sqlite.org/wal.html, "Read-Only Databases").
fn read_only_uri(path: &Path) -> Result<String, ScrubError> {
    let absolute = fs::canonicalize(path).map_err(ScrubError::Folder)?;
    let is_read_only = statvfs(&absolute).is_ok_and(|found| found.f_flag.contains(StatVfsMountFlags::RDONLY));
    let beside = |suffix: &str| absolute.with_file_name(format!("{FILE}{suffix}")).exists();
    if is_read_only && beside("-wal") && !beside("-shm") {
        return Err(ScrubError::ReadOnly(path.to_owned()));
    }
    let mut uri = Url::from_file_path(&absolute).map_err(|()| ScrubError::NoStore(path.to_owned()))?;
    if is_read_only && !beside("-wal") {
        uri.set_query(Some("immutable=1"));
    }
    Ok(uri.into())
}

/// A connection with the settings that durability rests on: a commit is in the log, and the log is synced.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    // SQLite goes on without a log where it cannot turn it on. It fails after the row, or the row names another mode.
    let modes = conn
        .prepare("PRAGMA journal_mode = WAL")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    if modes != ["wal"] {
        let message = "the disk fails, or its file system cannot hold SQLite's log (journal_mode=WAL)";
        let error = ffi::Error::new(ffi::SQLITE_CANTOPEN);
        return Err(rusqlite::Error::SqliteFailure(error, Some(message.to_owned())));
    }
    conn.pragma_update(None, "synchronous", "FULL")?;
    // The writer does it, where its errors are seen.
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    plan_once(&conn)?;
    Ok(conn)
}

/// Keeps statements and their plans. Otherwise SQLite plans one anew for each other value of a range's bound, which
/// costs more than to run it.
fn plan_once(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_prepared_statement_cache_capacity(64);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn migrate(conn: &Connection) -> Result<(), OpenError> {
    match version(conn)? {
        SCHEMA_VERSION => Ok(()),
        0 => {
            let schema = include_str!("schema.sql");
            conn.execute_batch(&format!("BEGIN; {schema} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"))?;
            Ok(())
        }
        found => Err(OpenError::IndexVersion { found, known: SCHEMA_VERSION }),
    }
}

fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}
