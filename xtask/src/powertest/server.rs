//! The real server, with everything that it keeps on the disk whose power is cut.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::site::Site;

const LONGEST_START: Duration = Duration::from_secs(60);
/// Of what the server said, when it does not start.
const SHOWN_LINES: usize = 10;

/// How it is started, each time the same way.
pub(super) struct Program {
    pub(super) binary: PathBuf,
    /// Which files are never synced.
    pub(super) without_sync: Option<WithoutSync>,
    /// Takes what the server says.
    pub(super) log: PathBuf,
}

/// Files whose path holds `part` are never synced where the dynamic linker loads `library` first.
pub(super) struct WithoutSync {
    pub(super) library: PathBuf,
    pub(super) part: String,
}

/// A running server.
pub(super) struct Server {
    process: Process,
    site: Site,
}

/// It ends with this value, or with the process that started it.
pub(super) struct Process(Child);

impl Program {
    /// Starts the server in `data` on a free port, and waits until it listens.
    pub(super) fn start(&self, data: &Path) -> Result<Server> {
        let mut serve = Command::new("setpriv");
        serve.args(["--pdeathsig", "KILL", "--"]).arg(&self.binary);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HASTY_")) {
            serve.env_remove(name);
        }
        if let Some(WithoutSync { library, part }) = &self.without_sync {
            serve.env("LD_PRELOAD", library).env("WITHOUT_SYNC", part);
        }
        let log = File::create(&self.log)?;
        let mut process = Process(serve.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn()?);
        let output = process.0.stdout.take().context("no output")?;
        let Some(url) = listening_url(output) else {
            process.kill()?;
            bail!("the server does not start:\n{}", self.last_words());
        };
        Ok(Server { process, site: Site::open(&url, data)? })
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
    }
}

/// The address in the first line of what the server prints, if it prints one in time.
fn listening_url(output: impl std::io::Read + Send + 'static) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        // An output that ends tells as much as one that cannot be read.
        let _ = BufReader::new(output).read_line(&mut line);
        let _ = sender.send(line);
    });
    let line = receiver.recv_timeout(LONGEST_START).ok()?;
    line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned)
}

impl Server {
    pub(super) fn site(&self) -> &Site {
        &self.site
    }

    pub(super) fn parts(&mut self) -> (&Site, &mut Process) {
        (&self.site, &mut self.process)
    }
}

impl Process {
    /// Ends it at once, as a power cut does.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, and has nothing to keep.
        let _ = self.kill();
    }
}
