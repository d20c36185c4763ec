//! A PostgreSQL with a standby: it can be killed and started again on what it has left, or die for good, and the standby
//! takes over.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    step::run,
    tools::{
        garage_cluster::free_addresses,
        postgresql::{as_ordinary_user, programs},
    },
};

const LONGEST_START: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const INIT: &str = "folder=$(mktemp -d) && \"$0/initdb\" -D \"$folder/0\" --username=postgres --auth=trust \
                    --encoding=UTF8 --locale=C.UTF-8 >/dev/null && echo \"$folder\"";
/// Both servers' own.
const SETTINGS: [&str; 5] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "wal_keep_size=1GB",
    "wal_retrieve_retry_interval=200ms",
];

pub(super) struct Postgres {
    folder: PathBuf,
    servers: [Server; 2],
    primary: usize,
}

struct Server {
    data: PathBuf,
    address: SocketAddr,
    child: Option<Child>,
}

impl Postgres {
    pub(super) fn start() -> Result<Self> {
        let made = run(as_ordinary_user("sh").args(["-c", INIT]).arg(programs()?).current_dir("/"))?;
        let folder = PathBuf::from(made.lines().last().context("initdb says nothing")?);
        let addresses = free_addresses(2)?;
        let server =
            |number: usize| Server { data: folder.join(number.to_string()), address: addresses[number], child: None };
        let mut postgres = Self { servers: [server(0), server(1)], folder, primary: 0 };
        postgres.start_again()?;
        postgres.add_standby()?;
        Ok(postgres)
    }

    /// Names both: an instance finds out which one takes writes.
    pub(super) fn url(&self) -> String {
        let [first, second] = [&self.servers[0].address, &self.servers[1].address];
        format!("postgres://postgres@{first},{second}/postgres")
    }

    /// All of the primary at once, as the kernel or a power switch does; what it has acknowledged is in its files.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.servers[self.primary].kill()
    }

    /// Also while what was killed is still going away.
    pub(super) fn start_again(&mut self) -> Result<()> {
        self.servers[self.primary].start()
    }

    /// The primary has gone for good: the standby takes its place, and is given a new standby.
    pub(super) fn fail_over(&mut self) -> Result<()> {
        self.kill()?;
        self.primary = 1 - self.primary;
        ensure!(self.ask("SELECT pg_promote()")? == "t", "the standby does not take over");
        self.let_commits_wait_for("")?;
        self.add_standby()
    }

    /// The first value of what this query answers.
    pub(super) fn ask(&self, sql: &str) -> Result<String> {
        self.servers[self.primary].ask(sql)
    }

    fn add_standby(&mut self) -> Result<()> {
        let from = self.servers[self.primary].address;
        let standby = &mut self.servers[1 - self.primary];
        let copy =
            "rm -rf \"$1\" && \"$0/pg_basebackup\" -D \"$1\" -R -X stream -c fast -h \"$2\" -p \"$3\" -U postgres";
        let mut command = as_ordinary_user("sh");
        command.args(["-c", copy]).arg(programs()?).arg(&standby.data).current_dir("/");
        run(command.arg(from.ip().to_string()).arg(from.port().to_string()))?;
        standby.start()?;
        self.let_commits_wait_for("*")?;
        let until = Instant::now() + LONGEST_START;
        while self.ask("SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state = 'sync'")? != "1" {
            ensure!(Instant::now() < until, "the standby does not follow");
            pause();
        }
        Ok(())
    }

    /// For `*`: for any standby, so that what a guest was told is on both disks. For nothing: for none.
    fn let_commits_wait_for(&self, standbys: &str) -> Result<()> {
        self.ask(&format!("ALTER SYSTEM SET synchronous_standby_names = '{standbys}'"))?;
        self.ask("SELECT pg_reload_conf()").map(drop)
    }
}

impl Server {
    fn start(&mut self) -> Result<()> {
        let until = Instant::now() + LONGEST_START;
        loop {
            let mut child = spawn(&self.data, self.address.port())?;
            while child.try_wait()?.is_none() {
                if self.ask("SELECT 1").is_ok() {
                    self.child = Some(child);
                    return Ok(());
                }
                pause();
            }
            if Instant::now() > until {
                bail!("PostgreSQL does not start");
            }
            pause();
        }
    }

    fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    fn ask(&self, sql: &str) -> Result<String> {
        let mut psql = Command::new(programs()?.join("psql"));
        let url = format!("postgres://postgres@{}/postgres", self.address);
        psql.args(["--no-psqlrc", "--tuples-only", "--no-align", &url, "--command", sql]);
        Ok(run(&mut psql)?.trim().to_owned())
    }
}

fn spawn(data: &Path, port: u16) -> Result<Child> {
    let mut command = as_ordinary_user("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(programs()?.join("postgres")).arg("-D").arg(data);
    command.arg("-p").arg(port.to_string()).args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().context("cannot start PostgreSQL")
}

impl Drop for Postgres {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[expect(clippy::disallowed_methods, reason = "nothing tells when another program is ready")]
fn pause() {
    thread::sleep(POLL_INTERVAL);
}
