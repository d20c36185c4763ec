//! The server that is measured: a process of its own, on a fresh data folder.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{
    load::{Call, Calls},
    process::Process,
};
use crate::project;

pub(super) struct Server {
    pub(super) process: Process,
    pub(super) url: String,
    owner_key: String,
    invited: AtomicUsize,
    /// Removed with this value. It lies below the target folder: what lies in memory is synced too fast.
    data: TempDir,
}

impl Server {
    /// Starts `binary` on a free port and waits until it listens.
    pub(super) fn start(binary: &Path, database_url: Option<&str>) -> Result<Self> {
        let data = tempfile::tempdir_in(project::target())?;
        let (process, url) = Process::start_listening(binary, |serve| {
            serve.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data.path());
            if let Some(url) = database_url {
                serve.env("HASTY_DATABASE_URL", url);
            }
        })?;
        let owner_key = fs::read_to_string(data.path().join("owner-key"))?.trim().to_owned();
        Ok(Self { process, url, owner_key, invited: AtomicUsize::new(0), data })
    }

    /// The id and the secret that requests to the embedded store are signed with.
    pub(super) fn s3_key_pair(&self) -> Result<(String, String)> {
        let pair = fs::read_to_string(self.data.path().join("s3-key"))?;
        let (id, secret) = pair.trim().split_once(':').context("s3-key holds no pair")?;
        Ok((id.to_owned(), secret.to_owned()))
    }

    pub(super) fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// The database, where no other was given.
    pub(super) fn sqlite_file(&self) -> PathBuf {
        self.data.path().join("hasty.sqlite3")
    }

    pub(super) fn call(&self, method: &'static str, path: &str, bearer: Option<&str>, body: &str) -> Call {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        headers.extend(bearer.map(|key| ("authorization".to_owned(), format!("Bearer {key}"))));
        Call { method, url: format!("{}{path}", self.url), headers, body: body.as_bytes().to_vec() }
    }

    /// As the owner, whose answers hold everything.
    pub(super) fn owner_get(&self, path: &str) -> Call {
        self.call("GET", path, Some(&self.owner_key), "")
    }

    pub(super) fn healthz(&self) -> Box<Calls<'_>> {
        Box::new(|| Some(self.call("GET", "/healthz", None, "")))
    }

    /// Each for somebody else.
    pub(super) fn invitations(&self) -> Box<Calls<'_>> {
        Box::new(|| Some(self.invitation()))
    }

    pub(super) fn invitation(&self) -> Call {
        let number = self.invited.fetch_add(1, Ordering::Relaxed);
        let body = format!(r#"{{"email":"guest{number}@example.com"}}"#);
        self.call("POST", "/api/invitation/", Some(&self.owner_key), &body)
    }
}
