//! A fresh database for each test.

use std::thread;

use postgres::{Client, Config, NoTls};
use uuid::Uuid;

/// The engine that a test runs on.
#[derive(Clone, Copy, Debug)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// A database on the server that `HASTY_TEST_DATABASE_URL` names; dropped with this value.
pub struct PostgresDatabase {
    server_url: String,
    name: String,
}

impl PostgresDatabase {
    /// Blocks.
    pub fn create() -> PostgresDatabase {
        let server_url = std::env::var_os("HASTY_TEST_DATABASE_URL")
            .expect("HASTY_TEST_DATABASE_URL is not set: cargo xtask test starts a PostgreSQL and sets it")
            .into_string()
            .expect("HASTY_TEST_DATABASE_URL is text");
        let database = PostgresDatabase { server_url, name: format!("hasty_test_{}", Uuid::new_v4().simple()) };
        database.execute(&format!("CREATE DATABASE {}", database.name)).unwrap();
        database
    }

    pub fn url(&self) -> String {
        let mut url = url::Url::parse(&self.server_url).expect("HASTY_TEST_DATABASE_URL is a URL");
        url.set_path(&self.name);
        url.into()
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
            let dropped = scope.spawn(|| self.execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name))).join();
            drop(dropped);
        });
    }
}
