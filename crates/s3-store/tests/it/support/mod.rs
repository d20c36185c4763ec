//! A store behind a real HTTP server, and a client that speaks of requests, not of signatures.

pub mod client;
pub mod form;
pub mod request;
pub mod sigv4;
pub mod upload;

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::Router;
use http::Method;
use s3_store::{OpenError, Settings, Store};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use client::S3Client;

pub const ACCESS_KEY_ID: &str = "AKIATESTTESTTESTTEST";
pub const SECRET_ACCESS_KEY: &str = "test/secret+key";
/// The bucket that every test starts with.
pub const BUCKET: &str = "photos";
pub const MAX_OBJECT_BYTES: u64 = 64 * 1024 * 1024;
const LIMIT: Duration = Duration::from_secs(20);

pub struct TestStore {
    pub store: Store,
    client: S3Client,
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
        TestStore { store, client: S3Client::new(addr, 0), server, dir }
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

impl Deref for TestStore {
    type Target = S3Client;

    fn deref(&self) -> &S3Client {
        &self.client
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
pub async fn eventually(what: &str, holds: impl FnMut() -> bool) {
    assert!(poll(holds).await, "waited {LIMIT:?} for {what}");
}

/// Whether a condition comes true within the limit.
pub async fn poll(mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > LIMIT {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    true
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
