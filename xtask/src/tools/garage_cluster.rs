//! Three nodes of Garage that hold each object three times, as an operator would run them: for tests, and for
//! `cargo xtask cluster`.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::{project, step::run};

const NODES: usize = 3;
const LONGEST_START: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Of the form that Garage asks for.
const RPC_SECRET: &str = "1799bccfd7411eddcf9ebd316bc1f5287ad12a68094e1c6ac6abde7e6feae1ec";
pub(crate) const KEY_ID: &str = "GK000102030405060708090a0b";
pub(crate) const SECRET_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// What clients must sign for.
pub(crate) const REGION: &str = "garage";

/// They end with this value, or with this process.
pub(crate) struct GarageCluster {
    program: PathBuf,
    folder: TempDir,
    nodes: Vec<Node>,
}

struct Node {
    s3: SocketAddr,
    rpc: SocketAddr,
    child: Option<Child>,
}

impl GarageCluster {
    /// With one key, which may make buckets.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let folder = tempfile::tempdir_in(project::target())?;
        let addresses = free_addresses(2 * NODES)?;
        let nodes = addresses.chunks(2).map(|pair| Node { s3: pair[0], rpc: pair[1], child: None }).collect();
        let mut cluster = Self { program: program.to_owned(), folder, nodes };
        for number in 0..NODES {
            cluster.configure(number)?;
            cluster.start_node(number)?;
        }
        cluster.join().context("Garage's nodes do not find each other")?;
        Ok(cluster)
    }

    /// Each node's S3, as `host:port`.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.s3.to_string()).collect()
    }

    pub(crate) fn start_node(&mut self, number: usize) -> Result<()> {
        let log = fs::File::create(self.folder.path().join(format!("{number}.log")))?;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(&self.program).arg("-c").arg(self.config(number)).arg("server");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.nodes[number].child = Some(command.spawn().context("cannot start Garage")?);
        Ok(())
    }

    /// As a power cut or the kernel ends it: with SIGKILL.
    pub(crate) fn kill_node(&mut self, number: usize) -> Result<()> {
        if let Some(mut child) = self.nodes[number].child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    fn configure(&self, number: usize) -> Result<()> {
        let folder = self.folder.path().join(number.to_string());
        fs::create_dir_all(&folder)?;
        let (folder, Node { s3, rpc, .. }) = (folder.display(), &self.nodes[number]);
        let text = format!(
            r#"metadata_dir = "{folder}/meta"
data_dir = "{folder}/data"
db_engine = "lmdb"
replication_factor = 3
rpc_bind_addr = "{rpc}"
rpc_public_addr = "{rpc}"
rpc_secret = "{RPC_SECRET}"

[s3_api]
api_bind_addr = "{s3}"
s3_region = "{REGION}"
"#
        );
        Ok(fs::write(self.config(number), text)?)
    }

    fn config(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("{number}.toml"))
    }

    /// Makes one cluster of the nodes, and the key.
    fn join(&self) -> Result<()> {
        let names: Vec<_> = (0..NODES).map(|number| self.name(number)).collect::<Result<_>>()?;
        for name in &names[1..] {
            self.command(&["node", "connect", name])?;
        }
        for name in &names {
            let id = name.split_once('@').map_or(name.as_str(), |(id, _)| id);
            self.command(&["layout", "assign", id, "--zone", &format!("zone-{}", &id[..8]), "--capacity", "1G"])?;
        }
        self.command(&["layout", "apply", "--version", "1"])?;
        self.command(&["key", "import", "--yes", KEY_ID, SECRET_KEY, "-n", "hasty"])?;
        self.command(&["key", "allow", "--create-bucket", KEY_ID])
    }

    /// `<id>@<address>`, once the node has made its id.
    fn name(&self, number: usize) -> Result<String> {
        let output = self.patiently(number, &["node", "id", "--quiet"])?;
        let name = output.lines().find(|line| line.contains('@')).context("a node tells no id")?;
        Ok(name.trim().to_owned())
    }

    fn command(&self, arguments: &[&str]) -> Result<()> {
        self.patiently(0, arguments).map(drop)
    }

    /// Again and again: a node answers a little after it was started.
    fn patiently(&self, number: usize, arguments: &[&str]) -> Result<String> {
        let until = Instant::now() + LONGEST_START;
        loop {
            let answer = run(Command::new(&self.program).arg("-c").arg(self.config(number)).args(arguments));
            match answer {
                Ok(output) => return Ok(output),
                Err(error) if Instant::now() > until => {
                    let log = fs::read_to_string(self.folder.path().join(format!("{number}.log"))).unwrap_or_default();
                    bail!("garage {}: {error}\n{log}", arguments.join(" "));
                }
                #[expect(clippy::disallowed_methods, reason = "nothing tells when another program is ready")]
                Err(_) => thread::sleep(POLL_INTERVAL),
            }
        }
    }
}

impl Drop for GarageCluster {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            if let Some(child) = &mut node.child {
                // It has nothing to keep, and may have ended by itself.
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}

/// All at once, so that none is given twice.
pub(crate) fn free_addresses(count: usize) -> Result<Vec<SocketAddr>> {
    let listeners: Vec<_> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>()?;
    let addresses: Vec<_> = listeners.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?;
    ensure!(addresses.len() == count, "too few ports are free");
    Ok(addresses)
}
