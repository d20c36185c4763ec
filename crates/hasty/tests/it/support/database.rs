//! A fresh database for each test.

use std::thread;

use postgres::{Client, Config, NoTls};
use uuid::Uuid;

/// The engine that a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// A schema of its own on the server that `HASTY_TEST_DATABASE_URL` names, the only one that its URL leads to; dropped
/// with this value. CREATE DATABASE would copy hundreds of files for each test.
pub struct PostgresDatabase {
    server_url: String,
    pub name: String,
}

impl PostgresDatabase {
    /// Blocks.
    pub fn create() -> PostgresDatabase {
        let server_url = std::env::var_os("HASTY_TEST_DATABASE_URL")
            .expect("HASTY_TEST_DATABASE_URL is not set: cargo xtask test starts a PostgreSQL and sets it")
            .into_string()
            .expect("HASTY_TEST_DATABASE_URL is text");
        let database = PostgresDatabase { server_url, name: format!("hasty_test_{}", Uuid::new_v4().simple()) };
        database.execute(&format!("CREATE SCHEMA {}", database.name)).unwrap();
        database
    }

    pub fn url(&self) -> String {
        let mut url = url::Url::parse(&self.server_url).expect("HASTY_TEST_DATABASE_URL is a URL");
        let options = format!("-csearch_path={}", self.name);
        url.query_pairs_mut().append_pair("options", &options).append_pair("application_name", &self.name);
        url.into()
    }

    /// Ends every connection, as a restart of PostgreSQL does. Blocks.
    pub fn end_connections(&self) -> Result<(), postgres::Error> {
        let ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name";
        self.execute(&format!("{ended} = '{}'", self.name))
    }

    /// Runs statements on this schema. Blocks.
    pub fn execute_within(&self, sql: &str) -> Result<(), postgres::Error> {
        self.execute(&format!("SET search_path = {}; {sql}", self.name))
    }

    /// Runs statements in a transaction that ends with this connection. Blocks.
    pub fn begin(&self, sql: &str) -> Result<Client, postgres::Error> {
        let config: Config = self.server_url.parse()?;
        let mut client = config.connect(NoTls)?;
        client.batch_execute(&format!("BEGIN; SET LOCAL search_path = {}; {sql}", self.name))?;
        Ok(client)
    }

    /// The text that a query on the server answers. Blocks.
    pub fn ask(&self, sql: &str) -> Result<String, postgres::Error> {
        let config: Config = self.server_url.parse()?;
        config.connect(NoTls)?.query_one(sql, &[])?.try_get(0)
    }

    fn execute(&self, sql: &str) -> Result<(), postgres::Error> {
        let config: Config = self.server_url.parse()?;
        let mut client: Client = config.connect(NoTls)?;
        client.batch_execute(sql)
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        // The client owns a runtime and may not be used where another one runs. The server is thrown away anyway.
        thread::scope(|scope| {
            let drop_all = || {
                self.end_connections()?;
                self.execute(&format!("DROP SCHEMA {} CASCADE", self.name))
            };
            drop(scope.spawn(drop_all).join());
        });
    }
}
