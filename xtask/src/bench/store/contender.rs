//! The servers of a run, each a process with a fresh folder on the same disk.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{
    connection::Connection,
    objects::{Endpoint, sha256},
};
use crate::{
    bench::{process::Process, server::Server},
    project,
    step::{Outcome, run},
};

const LONGEST_START: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Of the form that Garage asks for.
const GARAGE_KEY_ID: &str = "GK000102030405060708090a0b";
const GARAGE_SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const GARAGE_BUCKET: &str = "photos";

pub(super) struct Contender {
    pub(super) name: &'static str,
    pub(super) endpoint: Endpoint,
    process: Running,
}

enum Running {
    Hasty(Server),
    Other(Process, #[expect(dead_code, reason = "removed with this value")] TempDir),
}

impl Contender {
    /// The embedded store, behind the server's own door.
    pub(super) fn hasty(binary: &Path) -> Result<Self> {
        let server = Server::start(binary, None)?;
        let endpoint = hasty_endpoint(&server)?;
        Ok(Self { name: "hasty", endpoint, process: Running::Hasty(server) })
    }

    /// The bare handler, which looks at no signature.
    pub(super) fn bare() -> Result<Self> {
        let data = tempfile::tempdir_in(project::target())?;
        let program = project::target().join("release/examples/bare");
        let (process, url) = Process::start_listening(&program, |bare| _ = bare.arg(data.path()))?;
        let (key_id, secret) = (GARAGE_KEY_ID.to_owned(), GARAGE_SECRET.to_owned());
        let endpoint = Endpoint { address: address(&url)?, bucket: "bare", region: "bare", key_id, secret };
        Ok(Self { name: "limit", endpoint, process: Running::Other(process, data) })
    }

    /// Garage with the settings that it starts with, except that it syncs what it answers for.
    pub(super) fn garage(program: &Path, db_engine: &str) -> Result<Self> {
        let data = tempfile::tempdir_in(project::target())?;
        let address = free_address()?;
        let config = data.path().join("garage.toml");
        fs::write(&config, garage_config(data.path(), db_engine, address, free_address()?))?;
        let process = Process::start(program, |garage| {
            garage.arg("-c").arg(&config).args(["server", "--single-node", "--default-bucket"]);
            garage.env("GARAGE_DEFAULT_ACCESS_KEY", GARAGE_KEY_ID);
            garage.env("GARAGE_DEFAULT_SECRET_KEY", GARAGE_SECRET).env("GARAGE_DEFAULT_BUCKET", GARAGE_BUCKET);
        })?;
        let (key_id, secret) = (GARAGE_KEY_ID.to_owned(), GARAGE_SECRET.to_owned());
        let endpoint = Endpoint { address, bucket: GARAGE_BUCKET, region: "garage", key_id, secret };
        wait_until_it_stores(&endpoint).context("Garage does not start")?;
        Ok(Self { name: "Garage", endpoint, process: Running::Other(process, data) })
    }

    pub(super) fn process(&self) -> &Process {
        match &self.process {
            Running::Hasty(server) => &server.process,
            Running::Other(process, _) => process,
        }
    }
}

pub(super) fn build_bare() -> Result<Outcome> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--package", "s3-store", "--example", "bare"]);
    let output = run(cargo.current_dir(project::root()))?;
    Ok(if output.contains("Compiling s3-store ") { Outcome::Done } else { Outcome::Unchanged })
}

pub(in crate::bench) fn hasty_endpoint(server: &Server) -> Result<Endpoint> {
    let (key_id, secret) = server.s3_key_pair()?;
    Ok(Endpoint { address: address(&server.url)?, bucket: "hasty-media", region: "us-east-1", key_id, secret })
}

fn address(url: &str) -> Result<SocketAddr> {
    Ok(url.trim_start_matches("http://").parse()?)
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn garage_config(folder: &Path, db_engine: &str, s3: SocketAddr, rpc: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        r#"metadata_dir = "{folder}/meta"
data_dir = "{folder}/data"
db_engine = "{db_engine}"
metadata_fsync = true
data_fsync = true
replication_factor = 1
rpc_bind_addr = "{rpc}"
rpc_secret = "{GARAGE_SECRET}"

[s3_api]
api_bind_addr = "{s3}"
s3_region = "garage"
"#
    )
}

/// Garage listens before it has its bucket.
fn wait_until_it_stores(endpoint: &Endpoint) -> Result<()> {
    let start = Instant::now();
    let head = endpoint.put_head("probe", 0, sha256(b""))?;
    loop {
        let answer = Connection::open(endpoint.address).and_then(|mut connection| {
            connection.send(&head, b"")?;
            connection.receive()
        });
        match answer {
            Ok(_) => return Ok(()),
            Err(error) if start.elapsed() > LONGEST_START => return Err(error),
            #[expect(clippy::disallowed_methods, reason = "nothing tells when another program is ready")]
            Err(_) => thread::sleep(POLL_INTERVAL),
        }
    }
}
