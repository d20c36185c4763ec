//! The pool of read-only connections. A reader sees the last committed state and never waits for the writer.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

use rusqlite::Connection;

use crate::error::Error;

/// As many as connections that are busy at once: a thread that waits here for another costs more than its reader.
const MAX_READERS: usize = 32;
/// What each keeps of the index in memory, in KiB; the system's cache holds the rest.
const CACHE_KIB: i32 = 512;

pub(super) struct Readers {
    path: PathBuf,
    pool: Mutex<Pool>,
    returned: Condvar,
}

struct Pool {
    idle: Vec<Connection>,
    opened: usize,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Readers {
        let pool = Mutex::new(Pool { idle: Vec::new(), opened: 0 });
        Readers { path: path.to_owned(), pool, returned: Condvar::new() }
    }

    /// Runs `work` in one snapshot of the index; waits while all readers are busy.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let reader = Reader { conn: Some(self.take()?), readers: self };
        let Some(conn) = &reader.conn else { return Err(Error::Closing) };
        execute(conn, "BEGIN")?;
        work(conn)
    }

    fn take(&self) -> Result<Connection, Error> {
        let pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        let is_exhausted = |pool: &mut Pool| pool.idle.is_empty() && pool.opened >= MAX_READERS;
        let mut pool = self.returned.wait_while(pool, is_exhausted).unwrap_or_else(PoisonError::into_inner);
        if let Some(conn) = pool.idle.pop() {
            return Ok(conn);
        }
        let conn = super::connect(&self.path)?;
        conn.pragma_update(None, "query_only", true)?;
        conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
        pool.opened += 1;
        Ok(conn)
    }
}

/// A connection on loan; its snapshot ends and it goes back to the pool even where `work` panics.
struct Reader<'a> {
    conn: Option<Connection>,
    readers: &'a Readers,
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        let ended = if conn.is_autocommit() { Ok(0) } else { execute(&conn, "COMMIT") };
        let mut pool = self.readers.pool.lock().unwrap_or_else(PoisonError::into_inner);
        match ended {
            Ok(_) => pool.idle.push(conn),
            Err(error) => {
                tracing::warn!(%error, "a reader of the store's index cannot end its snapshot: another takes its place");
                pool.opened -= 1;
            }
        }
        self.readers.returned.notify_one();
    }
}

/// Compiled once for each connection: to parse it takes as long as a lookup.
fn execute(conn: &Connection, sql: &str) -> rusqlite::Result<usize> {
    conn.prepare_cached(sql)?.execute([])
}
