//! The database. SQL is written once, for both engines; only this file and its two neighbours know that there are two.
//!
//! What both understand: `$1, $2 …`, integers of 64 bits (times are microseconds, truth is 0 or 1), text, JSON as text,
//! `ON CONFLICT` and `RETURNING`.

pub mod agreements;
pub mod contents;
pub mod discards;
mod engine_postgres;
mod engine_sqlite;
pub mod events;
pub mod exports;
pub mod image_states;
pub mod images;
pub mod invitations;
pub mod jobs;
mod migrations;
pub mod picks;
mod postgres_tls;
pub mod rows;
pub mod stats;
pub mod uploads;
mod value;

use std::path::Path;
use std::time::Instant;

use engine_postgres::Postgres;
use engine_sqlite::Sqlite;
use tracing::Instrument;
pub use value::{Row, Value};

use crate::{telemetry, traces};

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

/// Whether opening brings the tables up to date.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Migrate {
    Yes,
    No,
}

pub struct Facts {
    pub engine: &'static str,
    /// Names are PostgreSQL's, and `version`, `version_number`, `encrypted`, `remote`.
    pub settings: Vec<(String, String)>,
    pub tables: Tables,
}

/// Versions of the tables; 0: there are none.
#[derive(Clone, Copy)]
pub struct Tables {
    pub found: i64,
    pub newest: i64,
}

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
        Db::with(url, connections, data_dir, Migrate::Yes)
    }

    /// Opens the database as it is. Blocks.
    pub fn connect(url: Option<&str>, connections: u32, data_dir: &Path) -> Result<Db, DbError> {
        Db::with(url, connections, data_dir, Migrate::No)
    }

    fn with(url: Option<&str>, connections: u32, data_dir: &Path, migrate: Migrate) -> Result<Db, DbError> {
        Ok(Db(match url {
            Some(url) => Engine::Postgres(Box::new(Postgres::open(url, connections, migrate)?)),
            None => Engine::Sqlite(Sqlite::open(&data_dir.join(SQLITE_FILE), migrate)?),
        }))
    }

    /// What an operator may want to know of the database itself.
    pub async fn facts(&self) -> Result<Facts, DbError> {
        let (engine, sql) = match &self.0 {
            Engine::Sqlite(_) => ("SQLite", engine_sqlite::SETTINGS),
            Engine::Postgres(_) => ("PostgreSQL", engine_postgres::SETTINGS),
        };
        let rows: Vec<Row> = self.read(|tx| tx.query(sql, &[])).await?;
        let settings =
            rows.into_iter().map(|mut row| Ok((row.take()?, row.take()?))).collect::<Result<_, DbError>>()?;
        // Without tables there is none that could tell.
        let found = match self.read(|tx| tx.query_opt(migrations::FIND_VERSION, &[])).await {
            Ok(Some(mut row)) => row.take::<Option<i64>>()?.unwrap_or(0),
            Ok(None) | Err(DbError::Failed(_)) => 0,
            Err(error) => return Err(error),
        };
        Ok(Facts { engine, settings, tables: Tables { found, newest: migrations::newest() } })
    }

    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let run = async {
            match &self.0 {
                Engine::Sqlite(sqlite) => sqlite.read(work).await,
                Engine::Postgres(postgres) => postgres.run(work).await,
            }
        };
        self.watch("read", run).await
    }

    /// Runs the closure in a transaction and answers once that is on the disk. An `Err` undoes what the closure did.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let run = async {
            match &self.0 {
                Engine::Sqlite(sqlite) => sqlite.write(work).await,
                Engine::Postgres(postgres) => postgres.run(work).await,
            }
        };
        self.watch("write", run).await
    }

    /// A rule's refusal undoes the transaction as a failure does.
    async fn watch<T, E>(&self, kind: &'static str, transaction: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let system = if self.is_shared() { "postgresql" } else { "sqlite" };
        let began = Instant::now();
        let result = transaction.instrument(traces::transaction(kind, system)).await;
        let outcome = if result.is_ok() { "committed" } else { "undone" };
        telemetry::transaction_ended(kind, outcome, began.elapsed());
        result
    }

    /// Whether other instances may work on it, too.
    pub fn is_shared(&self) -> bool {
        matches!(self.0, Engine::Postgres(_))
    }

    /// Whether the database answers, and takes writes: SQLite, when it last had to.
    pub async fn ping(&self) -> Result<(), DbError> {
        let sql = match &self.0 {
            Engine::Sqlite(sqlite) => {
                sqlite.check_writes()?;
                "SELECT 'off'"
            }
            Engine::Postgres(_) => engine_postgres::IS_READ_ONLY,
        };
        let is_read_only: Option<Row> = self.read(|tx| tx.query_opt(sql, &[])).await?;
        match is_read_only.map(|mut row| row.take::<String>()).transpose()?.as_deref() {
            Some("on") => Err(DbError::Unavailable("it takes no writes: is it a standby?".into())),
            _ => Ok(()),
        }
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

    /// From here on the transaction sees the database as of one moment, for as long as it takes.
    fn hold_still(&mut self) -> Result<(), DbError> {
        match self {
            // A reader of SQLite's log always does.
            Tx::Sqlite(_) => Ok(()),
            Tx::Postgres(transaction) => transaction.hold_still(),
        }
    }

    /// Waits for those who change images, and lets nobody change one until the transaction ends.
    fn hold_images(&mut self) -> Result<(), DbError> {
        match self {
            // There is one writer at a time.
            Tx::Sqlite(_) => Ok(()),
            Tx::Postgres(transaction) => transaction.execute("LOCK TABLE images IN SHARE MODE", &[]).map(drop),
        }
    }

    /// In their order. Fails where the table has none: rows without columns would look like a table without rows.
    fn columns(&mut self, table: &'static str) -> Result<Vec<String>, DbError> {
        let sql = match self {
            Tx::Sqlite(_) => engine_sqlite::COLUMNS,
            Tx::Postgres(_) => engine_postgres::COLUMNS,
        };
        let columns = self.query(sql, params![table])?;
        if columns.is_empty() {
            return Err(DbError::Failed(format!("there is no table {table}")));
        }
        columns.into_iter().map(|mut row| row.take()).collect()
    }

    /// All rows, one after the other: they need not fit into memory.
    fn for_each(
        &mut self,
        table: &str,
        columns: &[String],
        take: &mut dyn FnMut(Vec<Value>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let sql = format!("SELECT {} FROM {table}", columns.join(", "));
        match self {
            Tx::Sqlite(connection) => engine_sqlite::for_each(connection, &sql, take),
            Tx::Postgres(transaction) => transaction.for_each(&sql, take),
        }
    }

    /// Ids are those of the row.
    fn insert_row(&mut self, table: &str, columns: &[String], row: &[Value]) -> Result<(), DbError> {
        let places: Vec<_> = (1..=row.len()).map(|place| format!("${place}")).collect();
        let (columns, places) = (columns.join(", "), places.join(", "));
        match self {
            Tx::Sqlite(connection) => {
                let sql = format!("INSERT INTO {table} ({columns}) VALUES ({places})");
                engine_sqlite::execute(connection, &sql, row).map(drop)
            }
            Tx::Postgres(transaction) => {
                let sql = format!("INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({places})");
                transaction.execute_text(&sql, row)
            }
        }
    }

    fn delete_all(&mut self, table: &str) -> Result<(), DbError> {
        let sql = format!("DELETE FROM {table}");
        match self {
            Tx::Sqlite(connection) => engine_sqlite::execute(connection, &sql, &[]).map(drop),
            Tx::Postgres(transaction) => transaction.execute_text(&sql, &[]),
        }
    }

    /// The next id that the table gives, if it gives any, is a new one, and higher than `given`.
    fn count_on(&mut self, table: &str, given: i64) -> Result<(), DbError> {
        match self {
            Tx::Sqlite(connection) => engine_sqlite::count_on(connection, table, given),
            Tx::Postgres(transaction) => transaction.count_on(table, given),
        }
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
