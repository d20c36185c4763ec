//! The real program, as a service runs it.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;
use url::Url;

/// A running `hasty serve`; killed with this value.
pub struct Hasty {
    child: Child,
    output: Option<BufReader<ChildStdout>>,
    log: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
}

impl Hasty {
    /// Answers it, its address, and all that it has said to standard output.
    pub async fn start(data_dir: &Path, environment: &[(&str, &str)]) -> (Hasty, Url, String) {
        let mut command = hasty_command(data_dir, environment);
        spawn_blocking(move || {
            let mut child = command.spawn().unwrap();
            let (mut error, log) = (BufReader::new(child.stderr.take().unwrap()), Arc::<Mutex<String>>::default());
            let said = log.clone();
            let listener = std::thread::spawn(move || {
                let mut line = Vec::new();
                while error.read_until(b'\n', &mut line).unwrap() > 0 {
                    said.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
                    line.clear();
                }
            });
            let mut output = BufReader::new(child.stdout.take().unwrap());
            let mut greeting = String::new();
            // Where it listens, and where the key is.
            output.read_line(&mut greeting).unwrap();
            output.read_line(&mut greeting).unwrap();
            let url = greeting.lines().next().and_then(|line| line.strip_prefix("HastyImages listens on "));
            let url = url.unwrap_or_else(|| panic!("{greeting}")).parse().unwrap();
            (Hasty { child, output: Some(output), log, listener: Some(listener) }, url, greeting)
        })
        .await
        .unwrap()
    }

    /// From now on no file can be written beyond this many bytes: every write to the database fails.
    pub fn limit_files(&self, bytes: &str) {
        let limit = format!("prlimit --pid {} --fsize={bytes}:", self.child.id());
        assert!(Command::new("sh").args(["-c", &limit]).status().unwrap().success());
    }

    /// Where its figures are, once its log says so.
    pub async fn figures_url(&self) -> Url {
        let limit = Instant::now() + Duration::from_secs(60);
        loop {
            let log = self.log.lock().unwrap().clone();
            let url =
                log.split_once("figures for Prometheus are at ").and_then(|(_, rest)| rest.split_once("/metrics"));
            if let Some((url, _)) = url {
                return url.parse().unwrap();
            }
            assert!(Instant::now() < limit, "it tells of no figures: {log}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// SIGTERM. Answers how it ended, and its log.
    pub async fn stop(&mut self) -> (ExitStatus, String) {
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        self.end().await
    }

    pub async fn kill(&mut self) {
        self.child.kill().unwrap();
        self.end().await;
    }

    /// Waits until it ends by itself. Answers how it ended, and its log.
    pub async fn ended(&mut self) -> (ExitStatus, String) {
        let ended = tokio::time::timeout(Duration::from_secs(60), self.end());
        ended.await.expect("the server ends")
    }

    async fn end(&mut self) -> (ExitStatus, String) {
        drop(self.output.take());
        let listener = self.listener.take().unwrap();
        spawn_blocking(move || listener.join().unwrap()).await.unwrap();
        let log = self.log.lock().unwrap().clone();
        (self.child.wait().unwrap(), log)
    }
}

impl Drop for Hasty {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// `hasty serve`, with a folder and nothing else of the environment but these.
pub fn hasty_command(data_dir: &Path, environment: &[(&str, &str)]) -> Command {
    // A file that outgrows its limit ends a process, unless it ignores the signal: then the write fails.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" serve", env!("CARGO_BIN_EXE_hasty")]).env_clear();
    command.env("HASTY_LISTEN", "127.0.0.1:0").env("HASTY_DATA_DIR", data_dir).envs(environment.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A program in this folder that does what the script says instead of a worker's task.
pub fn worker_that(folder: &Path, script: &str) -> PathBuf {
    let program = folder.join("worker");
    std::fs::write(&program, format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    program
}

/// The files of the embedded store.
pub fn blobs(data_dir: &Path) -> Vec<PathBuf> {
    let entries = |dir: &Path| std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    entries(&data_dir.join("store/blobs")).iter().flat_map(|shard| entries(shard)).collect()
}
