//! PostgreSQL: the synchronous client, in a pool, on blocking threads.
//!
//! The client owns a runtime of its own: it is made, used and dropped on blocking threads only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use postgres::{Client, NoTls, Statement};
use tokio::sync::Semaphore;

use super::{DbError, Row, Tx, Value, migrations};

/// How long a caller waits for a free connection before it hears 503.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A server that lost its power answers nothing at all.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(15);
const STATEMENT_TIMEOUT: &str = "-c statement_timeout=30s";

/// Serialises migrations of instances that start together; the number is arbitrary, but must not change.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(4911403)";

pub struct Postgres {
    config: postgres::Config,
    idle: Arc<Mutex<Vec<Connection>>>,
    slots: Arc<Semaphore>,
}

struct Connection {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

pub struct Transaction<'a> {
    inner: postgres::Transaction<'a>,
    statements: &'a mut HashMap<&'static str, Statement>,
}

impl Postgres {
    pub fn open(url: &str, connections: u32) -> Result<Postgres, DbError> {
        let mut config: postgres::Config =
            url.parse().map_err(|error| DbError::Failed(format!("HASTY_DATABASE_URL cannot be read: {error}")))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE_TIMEOUT);
        }
        if config.get_options().is_none() {
            config.options(STATEMENT_TIMEOUT);
        }
        let mut connection = connect(&config)?;
        migrate(&mut connection.client)?;
        Ok(Postgres {
            config,
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
        let (idle, config) = (self.idle.clone(), self.config.clone());
        let run = move || {
            let _slot = slot;
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = match kept {
                Some(connection) if !connection.client.is_closed() => connection,
                _ => connect(&config)?,
            };
            let result = connection.transact(work);
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
    fn transact<T, E: From<DbError>>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let inner = self.client.transaction().map_err(DbError::from)?;
        let mut tx = Tx::Postgres(Transaction { inner, statements: &mut self.statements });
        let result = work(&mut tx);
        if let (Ok(_), Tx::Postgres(transaction)) = (&result, tx) {
            transaction.inner.commit().map_err(DbError::from)?;
        }
        result
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

    fn prepare(&mut self, sql: &'static str) -> Result<Statement, DbError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.inner.prepare(sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

fn connect(config: &postgres::Config) -> Result<Connection, DbError> {
    let client = config.connect(NoTls).map_err(|error| DbError::Unavailable(chain(error)))?;
    Ok(Connection { client, statements: HashMap::new() })
}

fn migrate(client: &mut Client) -> Result<(), DbError> {
    let mut transaction = client.transaction()?;
    transaction.batch_execute(MIGRATION_LOCK)?;
    transaction.batch_execute(migrations::VERSION_TABLE)?;
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

/// A stop, a restart, too many connections, a broken one, a deadlock, a statement that took too long: classes 57P, 53,
/// 08 and 40, and 57014 (PostgreSQL, appendix A).
fn is_passing(code: &str) -> bool {
    ["57P", "57014", "53", "08", "40"].iter().any(|class| code.starts_with(class))
}
