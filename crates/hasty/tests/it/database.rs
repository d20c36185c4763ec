//! PostgreSQL as operators have it: encrypted, restarted, shared by instances that start together.

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::task::spawn_blocking;
use url::Url;

use crate::support::{Call, Database, Door, OWNER_KEY, PostgresDatabase, TestApp, photo};

/// A test's own database, and the certificate of its server in a file.
struct Encrypted {
    database: Arc<PostgresDatabase>,
    folder: TempDir,
}

impl Encrypted {
    async fn create() -> Encrypted {
        spawn_blocking(|| {
            let (database, folder) = (Arc::new(PostgresDatabase::create()), TempDir::new().unwrap());
            let certificate = database.ask("SELECT pg_read_file(current_setting('ssl_cert_file'))").unwrap();
            std::fs::write(folder.path().join("root.crt"), certificate).unwrap();
            Encrypted { database, folder }
        })
        .await
        .unwrap()
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root.crt")
    }

    /// A server that reaches it with these words behind the URL.
    async fn serve(&self, words: &str) -> anyhow::Result<TestApp> {
        let url = format!("{}&{words}", self.database.url());
        TestApp::try_with(Database::Sqlite, &["--database-url", &url]).await
    }

    /// Whether those that there are, few or many, are encrypted.
    async fn connections(&self) -> String {
        let sql = format!(
            "SELECT CASE WHEN bool_and(ssl) THEN 'encrypted' WHEN bool_or(ssl) THEN 'some' WHEN COUNT(*) > 0 THEN 'plain'
                    ELSE 'none' END FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
             WHERE application_name = '{}'",
            self.database.name
        );
        let asked = self.database.clone();
        spawn_blocking(move || asked.ask(&sql).unwrap()).await.unwrap()
    }
}

#[tokio::test]
async fn connections_are_encrypted_where_postgresql_offers_it_and_verified_where_that_is_asked() {
    for (words, encrypted) in [
        ("sslmode=disable", "plain"),
        ("sslmode=prefer", "encrypted"),
        ("sslmode=require", "encrypted"),
        ("sslmode=verify-full&sslrootcert=ROOT", "encrypted"),
        ("sslmode=require&sslrootcert=ROOT", "encrypted"),
    ] {
        let on = Encrypted::create().await;
        let words = words.replace("ROOT", on.root().to_str().unwrap());
        let app = on.serve(&words).await.unwrap_or_else(|error| panic!("{words}: {error:#}"));
        assert_eq!(on.connections().await, encrypted, "{words}");
        app.owner().invite("guest@example.com").await.sign("a.jpg").await;
    }
}

#[tokio::test]
async fn a_server_that_is_not_the_one_that_was_meant_is_refused() {
    let on = Encrypted::create().await;
    let root = on.root().display().to_string();
    let other = on.folder.path().join("other.crt").display().to_string();
    let make = format!("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=other -keyout /dev/null -out {other}");
    assert!(std::process::Command::new("sh").args(["-c", &make]).output().unwrap().status.success());
    for (words, reason) in [
        (format!("sslmode=verify-full&sslrootcert={other}"), "certificate"),
        ("sslmode=verify-full".to_owned(), "certificate"),
        (format!("sslmode=verify-ca&sslrootcert={root}.none"), "sslrootcert: cannot read"),
        ("sslmode=sometimes".to_owned(), "sslmode"),
        // Nothing would be held against these roots.
        (format!("sslmode=prefer&sslrootcert={root}"), "sslmode=verify-full"),
        (format!("sslrootcert={root}"), "sslmode=verify-full"),
        ("sslmode=require&sslrootcert=system".to_owned(), "sslmode=verify-full"),
        ("sslrootcert=system".to_owned(), "certificate"),
    ] {
        let error = format!("{:#}", on.serve(&words).await.err().unwrap_or_else(|| panic!("{words}")));
        assert!(error.to_lowercase().contains(reason), "{words}: {error}");
    }
    // The same server by a name that its certificate does not have.
    let elsewhere = on.database.url().replace("@127.0.0.1:", "@photos.example.com:");
    let words = format!("{elsewhere}&hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={root}");
    let refused = TestApp::try_with(Database::Sqlite, &["--database-url", &words]).await;
    let error = format!("{:#}", refused.err().unwrap());
    assert!(error.contains("certificate not valid for name"), "{error}");
}

#[tokio::test]
async fn a_standby_is_not_the_server_that_was_meant() {
    let on = Encrypted::create().await;
    let url = on.database.url().replace("options=", "options=-cdefault_transaction_read_only%3Don%20");
    let refused = TestApp::try_with(Database::Sqlite, &["--database-url", &url]).await;
    let error = format!("{:#}", refused.err().unwrap());
    assert!(error.contains("database does not allow writes"), "{error}");
}

#[tokio::test]
async fn ten_instances_start_together_on_an_empty_database() {
    let on = Encrypted::create().await;
    let secret = "the-same-secret-for-all-of-these-instances";
    let start = |_| async {
        let url = on.database.url();
        TestApp::try_with(Database::Sqlite, &["--database-url", &url, "--secret", secret]).await.unwrap()
    };
    let apps = futures::future::join_all((0..10).map(start)).await;
    for (number, app) in apps.iter().enumerate() {
        app.owner().invite(&format!("guest{number}@example.com")).await;
    }
    let invitations = apps[0].owner().client.get("/api/invitations/").bearer_auth(OWNER_KEY);
    assert_eq!(invitations.answer().await.json(200).as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn a_database_that_goes_away_is_asked_again_when_it_is_back() {
    let on = Encrypted::create().await;
    let url = Url::parse(&on.database.url()).unwrap();
    let door = Door::before(format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())).await;
    let mut behind_it = url.clone();
    behind_it.set_port(Some(door.address.port())).unwrap();
    let app = TestApp::with(Database::Sqlite, &["--database-url", behind_it.as_str()]).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign("a.jpg").await;
    guest.put(&signed, &photo(1)).await;

    door.shut();
    let answer = guest.complete(signed.id).await;
    answer.error(503, "busy");
    assert!(!answer.header("retry-after").is_empty());
    app.client().get("/readyz").answer().await.error(503, "busy");
    guest.get("/api/images/").answer().await.error(503, "busy");

    door.open();
    guest.complete(signed.id).await.json(200);
    app.client().get("/readyz").answer().await.json(200);
    assert_eq!(guest.settled(signed.id).await["state"], "ready");
    assert_eq!(guest.images().await.len(), 1);
}
