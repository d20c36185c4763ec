//! Table `jobs`: background work. It is inserted in the transaction that causes it and finished in the transaction that
//! shows its result, so that its result shows once, whoever else has begun the same work.

use std::fmt;

use uuid::Uuid;

use super::{DbError, Row, Tx, params};
use crate::clock::Micros;

/// The kinds of work; a job is one kind and the key of what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Makes facts of an uploaded image; the key is its id.
    Ingest,
    /// Takes places out of what is stored, after an invitation's owner wants less of them; the key is the invitation's id.
    Redact,
}

/// Who holds a job: a process, and which of its claims. The same process may hold the same job anew while what it began
/// earlier still runs.
#[derive(Clone, Copy, Debug)]
pub struct Holder {
    pub process: Uuid,
    pub claim: Uuid,
}

/// A job that its holder has until its lease ends.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: i64,
    pub kind: JobKind,
    pub key: String,
    /// How often it was taken, this time included.
    pub attempts: i64,
    pub holder: Holder,
}

/// A job that nobody takes any more.
#[derive(Clone, Debug)]
pub struct GivenUp {
    pub id: i64,
    pub kind: JobKind,
    pub key: String,
    pub error: String,
}

/// How much work there is.
pub struct Backlog {
    /// Work that is under way included.
    pub waiting: u64,
    pub given_up: u64,
    /// Of what waits.
    pub oldest_created_at: Option<Micros>,
}

/// Costs time in proportion to the work that is left.
pub fn backlog(tx: &mut Tx) -> Result<Backlog, DbError> {
    let sql =
        "SELECT COUNT(due_at), COUNT(*) - COUNT(due_at), MIN(CASE WHEN due_at IS NULL THEN NULL ELSE created_at END)
               FROM jobs";
    let mut row = tx.query_opt(sql, &[])?.ok_or_else(|| DbError::Failed("an aggregate has no row".into()))?;
    let (waiting, given_up): (i64, i64) = (row.take()?, row.take()?);
    let count = |count: i64| u64::try_from(count).unwrap_or(0);
    Ok(Backlog { waiting: count(waiting), given_up: count(given_up), oldest_created_at: row.take()? })
}

/// Once for each kind and key; one that was given up gets another chance, and one that is under way is done again.
pub fn insert(tx: &mut Tx, kind: JobKind, key: i64, now: Micros) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO jobs (kind, key, due_at, created_at) VALUES ($1, $2, $3, $3)
         ON CONFLICT (kind, key) DO UPDATE SET due_at = excluded.due_at, worker = NULL, attempts = 0",
        params![kind.as_str(), key.to_string(), now],
    )?;
    Ok(())
}

/// Takes the job that is due the longest, waiting or left by a worker whose lease is over. `None`: nothing is due, or
/// another instance was faster.
pub fn claim(tx: &mut Tx, holder: Holder, lease_until: Micros, now: Micros) -> Result<Option<Job>, DbError> {
    tx.query_opt(
        "UPDATE jobs SET worker = $1, due_at = $2, attempts = attempts + 1
         WHERE id = (SELECT id FROM jobs WHERE due_at <= $3 ORDER BY due_at, id LIMIT 1) AND due_at <= $3
         RETURNING id, kind, key, attempts",
        params![holder.to_string(), lease_until, now],
    )?
    .map(|row| job(row, holder))
    .transpose()
}

/// Holds the job for longer; false where it is not this worker's any more.
pub fn extend_lease(tx: &mut Tx, job: &Job, lease_until: Micros) -> Result<bool, DbError> {
    let sql = "UPDATE jobs SET due_at = $1 WHERE id = $2 AND worker = $3";
    Ok(tx.execute(sql, params![lease_until, job.id, job.holder.to_string()])? == 1)
}

/// Ends the job; false where it is not this worker's any more: then its result must not show either.
pub fn finish(tx: &mut Tx, job: &Job) -> Result<bool, DbError> {
    let sql = "DELETE FROM jobs WHERE id = $1 AND worker = $2";
    Ok(tx.execute(sql, params![job.id, job.holder.to_string()])? == 1)
}

/// Puts the job back until `due_at`; without one it is given up. False where it is not this worker's any more.
pub fn put_back(tx: &mut Tx, job: &Job, due_at: Option<Micros>, error: &str) -> Result<bool, DbError> {
    let sql = "UPDATE jobs SET worker = NULL, due_at = $1, error = $2 WHERE id = $3 AND worker = $4";
    Ok(tx.execute(sql, params![due_at, error, job.id, job.holder.to_string()])? == 1)
}

/// Puts back what a stopping process holds, as if it had never been taken.
pub fn hand_back(tx: &mut Tx, process: Uuid, now: Micros) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE jobs SET worker = NULL, due_at = $1, attempts = attempts - 1 WHERE worker LIKE $2",
        params![now, format!("{process}/%")],
    )
}

/// Puts back all that is under way: for a database that only one process works on, when that starts.
pub fn hand_back_all(tx: &mut Tx, now: Micros) -> Result<u64, DbError> {
    tx.execute("UPDATE jobs SET worker = NULL, due_at = $1 WHERE worker IS NOT NULL", params![now])
}

/// Forgets the job of what is not there any more, be it under way.
pub fn delete(tx: &mut Tx, kind: JobKind, key: i64) -> Result<(), DbError> {
    tx.execute("DELETE FROM jobs WHERE kind = $1 AND key = $2", params![kind.as_str(), key.to_string()])?;
    Ok(())
}

/// Jobs that were given up, in the order of their ids, from behind `after` on.
pub fn list_given_up(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<GivenUp>, DbError> {
    tx.query(
        "SELECT id, kind, key, COALESCE(error, '') FROM jobs WHERE due_at IS NULL AND id > $1 ORDER BY id LIMIT $2",
        params![after, limit],
    )?
    .into_iter()
    .map(given_up)
    .collect()
}

/// Gives a job that was given up another chance.
pub fn retry(tx: &mut Tx, id: i64, now: Micros) -> Result<(), DbError> {
    tx.execute("UPDATE jobs SET due_at = $1, attempts = 0 WHERE id = $2 AND due_at IS NULL", params![now, id])?;
    Ok(())
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.process, self.claim)
    }
}

impl JobKind {
    pub fn as_str(self) -> &'static str {
        match self {
            JobKind::Ingest => "ingest",
            JobKind::Redact => "redact",
        }
    }

    fn parse(text: &str) -> Result<JobKind, DbError> {
        match text {
            "ingest" => Ok(JobKind::Ingest),
            "redact" => Ok(JobKind::Redact),
            other => Err(DbError::Failed(format!("a job is of the unknown kind {other}"))),
        }
    }
}

fn given_up(mut row: Row) -> Result<GivenUp, DbError> {
    let (id, kind) = (row.take()?, JobKind::parse(&row.take::<String>()?)?);
    Ok(GivenUp { id, kind, key: row.take()?, error: row.take()? })
}

fn job(mut row: Row, holder: Holder) -> Result<Job, DbError> {
    Ok(Job {
        id: row.take()?,
        kind: JobKind::parse(&row.take::<String>()?)?,
        key: row.take()?,
        attempts: row.take()?,
        holder,
    })
}
