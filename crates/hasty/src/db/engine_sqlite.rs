//! SQLite: one writer thread that commits in groups, and a pool of readers.
//!
//! The writer takes every closure that waits, runs each in a savepoint of one transaction, and commits once: many
//! callers share one fsync, and each is answered only after it (WAL with synchronous=FULL).

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{DbError, Migrate, Row, Tx, Value, migrations};

/// Closures in one transaction at most: bounds how long the first of them waits for the last.
const GROUP_LIMIT: usize = 256;
const QUEUE_LIMIT: usize = 4096;
const READERS: usize = 8;

/// What [`super::Facts`] tells of it.
pub const SETTINGS: &str = "SELECT 'version', sqlite_version()";

pub const COLUMNS: &str = "SELECT name FROM pragma_table_info($1) ORDER BY cid";

pub struct Sqlite {
    writer: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    readers: Arc<Mutex<Vec<Connection>>>,
    reader_slots: Arc<Semaphore>,
    cannot_write: Arc<AtomicBool>,
    file: PathBuf,
}

/// A closure that waits for the writer.
type Job = Box<dyn FnOnce(&mut Tx<'_>) -> Outcome + Send>;

/// What a closure left behind: whether to keep its changes, and whom to tell once that is decided.
struct Outcome {
    keep: bool,
    answer: Box<dyn FnOnce(Result<(), DbError>)>,
}

impl Sqlite {
    pub fn open(file: &Path, migrate: Migrate) -> Result<Sqlite, DbError> {
        make_private(file).map_err(|error| DbError::Failed(format!("cannot write {}: {error}", file.display())))?;
        let connection = Connection::open(file)?;
        prepare(&connection)?;
        turn_log_on(&connection)?;
        if migrate == Migrate::Yes {
            bring_up_to_date(&connection)?;
        }
        let (writer, jobs) = mpsc::channel(QUEUE_LIMIT);
        let cannot_write = Arc::new(AtomicBool::new(false));
        let failing = cannot_write.clone();
        let thread = thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || write_groups(&connection, jobs, &failing))
            .map_err(|error| DbError::Failed(format!("cannot start the writer thread: {error}")))?;
        Ok(Sqlite {
            writer: Some(writer),
            thread: Some(thread),
            readers: Arc::default(),
            reader_slots: Arc::new(Semaphore::new(READERS)),
            cannot_write,
            file: file.to_owned(),
        })
    }

    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let result = work(tx);
            Outcome {
                keep: result.is_ok(),
                answer: Box::new(move |committed| {
                    let answer = match (result, committed) {
                        (Ok(_), Err(error)) => Err(error.into()),
                        (result, _) => result,
                    };
                    // Nobody listens any more when the caller has gone away.
                    let _ = sender.send(answer);
                }),
            }
        });
        let stopped = || DbError::Unavailable("the writer has stopped".into());
        let writer = self.writer.as_ref().ok_or_else(stopped)?;
        writer.send(job).await.map_err(|_| stopped())?;
        receiver.await.unwrap_or_else(|_| Err(stopped().into()))
    }

    /// Fails from a commit that the disk refused to the next that it takes. A full disk is none: it heals.
    pub fn check_writes(&self) -> Result<(), DbError> {
        match self.cannot_write.load(Ordering::Relaxed) {
            true => Err(DbError::Unavailable("its last write failed".into())),
            false => Ok(()),
        }
    }

    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let slot = self.reader_slots.clone().acquire_owned().await;
        let (readers, file) = (self.readers.clone(), self.file.clone());
        let read = move || {
            let _slot = slot;
            let kept = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = kept.map_or_else(|| open_reader(&file), Ok)?;
            connection.execute_batch("BEGIN").map_err(DbError::from)?;
            let result = work(&mut Tx::Sqlite(&connection));
            connection.execute_batch("ROLLBACK").map_err(DbError::from)?;
            readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result
        };
        tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(DbError::Failed(error.to_string()).into()))
    }
}

impl Drop for Sqlite {
    /// Waits for the writes that were queued, so that whoever opens the file next finds it at rest.
    fn drop(&mut self) {
        drop(self.writer.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

pub fn query(connection: &Connection, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    bind(&mut statement, params)?;
    let mut found = statement.raw_query();
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values: Result<Vec<Value>, DbError> = (0..columns).map(|column| value(row.get_ref(column)?)).collect();
        rows.push(Row::new(values?));
    }
    Ok(rows)
}

pub fn for_each(
    connection: &Connection,
    sql: &str,
    take: &mut dyn FnMut(Vec<Value>) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let mut statement = connection.prepare(sql)?;
    let columns = statement.column_count();
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        take((0..columns).map(|column| value(row.get_ref(column)?)).collect::<Result<_, DbError>>()?)?;
    }
    Ok(())
}

pub fn execute(connection: &Connection, sql: &str, params: &[Value]) -> Result<u64, DbError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, params)?;
    Ok(statement.raw_execute()? as u64)
}

/// To SQLite, `$2` is a name: it counts parameters as it meets them first.
fn bind(statement: &mut Statement<'_>, params: &[Value]) -> Result<(), DbError> {
    let count = statement.parameter_count();
    for index in 1..=count {
        let number = statement.parameter_name(index).and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let value = number.and_then(|number| params.get(number.checked_sub(1)?)).filter(|_| count == params.len());
        statement
            .raw_bind_parameter(index, value.ok_or_else(|| DbError::Failed("a parameter has no value".into()))?)?;
    }
    Ok(())
}

/// Where a table has a higher id, SQLite itself goes on from that ("SQLite Autoincrement").
pub fn count_on(connection: &Connection, table: &str, given: i64) -> Result<(), DbError> {
    connection.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
    let sql = "INSERT INTO sqlite_sequence (name, seq)
               SELECT name, ?2 FROM sqlite_schema WHERE name = ?1 AND sql LIKE '%AUTOINCREMENT%'";
    connection.execute(sql, (table, given))?;
    Ok(())
}

fn write_groups(connection: &Connection, mut jobs: mpsc::Receiver<Job>, cannot_write: &AtomicBool) {
    while let Some(first) = jobs.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP_LIMIT
            && let Ok(job) = jobs.try_recv()
        {
            group.push(job);
        }
        write_group(connection, group, cannot_write);
    }
}

fn write_group(connection: &Connection, group: Vec<Job>, cannot_write: &AtomicBool) {
    let mut waiting: Vec<Outcome> = Vec::with_capacity(group.len());
    for job in group {
        if connection.is_autocommit()
            && let Err(error) = connection.execute_batch("BEGIN IMMEDIATE")
        {
            tracing::error!(%error, "cannot begin a transaction");
            // Dropped, the job answers its caller that nobody writes.
            continue;
        }
        match run_in_savepoint(connection, job) {
            Some(outcome) if outcome.keep => waiting.push(outcome),
            Some(outcome) => (outcome.answer)(Ok(())),
            None => {}
        }
        if connection.is_autocommit() {
            // SQLite rolls a whole transaction back on a full disk or an I/O error.
            fail_all(&mut waiting, &DbError::Failed("the transaction was rolled back".into()));
        }
    }
    if connection.is_autocommit() {
        return;
    }
    match connection.execute_batch("COMMIT") {
        Ok(()) => {
            cannot_write.store(false, Ordering::Relaxed);
            waiting.drain(..).for_each(|outcome| (outcome.answer)(Ok(())));
        }
        Err(error) => {
            tracing::error!(%error, "cannot commit");
            let error = DbError::from(error);
            cannot_write.store(matches!(error, DbError::Failed(_)), Ordering::Relaxed);
            if !connection.is_autocommit() {
                let _ = connection.execute_batch("ROLLBACK");
            }
            fail_all(&mut waiting, &error);
        }
    }
}

/// `None` where nothing is left to answer: the closure panicked or never ran, and its caller hears that nobody writes.
fn run_in_savepoint(connection: &Connection, job: Job) -> Option<Outcome> {
    if let Err(error) = connection.execute_batch("SAVEPOINT job") {
        tracing::error!(%error, "cannot begin a savepoint");
        return None;
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| job(&mut Tx::Sqlite(connection)))).ok();
    let keep = outcome.as_ref().is_some_and(|outcome| outcome.keep);
    let end = if keep { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    if connection.execute_batch(end).is_err() && !connection.is_autocommit() {
        // What this closure did can be neither kept nor undone alone: everything of the group is undone.
        let _ = connection.execute_batch("ROLLBACK");
    }
    outcome
}

fn fail_all(waiting: &mut Vec<Outcome>, error: &DbError) {
    waiting.drain(..).for_each(|outcome| (outcome.answer)(Err(error.clone())));
}

/// E-mail addresses and places are in it. What SQLite makes beside it takes the same mode.
fn make_private(file: &Path) -> std::io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(file).map(drop)
}

fn open_reader(file: &Path) -> Result<Connection, DbError> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    prepare(&connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), DbError> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(128);
    // Otherwise SQLite plans a statement anew for each other value of a range's bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch("PRAGMA foreign_keys = ON")?;
    Ok(())
}

/// SQLite goes on without a log where it cannot turn it on. It fails after the row, or the row names another mode.
fn turn_log_on(connection: &Connection) -> Result<(), DbError> {
    let modes: Vec<String> = connection
        .prepare("PRAGMA journal_mode = WAL")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if modes != ["wal"] {
        return Err(DbError::Failed("the disk fails, or its file system cannot hold SQLite's log".into()));
    }
    Ok(connection.pragma_update(None, "synchronous", "FULL")?)
}

fn bring_up_to_date(connection: &Connection) -> Result<(), DbError> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    connection.execute_batch(migrations::VERSION_TABLE)?;
    let version: Value = query(connection, migrations::FIND_VERSION, &[])?
        .pop()
        .and_then(|mut row| row.take::<Option<i64>>().ok())
        .flatten()
        .into();
    for step in migrations::after(&version, "INTEGER PRIMARY KEY AUTOINCREMENT") {
        connection.execute_batch(&step)?;
    }
    connection.execute_batch("COMMIT")?;
    Ok(())
}

fn value(column: ValueRef<'_>) -> Result<Value, DbError> {
    match column {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(int) => Ok(Value::Int(int)),
        ValueRef::Text(text) => Ok(Value::Text(String::from_utf8_lossy(text).into_owned())),
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(DbError::Failed("a column holds an unknown type".into())),
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(int) => ValueRef::Integer(*int),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> DbError {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                DbError::Unavailable(error.to_string())
            }
            Some(rusqlite::ErrorCode::DiskFull) => DbError::Full(error.to_string()),
            _ => DbError::Failed(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_stands_for_its_value_wherever_it_is_met_first() {
        let connection = Connection::open_in_memory().unwrap();
        let (a, b) = (Value::Int(1), Value::Int(2));
        let mut row = query(&connection, "SELECT $2, $1, $2", &[a, b]).unwrap().remove(0);
        let found: [i64; 3] = [row.take().unwrap(), row.take().unwrap(), row.take().unwrap()];
        assert_eq!(found, [2, 1, 2]);
        for (sql, given) in [("SELECT $1, $2", 1), ("SELECT $1", 2), ("SELECT $2", 1), ("SELECT ?1", 1)] {
            assert!(query(&connection, sql, &vec![Value::Int(1); given]).is_err(), "{sql}");
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_told_from_other_failures_and_is_no_reason_to_be_unready() {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = Sqlite::open(&folder.path().join("hasty.sqlite3"), Migrate::Yes).unwrap();
        // SQLite's own limit fails as ENOSPC does.
        let fill = |tx: &mut Tx<'_>| {
            tx.query("PRAGMA max_page_count = 1", &[])?;
            tx.execute("CREATE TABLE filler AS SELECT randomblob(1000000)", &[]).map(drop)
        };
        let full = sqlite.write::<(), DbError, _>(fill).await;
        assert!(matches!(full, Err(DbError::Full(_))), "{full:?}");
        sqlite.check_writes().unwrap();
        let status = crate::error::Error::from(full.unwrap_err()).status();
        assert_eq!(status, 507);
    }
}
