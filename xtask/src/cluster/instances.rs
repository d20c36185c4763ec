//! The instances of hasty: each a process with a data folder of its own, and nothing in it that another one lacks.

use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use super::nginx::Nginx;
use crate::{
    project,
    tools::garage_cluster::{KEY_ID, REGION, SECRET_KEY},
};

const LONGEST_START: Duration = Duration::from_secs(90);
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const SECRET: &str = "the-same-secret-for-every-instance-of-this-cluster";

pub(super) struct Instances {
    pub(super) owner_key: String,
    program: PathBuf,
    environment: Vec<(&'static str, String)>,
    folder: TempDir,
    all: Vec<Instance>,
}

struct Instance {
    address: SocketAddr,
    child: Option<Child>,
}

impl Instances {
    /// All at once, on a database without tables.
    pub(super) fn start(program: &Path, nginx: &Nginx, database_url: &str) -> Result<Self> {
        let owner_key = "owner-key-of-the-cluster".to_owned();
        let environment = vec![
            ("HASTY_OWNER_KEY", owner_key.clone()),
            ("HASTY_SECRET", SECRET.to_owned()),
            ("HASTY_DATABASE_URL", database_url.to_owned()),
            ("HASTY_PUBLIC_URL", nginx.url.clone()),
            ("HASTY_S3_ENDPOINT", nginx.storage_url.clone()),
            ("HASTY_S3_REGION", REGION.to_owned()),
            ("HASTY_S3_ACCESS_KEY_ID", KEY_ID.to_owned()),
            ("HASTY_S3_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
            ("HASTY_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
        ];
        let all = nginx.instances.iter().map(|&address| Instance { address, child: None }).collect();
        let folder = tempfile::tempdir_in(project::target())?;
        let mut instances = Self { owner_key, program: program.to_owned(), environment, folder, all };
        let count = instances.all.len();
        (0..count).try_for_each(|number| instances.spawn(number))?;
        (0..count).try_for_each(|number| instances.wait_until_ready(number))?;
        Ok(instances)
    }

    pub(super) fn start_one(&mut self, number: usize) -> Result<()> {
        self.spawn(number)?;
        self.wait_until_ready(number)
    }

    pub(super) fn kill(&mut self, number: usize) -> Result<()> {
        if let Some(mut child) = self.all[number].child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// SIGTERM, and a new one once it has ended.
    pub(super) fn restart(&mut self, number: usize) -> Result<()> {
        self.signal(number, "TERM")?;
        if let Some(mut child) = self.all[number].child.take() {
            let status = child.wait()?;
            ensure!(status.success(), "instance {number} ended with {status}: {}", self.log(number));
        }
        self.start_one(number)
    }

    pub(super) fn signal(&self, number: usize, signal: &str) -> Result<()> {
        let child = self.all[number].child.as_ref().context("it does not run")?;
        let sent = Command::new("kill").arg(format!("-{signal}")).arg(child.id().to_string()).status()?;
        ensure!(sent.success(), "kill ended with {sent}");
        Ok(())
    }

    /// How often, by their logs, somebody examined a photo to the end that another one had examined meanwhile.
    pub(super) fn examined_in_vain(&self) -> usize {
        (0..self.all.len()).map(|number| self.log(number).matches("examined in vain").count()).sum()
    }

    fn spawn(&mut self, number: usize) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.log_file(number))?;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(&self.program).arg("serve").env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("HASTY_LISTEN", self.all[number].address.to_string());
        command.env("HASTY_DATA_DIR", self.folder.path().join(number.to_string()));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.all[number].child = Some(command.spawn().context("cannot start hasty")?);
        Ok(())
    }

    fn wait_until_ready(&self, number: usize) -> Result<()> {
        let url = format!("http://{}/readyz", self.all[number].address);
        let until = Instant::now() + LONGEST_START;
        while ureq::get(&url).call().is_err() {
            if Instant::now() > until {
                bail!("instance {number} is not ready:\n{}", self.log(number));
            }
            #[expect(clippy::disallowed_methods, reason = "nothing tells when another program is ready")]
            thread::sleep(POLL_INTERVAL);
        }
        Ok(())
    }

    fn log_file(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("{number}.log"))
    }

    fn log(&self, number: usize) -> String {
        std::fs::read_to_string(self.log_file(number)).unwrap_or_default()
    }
}

impl Drop for Instances {
    fn drop(&mut self) {
        for number in 0..self.all.len() {
            // Stopped or not, it has nothing to keep.
            let _ = self.kill(number);
        }
    }
}
