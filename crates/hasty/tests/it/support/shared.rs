//! What instances share that are as one: a PostgreSQL, an S3 and a secret.

use tokio::task::spawn_blocking;
use url::Url;

use super::{Database, PostgresDatabase, S3_KEY_PAIR, TestApp, external};

const SECRET: &str = "the-same-secret-for-all-of-the-instances";

pub struct Shared {
    pub database: PostgresDatabase,
    database_url: String,
    endpoint: Url,
}

impl Shared {
    /// With this S3.
    pub async fn storing_at(endpoint: Url) -> Shared {
        let database = spawn_blocking(PostgresDatabase::create).await.unwrap();
        Shared { database_url: database.url(), database, endpoint }
    }

    pub async fn instance(&self) -> TestApp {
        TestApp::with(Database::Sqlite, &self.flags()).await
    }

    /// Of `hasty serve`, and of commands beside it.
    pub fn flags(&self) -> Vec<&str> {
        let database = ["--database-url", &self.database_url, "--secret", SECRET];
        [&database[..], &external(self.endpoint.as_str())].concat()
    }

    /// The same for the program as a service.
    pub fn environment(&self) -> [(&str, &str); 5] {
        [
            ("HASTY_DATABASE_URL", &self.database_url),
            ("HASTY_SECRET", SECRET),
            ("HASTY_S3_ENDPOINT", self.endpoint.as_str()),
            ("HASTY_S3_ACCESS_KEY_ID", S3_KEY_PAIR.0),
            ("HASTY_S3_SECRET_ACCESS_KEY", S3_KEY_PAIR.1),
        ]
    }
}
