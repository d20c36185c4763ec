//! A store behind a real HTTP server, and a client that speaks of requests, not of signatures.

pub mod form;
pub mod request;
pub mod sigv4;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::Router;
use http::Method;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use s3_store::{OpenError, Settings, Store};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use request::{Answer, Request, TestBody};

pub const ACCESS_KEY_ID: &str = "AKIATESTTESTTESTTEST";
pub const SECRET_ACCESS_KEY: &str = "test/secret+key";
/// The bucket that every test starts with.
pub const BUCKET: &str = "photos";
pub const MAX_OBJECT_BYTES: u64 = 64 * 1024 * 1024;
const LIMIT: Duration = Duration::from_secs(20);

pub struct TestStore {
    pub store: Store,
    pub addr: SocketAddr,
    pub client: Client<HttpConnector, TestBody>,
    server: JoinHandle<()>,
    dir: TempDir,
}

impl TestStore {
    /// A fresh folder, a fresh port, one empty bucket.
    pub async fn start() -> TestStore {
        let store = TestStore::start_in(tempfile::tempdir().expect("a folder")).await;
        let answer = store.request(Method::PUT, &format!("/{BUCKET}")).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        store
    }

    pub async fn start_in(dir: TempDir) -> TestStore {
        let store = open_when_free(dir.path()).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let served = store.clone();
        let router = Router::new().fallback(move |request: axum::extract::Request| {
            let store = served.clone();
            async move { store.call(request).await.map(axum::body::Body::new) }
        });
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("serving") });
        // A connection per request: none outlives its request and keeps the store open.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        TestStore { store, addr, client, server, dir }
    }

    /// Ends the server and the store, and leaves the folder.
    pub async fn stop(self) -> TempDir {
        self.server.abort();
        let _ = self.server.await;
        self.dir
    }

    pub async fn restart(self) -> TestStore {
        TestStore::start_in(self.stop().await).await
    }

    /// The folder of the store.
    pub fn dir(&self) -> PathBuf {
        settings(self.dir.path()).dir
    }

    /// A request that will be signed, to a path that is not percent-encoded yet.
    pub fn request(&self, method: Method, path: &str) -> Request<'_> {
        Request::new(self, method, path)
    }

    pub async fn put(&self, key: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.request(Method::PUT, &path_of(key)).body(body).send().await
    }

    pub async fn get(&self, key: &str) -> Answer {
        self.request(Method::GET, &path_of(key)).send().await
    }

    pub async fn head(&self, key: &str) -> Answer {
        self.request(Method::HEAD, &path_of(key)).send().await
    }

    pub async fn delete(&self, key: &str) -> Answer {
        self.request(Method::DELETE, &path_of(key)).send().await
    }

    /// All keys of the bucket, as ListObjectsV2 names them on its first page.
    pub async fn keys(&self) -> Vec<String> {
        let answer = self.request(Method::GET, &format!("/{BUCKET}")).query("list-type", "2").send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.all("Key")
    }

    /// Every file under `blobs` and `tmp`.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for shard in fs::read_dir(self.dir().join("blobs")).expect("blobs") {
            files.extend(list_dir(&shard.expect("a shard").path()));
        }
        files.extend(list_dir(&self.dir().join("tmp")));
        files
    }

    /// Nothing is listed, and no file is left (the sweeper gets a moment).
    pub async fn assert_holds_nothing(&self) {
        assert_eq!(self.keys().await, Vec::<String>::new());
        self.wait_for_files(0).await;
    }

    pub async fn wait_for_files(&self, count: usize) {
        eventually(&format!("{count} files"), || self.files().len() == count).await;
    }
}

pub fn path_of(key: &str) -> String {
    format!("/{BUCKET}/{key}")
}

pub fn settings(dir: &Path) -> Settings {
    Settings {
        dir: dir.join("store"),
        access_key_id: ACCESS_KEY_ID.to_owned(),
        secret_access_key: SECRET_ACCESS_KEY.to_owned(),
        region: "eu-central-1".to_owned(),
        max_object_bytes: MAX_OBJECT_BYTES,
        reserved_buckets: vec!["api".to_owned(), "assets".to_owned()],
    }
}

/// Polls a condition, with a limit.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LIMIT, "waited {LIMIT:?} for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn open_when_free(dir: &Path) -> Store {
    let mut opened = None;
    eventually("the store's folder to be free", || match Store::open(settings(dir)) {
        Ok(store) => opened.replace(store).is_none(),
        Err(OpenError::Locked(_)) => false,
        Err(error) => panic!("{error}"),
    })
    .await;
    opened.expect("an open store")
}

fn list_dir(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
}
