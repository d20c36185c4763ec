//! PostgreSQL: the synchronous client, in a pool, on blocking threads.
//!
//! The client owns a runtime of its own: it is made, used and dropped on blocking threads only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use postgres::config::TargetSessionAttrs;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use postgres::{Client, Statement};
use tokio::sync::Semaphore;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{DbError, Migrate, Row, Tx, Value, migrations, postgres_tls};

const URL_FORM: &str = "postgres://user:password@host/name?option=value, where @ : / ? # % of a password are %40 %3A %2F \
                        %3F %23 %25";

/// How long a caller waits for a free connection before it hears 503.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A server that lost its power answers nothing at all: not to what is sent to it, nor while it is waited for.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(15);
const KEEPALIVE_IDLE: Duration = Duration::from_secs(5);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 2;
const STATEMENT_TIMEOUT: &str = "-c statement_timeout=30s";
/// For statements that read or change all rows, and for those that wait for them.
const NO_STATEMENT_TIMEOUT: &str = "SET LOCAL statement_timeout = 0";
/// `on` on a standby, and where an operator has set it.
pub const IS_READ_ONLY: &str = "SELECT current_setting('transaction_read_only')";

/// Serialises migrations of instances that start together; the number is arbitrary, but must not change.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(4911403)";

/// Of the table that a statement with this name would find, in whatever schema of the search path.
pub const COLUMNS: &str = "SELECT attname::text FROM pg_attribute
    WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped ORDER BY attnum";

/// What [`super::Facts`] tells of it.
pub const SETTINGS: &str = "SELECT name, setting FROM pg_settings
    WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'max_connections')
    UNION ALL SELECT 'version', current_setting('server_version')
    UNION ALL SELECT 'version_number', current_setting('server_version_num')
    UNION ALL SELECT 'encrypted', ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()
    UNION ALL SELECT 'remote', (NOT inet_server_addr() <<= '127.0.0.0/8' AND inet_server_addr() <> '::1')::text
        WHERE inet_server_addr() IS NOT NULL";

pub struct Postgres {
    server: Arc<Server>,
    idle: Arc<Mutex<Vec<Connection>>>,
    slots: Arc<Semaphore>,
}

/// How it is reached.
struct Server {
    config: postgres::Config,
    tls: MakeRustlsConnect,
}

struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
}

pub struct Transaction<'a> {
    inner: postgres::Transaction<'a>,
    statements: &'a mut HashMap<String, Statement>,
}

impl Postgres {
    pub fn open(url: &str, connections: u32, migrate: Migrate) -> Result<Postgres, DbError> {
        // What is wrong with it holds a password: nothing of it is told.
        let unreadable = || DbError::Failed(format!("the database's URL cannot be read: use {URL_FORM}"));
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(unreadable());
        }
        let (url, tls) = postgres_tls::encryption(url)?;
        let mut config: postgres::Config = url.parse().map_err(|_| unreadable())?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE_TIMEOUT);
        }
        if !url.contains("keepalives") {
            config.keepalives_idle(KEEPALIVE_IDLE).keepalives_interval(KEEPALIVE_INTERVAL);
            config.keepalives_retries(KEEPALIVE_RETRIES);
        }
        if !url.contains("target_session_attrs") {
            // Of several hosts in the URL, the one that takes writes. `any` lets a backup read from a standby.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_options().is_none() {
            config.options(STATEMENT_TIMEOUT);
        }
        let server = Server { config, tls };
        let mut connection = server.connect()?;
        if migrate == Migrate::Yes {
            bring_up_to_date(&mut connection.client)?;
        }
        Ok(Postgres {
            server: Arc::new(server),
            idle: Arc::new(Mutex::new(vec![connection])),
            slots: Arc::new(Semaphore::new(connections as usize)),
        })
    }

    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let slot = tokio::time::timeout(WAIT_FOR_CONNECTION, self.slots.clone().acquire_owned())
            .await
            .map_err(|_| DbError::Unavailable("all connections are busy".into()))?;
        let (idle, server) = (self.idle.clone(), self.server.clone());
        let run = move || {
            let _slot = slot;
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut work = Some(work);
            let begun = kept.and_then(|mut connection| Some((connection.transact(&mut work)?, connection)));
            let (result, connection) = match begun {
                Some(begun) => begun,
                // What the server has closed meanwhile shows only here, before anything was done.
                None => {
                    let mut connection = server.connect()?;
                    let result = connection.transact(&mut work);
                    (
                        result.unwrap_or_else(|| Err(DbError::Unavailable("it ends each connection".into()).into())),
                        connection,
                    )
                }
            };
            if !connection.client.is_closed() {
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            }
            result
        };
        tokio::task::spawn_blocking(run).await.unwrap_or_else(|error| Err(DbError::Failed(error.to_string()).into()))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The whole list, not only what is in it: work that runs on may put its connection back at any moment.
        let idle = std::mem::take(&mut self.idle);
        let _ = std::thread::spawn(move || drop(idle)).join();
    }
}

impl Connection {
    /// `None`: no transaction could be begun, and `work` is still there.
    fn transact<T, E, F>(&mut self, work: &mut Option<F>) -> Option<Result<T, E>>
    where
        E: From<DbError>,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
    {
        let inner = self.client.transaction().ok()?;
        let mut tx = Tx::Postgres(Transaction { inner, statements: &mut self.statements });
        let result = work.take()?(&mut tx);
        if let (Ok(_), Tx::Postgres(transaction)) = (&result, tx)
            && let Err(error) = transaction.inner.commit()
        {
            return Some(Err(DbError::from(error).into()));
        }
        Some(result)
    }
}

impl Transaction<'_> {
    pub fn query(&mut self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        let statement = self.prepare(sql)?;
        let rows = self.inner.query(&statement, &borrowed(params))?;
        rows.iter()
            .map(|row| {
                let values: Result<Vec<Value>, _> = (0..row.len()).map(|column| row.try_get(column)).collect();
                Ok(Row::new(values?))
            })
            .collect()
    }

    pub fn execute(&mut self, sql: &'static str, params: &[Value]) -> Result<u64, DbError> {
        let statement = self.prepare(sql)?;
        Ok(self.inner.execute(&statement, &borrowed(params))?)
    }

    pub fn hold_still(&mut self) -> Result<(), DbError> {
        self.inner.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
        Ok(self.inner.batch_execute(NO_STATEMENT_TIMEOUT)?)
    }

    pub fn for_each(
        &mut self,
        sql: &str,
        take: &mut dyn FnMut(Vec<Value>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let mut rows = self.inner.query_raw(sql, std::iter::empty::<&Value>())?;
        while let Some(row) = rows.next()? {
            take((0..row.len()).map(|column| row.try_get(column)).collect::<Result<_, _>>()?)?;
        }
        Ok(())
    }

    /// As [`Transaction::execute`], for SQL that is put together.
    pub fn execute_text(&mut self, sql: &str, params: &[Value]) -> Result<(), DbError> {
        let statement = self.prepare(sql)?;
        self.inner.execute(&statement, &borrowed(params))?;
        Ok(())
    }

    pub fn count_on(&mut self, table: &str, given: i64) -> Result<(), DbError> {
        let sql = "SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = to_regclass($1::text) AND a.attidentity <> ''";
        for row in self.inner.query(sql, &[&table])? {
            let column: String = row.try_get(0)?;
            self.inner.batch_execute(&format!(
                "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), GREATEST(MAX({column}), {given})) FROM {table}"
            ))?;
        }
        Ok(())
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, DbError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.inner.prepare(sql)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Server {
    fn connect(&self) -> Result<Connection, DbError> {
        let client = self.config.connect(self.tls.clone()).map_err(|error| DbError::Unavailable(chain(error)))?;
        Ok(Connection { client, statements: HashMap::new() })
    }
}

fn bring_up_to_date(client: &mut Client) -> Result<(), DbError> {
    let mut transaction = client.transaction()?;
    transaction.batch_execute(NO_STATEMENT_TIMEOUT)?;
    transaction.batch_execute(MIGRATION_LOCK)?;
    // IF NOT EXISTS looks into one schema only: all tables would be made anew in one that came later and stands first.
    let found: Option<String> = transaction.query_one("SELECT to_regclass('schema_version')::text", &[])?.try_get(0)?;
    if found.is_none() {
        transaction.batch_execute(migrations::VERSION_TABLE)?;
    }
    let version: Value = transaction.query_one(migrations::FIND_VERSION, &[])?.try_get(0)?;
    for step in migrations::after(&version, "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY") {
        transaction.batch_execute(&step)?;
    }
    Ok(transaction.commit()?)
}

/// The whole story: the client's own words name only the kind of an error.
fn chain(error: postgres::Error) -> String {
    format!("{:#}", anyhow::Error::new(error))
}

fn borrowed(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(int) if *ty == Type::INT4 => i32::try_from(*int)?.to_sql(ty, out),
            Value::Int(int) => int.to_sql(ty, out),
            Value::Text(text) => text.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT4 | Type::INT8 | Type::TEXT | Type::VARCHAR)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Value, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            _ => Value::Text(String::from_sql(ty, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Value, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT4 | Type::INT8 | Type::TEXT | Type::VARCHAR)
    }
}

impl From<postgres::Error> for DbError {
    fn from(error: postgres::Error) -> DbError {
        match error.as_db_error() {
            Some(answer) if !is_passing(answer.code().code()) => {
                DbError::Failed(format!("{}: {}", answer.code().code(), answer.message()))
            }
            // Without an answer of the server's own, the connection is what failed.
            _ => DbError::Unavailable(chain(error)),
        }
    }
}

/// A stop, a restart, too many connections, a broken one, a deadlock, a statement that took too long, a server that has
/// become a standby: classes 57P, 53, 08 and 40, 57014 and 25006 (PostgreSQL, appendix A).
fn is_passing(code: &str) -> bool {
    ["57P", "57014", "53", "08", "40", "25006"].iter().any(|class| code.starts_with(class))
}
