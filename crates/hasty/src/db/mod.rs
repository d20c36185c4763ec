//! The database. SQL is written once, for both engines; only this file and its two neighbours know that there are two.
//!
//! What both understand: `$1, $2 …` in the order of their first use, integers of 64 bits (times are microseconds,
//! truth is 0 or 1), text, JSON as text, `ON CONFLICT` and `RETURNING`.

pub mod agreements;
pub mod contents;
pub mod discards;
mod engine_postgres;
mod engine_sqlite;
pub mod events;
pub mod image_states;
pub mod images;
pub mod invitations;
pub mod jobs;
mod migrations;
pub mod picks;
pub mod stats;
pub mod uploads;
mod value;

use std::path::Path;

use engine_postgres::Postgres;
use engine_sqlite::Sqlite;
pub use value::{Row, Value};

/// The name of SQLite's file in the data folder.
pub const SQLITE_FILE: &str = "hasty.sqlite3";

/// Why the database did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DbError {
    /// It cannot be reached, or is out of connections: the same call may go through later.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// Its disk has no room left: nothing was changed.
    #[error("{0}")]
    Full(String),
    #[error("{0}")]
    Failed(String),
}

pub struct Db(Engine);

enum Engine {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

/// One transaction. Everything that a closure does with it happens together, or not at all.
pub enum Tx<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(engine_postgres::Transaction<'a>),
}

impl Db {
    /// Opens the database and brings its tables up to date. Blocks.
    pub fn open(url: Option<&str>, connections: u32, data_dir: &Path) -> Result<Db, DbError> {
        Ok(Db(match url {
            Some(url) => Engine::Postgres(Box::new(Postgres::open(url, connections)?)),
            None => Engine::Sqlite(Sqlite::open(&data_dir.join(SQLITE_FILE))?),
        }))
    }

    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        match &self.0 {
            Engine::Sqlite(sqlite) => sqlite.read(work).await,
            Engine::Postgres(postgres) => postgres.run(work).await,
        }
    }

    /// Runs the closure in a transaction and answers once that is on the disk. An `Err` undoes what the closure did.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        match &self.0 {
            Engine::Sqlite(sqlite) => sqlite.write(work).await,
            Engine::Postgres(postgres) => postgres.run(work).await,
        }
    }

    /// Whether other instances may work on it, too.
    pub fn is_shared(&self) -> bool {
        matches!(self.0, Engine::Postgres(_))
    }

    /// Whether the database answers, and could write when it last had to.
    pub async fn ping(&self) -> Result<(), DbError> {
        if let Engine::Sqlite(sqlite) = &self.0 {
            sqlite.check_writes()?;
        }
        self.read(|tx| tx.query("SELECT 1", &[]).map(drop)).await
    }
}

impl Tx<'_> {
    pub fn query(&mut self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        match self {
            Tx::Sqlite(connection) => engine_sqlite::query(connection, sql, params),
            Tx::Postgres(transaction) => transaction.query(sql, params),
        }
    }

    /// The first row, if there is one.
    pub fn query_opt(&mut self, sql: &'static str, params: &[Value]) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params)?.into_iter().next())
    }

    /// The number of rows that changed.
    pub fn execute(&mut self, sql: &'static str, params: &[Value]) -> Result<u64, DbError> {
        match self {
            Tx::Sqlite(connection) => engine_sqlite::execute(connection, sql, params),
            Tx::Postgres(transaction) => transaction.execute(sql, params),
        }
    }
}

/// `params![a, b]`: values for `$1, $2`.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::db::Value::from($value)),*] };
}
pub(crate) use params;
