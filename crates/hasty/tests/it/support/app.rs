//! A whole server, on a port of its own, through the library's public door.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use clap::Parser;
use hasty::worker::Workers;
use hasty::{App, Clock, Config};
use jiff::SignedDuration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};
use url::Url;

use super::database::PostgresDatabase;
use super::{Client, Database, Owner, StoreClient};

/// Configured, so that a test needs not look for it.
pub const OWNER_KEY: &str = "owner-key-for-tests";
/// The key pair of the embedded store.
pub const S3_KEY_PAIR: (&str, &str) = ("HASTYTEST", "secret-access-key-for-tests");

/// `hasty serve`'s own flags.
#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    config: Config,
}

pub struct TestApp {
    pub address: SocketAddr,
    client: Client,
    moved_secs: Arc<AtomicI64>,
    passed_secs: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<anyhow::Result<()>>>,
    data_dir: TempDir,
    database: Option<Arc<PostgresDatabase>>,
}

impl TestApp {
    pub async fn start(database: Database) -> TestApp {
        TestApp::with(database, &[]).await
    }

    /// What has arrived stays as it is: nobody examines it.
    pub async fn before_ingest(database: Database) -> TestApp {
        TestApp::with(database, &["--ingest-jobs", "0"]).await
    }

    /// With more flags, such as `["--open-invitations", "true"]`.
    pub async fn with(database: Database, flags: &[&str]) -> TestApp {
        TestApp::try_with(database, flags).await.unwrap()
    }

    /// The error is what the person who starts the server would read.
    pub async fn try_with(database: Database, flags: &[&str]) -> anyhow::Result<TestApp> {
        TestApp::serve(database, flags, env!("CARGO_BIN_EXE_hasty").into()).await
    }

    /// Its photos are examined by this program.
    pub async fn with_worker(database: Database, worker: PathBuf) -> TestApp {
        TestApp::serve(database, &[], worker).await.unwrap()
    }

    async fn serve(database: Database, flags: &[&str], worker: PathBuf) -> anyhow::Result<TestApp> {
        let data_dir = TempDir::new()?;
        let postgres = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(spawn_blocking(PostgresDatabase::create).await?),
        };
        let url = postgres.as_ref().map(PostgresDatabase::url);
        let config = config(data_dir.path(), url.as_deref(), flags);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (moved_secs, passed_secs) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
        let clock = moving_clock(moved_secs.clone(), Arc::default());
        let mut app = spawn_blocking(move || App::open(config, clock, address)).await??;
        app.clock = moving_clock(moved_secs.clone(), passed_secs.clone());
        // The running program is the tests' own.
        app.workers = Workers::new(worker);
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(async move {
            let served = hasty::serve(app, listener, async { drop(stopped.await) }).await;
            // Whoever asks it meanwhile hears that the connection was reset, and nothing more.
            served.inspect_err(|error| eprintln!("the server has ended: {error:#}"))
        });
        let (stop, server) = (Some(stop), Some(server));
        let client = Client::new(Url::parse(&format!("http://{address}"))?);
        Ok(TestApp {
            address,
            client,
            moved_secs,
            passed_secs,
            stop,
            server,
            data_dir,
            database: postgres.map(Arc::new),
        })
    }

    pub fn client(&self) -> Client {
        self.client.clone()
    }

    pub fn owner(&self) -> Owner {
        Owner::new(self.client(), OWNER_KEY)
    }

    /// Whoever holds the store's own key pair, such as an S3 tool of the operator's.
    pub fn store(&self) -> StoreClient {
        StoreClient::new(self.client(), self.url(), S3_KEY_PAIR)
    }

    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).unwrap()
    }

    pub fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    /// Runs another command of the program on the same data, as an operator does beside the server. Answers its status
    /// and its output.
    pub async fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hasty"));
        command.args(arguments).env_clear().env("HASTY_DATA_DIR", self.data_dir().join("data"));
        command.envs(self.database.as_ref().map(|database| ("HASTY_DATABASE_URL", database.url())));
        let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let words = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&words).into_owned())
    }

    /// Changes rows behind the server's back, as an accident does: no door leads to what must never happen.
    pub async fn damage_rows(&self, sql: &'static str) {
        if let Some(database) = self.database.clone() {
            return spawn_blocking(move || database.execute_within(sql)).await.unwrap().unwrap();
        }
        let connection = rusqlite::Connection::open(self.data_dir().join("data/hasty.sqlite3")).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    /// Does this while another transaction has changed rows, and has not ended yet.
    pub async fn while_changing<T>(&self, sql: &'static str, work: impl Future<Output = T>) -> T {
        let Some(database) = self.database.clone() else {
            let other = rusqlite::Connection::open(self.data_dir().join("data/hasty.sqlite3")).unwrap();
            other.execute_batch(&format!("BEGIN; {sql}")).unwrap();
            return work.await;
        };
        let other = spawn_blocking(move || database.begin(sql).unwrap()).await.unwrap();
        let done = work.await;
        spawn_blocking(move || drop(other)).await.unwrap();
        done
    }

    /// Moves the server's clock; what is signed meanwhile is signed at that time.
    pub fn move_clock(&self, hours: i64) {
        self.moved_secs.fetch_add(hours * 3600, Ordering::SeqCst);
    }

    /// Lets hours pass for everything but signatures: the store compares these with the machine's clock.
    pub fn let_pass(&self, hours: i64) {
        self.passed_secs.fetch_add(hours * 3600, Ordering::SeqCst);
    }

    pub fn now(&self) -> jiff::Timestamp {
        moving_clock(self.moved_secs.clone(), self.passed_secs.clone()).timestamp()
    }

    /// Lets the hour pass after which the server removes what nobody needs any more, and waits until `is_done` holds.
    pub async fn sweep_until(&self, is_done: impl AsyncFn() -> bool) {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(3601)).await;
        tokio::time::resume();
        for tries in 0.. {
            assert!(tries < 500, "it is not removed");
            if is_done().await {
                return;
            }
        }
    }

    /// Ends the server's connections to PostgreSQL; nothing where the test runs on SQLite.
    pub async fn end_database_connections(&self) {
        if let Some(database) = self.database.clone() {
            spawn_blocking(move || database.end_connections()).await.unwrap().unwrap();
        }
    }

    /// Asks the server to stop, as SIGTERM does.
    pub fn begin_stop(&mut self) -> JoinHandle<anyhow::Result<()>> {
        drop(self.stop.take());
        self.server.take().expect("the server runs")
    }
}

/// The flags of a server that stores in the S3 of another one.
pub fn external(endpoint: &str) -> [&str; 6] {
    let (id, secret) = S3_KEY_PAIR;
    ["--s3-endpoint", endpoint, "--s3-access-key-id", id, "--s3-secret-access-key", secret]
}

fn config(data_dir: &Path, database_url: Option<&str>, flags: &[&str]) -> Config {
    let data_dir = data_dir.join("data").into_os_string().into_string().unwrap();
    let mut all = vec!["hasty", "--data-dir", &data_dir, "--owner-key", OWNER_KEY, "--database-connections", "4"];
    all.extend(database_url.map(|url| ["--database-url", url]).iter().flatten());
    if !flags.contains(&"--s3-endpoint") {
        all.extend(["--s3-access-key-id", S3_KEY_PAIR.0, "--s3-secret-access-key", S3_KEY_PAIR.1]);
    }
    all.extend(flags);
    Flags::parse_from(all).config
}

fn moving_clock(moved_secs: Arc<AtomicI64>, passed_secs: Arc<AtomicI64>) -> Clock {
    let system = Clock::system();
    let secs = move || moved_secs.load(Ordering::SeqCst) + passed_secs.load(Ordering::SeqCst);
    Clock::new(move || system.timestamp() + SignedDuration::from_secs(secs()))
}
