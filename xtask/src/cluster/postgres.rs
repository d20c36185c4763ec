//! A PostgreSQL that can be killed and started again on what it has left.

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    step::run,
    tools::{
        garage_cluster::free_addresses,
        postgresql::{as_ordinary_user, programs},
    },
};

const LONGEST_START: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const INIT: &str = "folder=$(mktemp -d) && \"$0/initdb\" -D \"$folder/data\" --username=postgres --auth=trust \
                    --encoding=UTF8 --locale=C.UTF-8 >/dev/null && echo \"$folder\"";

pub(super) struct Postgres {
    folder: PathBuf,
    address: SocketAddr,
    child: Option<Child>,
}

impl Postgres {
    pub(super) fn start() -> Result<Self> {
        let made = run(as_ordinary_user("sh").args(["-c", INIT]).arg(programs()?).current_dir("/"))?;
        let folder = PathBuf::from(made.lines().last().context("initdb says nothing")?);
        let mut postgres = Self { folder, address: free_addresses(1)?[0], child: None };
        postgres.start_again()?;
        Ok(postgres)
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.address)
    }

    /// All of it at once, as the kernel or a power switch does; what it has acknowledged is in its files.
    pub(super) fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Also while what was killed is still going away.
    pub(super) fn start_again(&mut self) -> Result<()> {
        let until = Instant::now() + LONGEST_START;
        loop {
            let mut command = as_ordinary_user("setpriv");
            command
                .args(["--pdeathsig", "KILL", "--"])
                .arg(programs()?.join("postgres"))
                .arg("-D")
                .arg(self.folder.join("data"));
            command.arg("-p").arg(self.address.port().to_string());
            for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200"] {
                command.args(["-c", setting]);
            }
            command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn().context("cannot start PostgreSQL")?;
            while child.try_wait()?.is_none() {
                if self.ask("SELECT 1").is_ok() {
                    self.child = Some(child);
                    return Ok(());
                }
                pause();
            }
            if Instant::now() > until {
                bail!("PostgreSQL does not start again");
            }
            pause();
        }
    }

    /// The first value of what this query answers.
    pub(super) fn ask(&self, sql: &str) -> Result<String> {
        let mut psql = Command::new(programs()?.join("psql"));
        psql.args(["--no-psqlrc", "--tuples-only", "--no-align", &self.url(), "--command", sql]);
        Ok(run(&mut psql)?.trim().to_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[expect(clippy::disallowed_methods, reason = "nothing tells when another program is ready")]
fn pause() {
    thread::sleep(POLL_INTERVAL);
}
