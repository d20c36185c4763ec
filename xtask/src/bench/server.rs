//! The server that is measured: a process of its own, on a fresh data folder.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::load::{Call, Calls};
use crate::project;

/// Of the times in `/proc/<pid>/stat`, see proc_pid_stat(5): Linux counts in hundredths of a second on every machine that
/// Rust's standard library supports.
const TICK: Duration = Duration::from_millis(10);

pub(super) struct Server {
    process: Child,
    url: String,
    owner_key: String,
    invited: AtomicUsize,
    /// Removed with this value. It lies below the target folder: what lies in memory is synced too fast.
    _data: TempDir,
}

impl Server {
    /// Starts `binary` on a free port and waits until it listens.
    pub(super) fn start(binary: &Path, database_url: Option<&str>) -> Result<Self> {
        let data = tempfile::tempdir_in(project::target())?;
        // However the bench ends, the server ends with it.
        let mut serve = Command::new("setpriv");
        serve
            .args(["--pdeathsig", "KILL", "--"])
            .arg(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data.path());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HASTY_")) {
            serve.env_remove(name);
        }
        if let Some(url) = database_url {
            serve.env("HASTY_DATABASE_URL", url);
        }
        let mut process = serve.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut line)?;
        let url = line.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.with_context(|| format!("the server does not say where it listens: {line:?}"))?.to_owned();
        let owner_key = fs::read_to_string(data.path().join("owner-key"))?.trim().to_owned();
        Ok(Self { process, url, owner_key, invited: AtomicUsize::new(0), _data: data })
    }

    /// The processor time that the server has used since it started, in user and system mode.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        ticks(&stat).map(|ticks| TICK * ticks).context("/proc/<pid>/stat has another form")
    }

    pub(super) fn call(&self, method: &'static str, path: &str, bearer: Option<&str>, body: &str) -> Call {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        headers.extend(bearer.map(|key| ("authorization".to_owned(), format!("Bearer {key}"))));
        Call { method, url: format!("{}{path}", self.url), headers, body: body.as_bytes().to_vec() }
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

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to keep, and may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The 14th and 15th field. The second, the program's name, may hold spaces, and ends with the last parenthesis.
fn ticks(stat: &str) -> Option<u32> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u32>().ok()? + fields.next()?.parse::<u32>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_added_whatever_the_program_is_called() {
        let rest = "S 1 2 3 4 5 6 7 8 9 10 120 34 0 0 20 0 4 0";
        assert_eq!(ticks(&format!("77 (hasty) {rest}")), Some(154));
        assert_eq!(ticks(&format!("77 (a ) (b) {rest}")), Some(154));
        assert_eq!(ticks("77 (hasty) S 1"), None);
    }
}
