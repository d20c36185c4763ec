//! The one writer: a thread that takes all waiting writes, runs each in a savepoint of one transaction, syncs once
//! and then answers all of them (group commit).

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::ErrorCode::DiskFull;
use rusqlite::{Connection, ffi};
use tokio::sync::{mpsc, oneshot};

use super::BUSY_TIMEOUT;
use crate::blobs::Blob;
use crate::disk::Disk;
use crate::error::Error;

/// Writes that may wait; beyond it, requests wait before they queue.
const MAX_WAITING: usize = 1024;
/// Writes that share one sync.
const MAX_BATCH: usize = 256;
/// Writes after which the log goes into the database: some megabytes of it.
const CHECKPOINT_WRITES: usize = 250;
/// Rows changed, after which it does so earlier: one write may delete a thousand objects, each on pages of its own.
const CHECKPOINT_ROWS: u64 = 2_500;
/// Pages of the log beyond which it waits for readers: 16 MiB.
const MAX_LOG_PAGES: i64 = 4096;
const MAX_WAIT_FOR_READERS: Duration = Duration::from_millis(500);

/// Runs inside the transaction.
type Job = Box<dyn FnOnce(&Connection) -> Ran + Send>;

/// What is left of a job until its transaction has committed.
struct Ran {
    answer: Box<dyn FnOnce(Committed)>,
    /// What SQLite said where it refused the job.
    failure: Option<ffi::Error>,
    /// The job's savepoint did not end: what it wrote cannot be told from what the others wrote.
    is_torn: bool,
}

type Committed = Result<(), Option<ffi::Error>>;

pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    disk: Arc<Disk>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(conn: Connection, disk: Arc<Disk>) -> io::Result<Writer> {
        let (jobs, waiting) = mpsc::channel(MAX_WAITING);
        let running = disk.clone();
        let thread = thread::Builder::new().name("s3-index".into()).spawn(move || run(&conn, &running, waiting))?;
        Ok(Writer { jobs: Some(jobs), disk, thread: Some(thread) })
    }

    pub(super) async fn submit<T: Send + 'static>(
        &self,
        blobs: Vec<Blob>,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (job, answer) = job(blobs, work);
        self.jobs()?.send(job).await.map_err(|_| Error::Closing)?;
        self.acknowledge(answer.await)
    }

    pub(super) fn submit_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (job, answer) = job(Vec::new(), work);
        self.jobs()?.blocking_send(job).map_err(|_| Error::Closing)?;
        self.acknowledge(answer.blocking_recv())
    }

    fn jobs(&self) -> Result<&mpsc::Sender<Job>, Error> {
        self.disk.check()?;
        self.jobs.as_ref().ok_or(Error::Closing)
    }

    /// The answer of a job; one that was dropped gave none. A failure that the disk reported to somebody else meanwhile
    /// may be one of this write: a folder's is told only once.
    fn acknowledge<T>(&self, answer: Result<Result<T, Error>, oneshot::error::RecvError>) -> Result<T, Error> {
        let answer = answer.unwrap_or(Err(Error::NotCommitted));
        self.disk.check()?;
        answer
    }
}

impl Drop for Writer {
    /// Ends the thread after the writes that wait, so that whoever opens the folder next finds it at rest.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The job owns the blobs: a client that goes away while the transaction commits must not take their files along.
fn job<T: Send + 'static>(
    blobs: Vec<Blob>,
    work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
) -> (Job, oneshot::Receiver<Result<T, Error>>) {
    let (reply, answer) = oneshot::channel();
    let job = move |conn: &Connection| {
        let ended = in_savepoint(conn, work);
        let is_torn = ended.is_err();
        let outcome = ended.map_err(Error::Index).flatten();
        let failure = match &outcome {
            Err(Error::Index(error)) => error.sqlite_error().copied(),
            _ => None,
        };
        let answer = move |committed: Committed| {
            // After a COMMIT that failed, a crash may still bring its rows back from the log. Their files stay: the
            // next start sets aside those that no row needs. A full disk cut the log short, so there they can go.
            let is_undecided = committed.is_err_and(|cause| cause.is_some_and(|cause| cause.code != DiskFull));
            let outcome = committed.map_err(not_committed).and(outcome);
            if outcome.is_ok() || is_undecided {
                blobs.into_iter().for_each(Blob::keep);
            }
            let _ = reply.send(outcome);
        };
        Ran { answer: Box::new(answer), failure, is_torn }
    };
    (Box::new(job), answer)
}

/// Runs `work`; afterwards it wrote all or nothing. Where SQLite cannot promise that, the whole transaction must go.
fn in_savepoint<T>(
    conn: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Error>,
) -> rusqlite::Result<Result<T, Error>> {
    conn.prepare_cached("SAVEPOINT job")?.execute([])?;
    let outcome = catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or(Err(Error::Panicked));
    // A full disk or an I/O error may have ended the whole transaction, and the savepoint with it.
    if outcome.is_err() && !conn.is_autocommit() {
        conn.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    if !conn.is_autocommit() {
        conn.prepare_cached("RELEASE job")?.execute([])?;
    }
    Ok(outcome)
}

fn run(conn: &Connection, disk: &Disk, mut waiting: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(MAX_BATCH);
    let (mut written, mut rows) = (0, conn.total_changes());
    while waiting.blocking_recv_many(&mut jobs, MAX_BATCH) > 0 {
        written += jobs.len();
        let mut batch = jobs.drain(..);
        while batch.len() > 0 && disk.check().is_ok() {
            commit(conn, disk, &mut batch);
        }
        // Dropped unanswered, what is left of a batch fails.
        drop(batch);
        if written >= CHECKPOINT_WRITES || conn.total_changes() - rows >= CHECKPOINT_ROWS {
            checkpoint(conn, disk);
            (written, rows) = (0, conn.total_changes());
        }
    }
}

/// Runs jobs in one transaction until they end or the transaction breaks, commits and answers those that ran.
fn commit(conn: &Connection, disk: &Disk, batch: &mut impl Iterator<Item = Job>) {
    if let Err(error) = conn.execute_batch("BEGIN IMMEDIATE") {
        tracing::error!(%error, "the store's index cannot begin a transaction");
        disk.watch_index("begin a transaction of the index", &error);
        batch.for_each(drop);
        return;
    }
    let mut ran = Vec::new();
    let mut committed: Committed = Ok(());
    for job in batch {
        let job = job(conn);
        let breaks = job.is_torn || conn.is_autocommit();
        let failure = job.failure;
        ran.push(job);
        if let Some(failure) = failure {
            disk.watch_index("write the index", &failed(failure));
        }
        if breaks {
            committed = Err(failure);
            break;
        }
    }
    if committed.is_ok() {
        let outcome = conn.execute_batch("COMMIT").inspect_err(|error| disk.watch_index("commit to the index", error));
        committed = outcome.map_err(|error| error.sqlite_error().copied());
    }
    if let Err(error) = committed {
        tracing::error!(?error, "the store's index cannot commit");
    }
    if !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    ran.into_iter().for_each(|job| (job.answer)(committed));
}

/// Moves the log into the database. SQLite would do it at the end of a COMMIT, and keep to itself what goes wrong.
fn checkpoint(conn: &Connection, disk: &Disk) {
    if disk.check().is_err() {
        return;
    }
    if let Err(error) = try_checkpoint(conn) {
        tracing::warn!(%error, "the log of the store's index stays longer than it should");
        disk.watch_index("move the index's log into its database", &error);
    }
}

/// SQLite begins the log anew only where no reader is in it, and readers that take turns without a gap would let it
/// grow for ever: then they are waited for, while new ones find all they need in the database.
fn try_checkpoint(conn: &Connection) -> rusqlite::Result<()> {
    let log_pages = |sql| conn.query_row(sql, [], |row| row.get::<_, i64>("log"));
    if log_pages("PRAGMA wal_checkpoint(PASSIVE)")? > MAX_LOG_PAGES {
        conn.busy_timeout(MAX_WAIT_FOR_READERS)?;
        let restarted = log_pages("PRAGMA wal_checkpoint(RESTART)");
        conn.busy_timeout(BUSY_TIMEOUT)?;
        restarted?;
    }
    Ok(())
}

fn failed(cause: ffi::Error) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(cause, None)
}

fn not_committed(cause: Option<ffi::Error>) -> Error {
    cause.map_or(Error::NotCommitted, |cause| Error::Index(failed(cause)))
}

#[cfg(test)]
mod tests {
    //! No request can make SQLite fail to end a savepoint, so the jobs here end it themselves.

    use std::sync::atomic::{AtomicBool, Ordering};

    use s3s::S3ErrorCode;

    use super::super::{Index, open};
    use super::*;

    #[test]
    fn the_log_stays_short_though_readers_never_pause() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("index.sqlite");
        let index = Index::start(&path, open(&path).expect("an index"), Arc::default()).expect("an index");
        let write = |n: i32| {
            index.write_blocking(move |conn| {
                let name = (n, "x".repeat(32 * 1024));
                Ok(conn.execute("INSERT INTO buckets (created_at, name, cors) VALUES (?1, ?1, ?2)", name)?)
            })
        };
        write(-1).expect("something to read");
        let is_done = AtomicBool::new(false);
        let longest = thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let read = |conn: &Connection| {
                        let sql = "SELECT count(*) FROM (SELECT name FROM buckets LIMIT 300)";
                        Ok(conn.query_row(sql, [], |row| row.get::<_, i64>(0))?)
                    };
                    while !is_done.load(Ordering::Relaxed) {
                        index.read_blocking(read).expect("a read");
                    }
                });
            }
            let length = |n| {
                write(n).expect("a write");
                dir.path().join("index.sqlite-wal").metadata().expect("a log").len()
            };
            let longest = (0..2_000).map(length).max();
            is_done.store(true, Ordering::Relaxed);
            longest
        });
        // What was written is 93 MiB of log.
        assert!(longest.is_some_and(|bytes| bytes < 56 << 20), "{longest:?}");
    }

    #[test]
    fn the_log_stays_short_though_a_few_writes_change_many_rows() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("index.sqlite");
        let index = Index::start(&path, open(&path).expect("an index"), Arc::default()).expect("an index");
        let length = |_| {
            let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                       INSERT INTO trash (blob_id, content_id) SELECT randomblob(16), i FROM n";
            index.write_blocking(|conn| Ok(conn.execute(sql, [])?)).expect("a write");
            dir.path().join("index.sqlite-wal").metadata().expect("a log").len()
        };
        let longest = (0..100).map(length).max();
        // What was written is 118 MiB of log.
        assert!(longest.is_some_and(|bytes| bytes < 16 << 20), "{longest:?}");
    }

    #[tokio::test]
    async fn what_a_job_wrote_is_never_committed_where_its_savepoint_does_not_end() {
        let dir = tempfile::tempdir().expect("a folder");
        let conn = open(&dir.path().join("index.sqlite")).expect("an index");
        let writer = Writer::start(conn, Arc::default()).expect("a writer");
        let insert =
            |conn: &Connection| conn.execute("INSERT INTO contents (refs) VALUES (1)", []).map_err(Error::from);
        let refused = writer.submit(Vec::new(), move |conn| {
            insert(conn)?;
            conn.execute_batch("RELEASE job")?;
            Err::<(), _>(S3ErrorCode::PreconditionFailed.into())
        });
        assert!(refused.await.is_err());
        let lost = writer.submit(Vec::new(), move |conn| {
            insert(conn)?;
            Ok(conn.execute_batch("RELEASE job")?)
        });
        assert!(lost.await.is_err(), "a job whose end is unknown is not acknowledged");

        let count =
            |conn: &Connection| Ok(conn.query_row("SELECT count(*) FROM contents", [], |row| row.get::<_, i64>(0))?);
        assert_eq!(writer.submit(Vec::new(), count).await.expect("a count"), 0);
        writer.submit(Vec::new(), insert).await.expect("the next write");
        assert_eq!(writer.submit(Vec::new(), count).await.expect("a count"), 1);
    }
}
