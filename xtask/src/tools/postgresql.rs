//! A throwaway PostgreSQL cluster for one run of the tests or of a bench.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{step::run, tools};

/// A running cluster. It ends with this value, or with this process.
pub(crate) struct Cluster {
    guard: Child,
    port: u16,
}

impl Cluster {
    /// Starts one on a free port of the loopback interface, with nothing in it.
    pub(crate) fn start() -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut guard = as_ordinary_user("sh")
            .args(["-c", include_str!("postgresql.sh"), "postgresql.sh"])
            .arg(programs()?)
            .arg(port.to_string())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C is for this process alone: the guard then cleans up.
            .process_group(0)
            .spawn()
            .context("cannot start PostgreSQL")?;
        let mut answer = String::new();
        BufReader::new(guard.stdout.take().context("no output")?).read_line(&mut answer)?;
        if answer != "ready\n" {
            guard.wait()?;
            bail!("PostgreSQL does not start: its words are above");
        }
        Ok(Self { guard, port })
    }

    /// Where a client finds the cluster: its superuser needs no password.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Runs each of these scripts up to the first statement that fails.
    pub(crate) fn run(&self, scripts: &[&str]) -> Result<()> {
        let mut psql = Command::new(programs()?.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", &self.url()]);
        psql.args(scripts.iter().flat_map(|script| ["--command", script]));
        run(&mut psql).map(drop)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // Nothing is left to do where waiting fails.
        let _ = self.guard.wait();
    }
}

/// initdb refuses to run as root: the package's own user does it then.
pub(crate) fn as_ordinary_user(program: &str) -> Command {
    if !tools::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--", program]).env_remove("TMPDIR");
    command
}

/// The folder that holds initdb and pg_ctl: Debian keeps them out of PATH.
pub(crate) fn programs() -> Result<PathBuf> {
    if let Some(folder) = find_programs() {
        return Ok(folder);
    }
    tools::install("postgresql", "PostgreSQL, which the tests and a bench start for themselves,")?;
    find_programs().context("apt-get installed postgresql, but there is no initdb")
}

fn find_programs() -> Option<PathBuf> {
    let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    let in_path = tools::program("initdb").and_then(|initdb| Some(initdb.canonicalize().ok()?.parent()?.to_owned()));
    versions.into_iter().rev().chain(in_path).find(|folder| folder.join("initdb").exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_answers_while_it_is_held_and_is_gone_afterwards() {
        let cluster = Cluster::start().unwrap();
        let port = cluster.port;
        std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        drop(cluster);
        std::net::TcpStream::connect(("127.0.0.1", port)).unwrap_err();
    }
}
