//! `cargo xtask bench memory`: the most memory that the server holds while many large photos arrive at once.

use std::{
    net::SocketAddr,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, ensure};

use super::{
    server::Server,
    store::{
        connection::Connection,
        contender::hasty_endpoint,
        objects::{Noise, sha256},
    },
};
use crate::build::{self, server::Profile};

/// What one write to a connection takes.
const CHUNK_BYTES: usize = 1_000_000;
const LIMIT_MB: u64 = 200;

#[derive(clap::Args)]
pub(crate) struct Memory {
    /// Uploads at once
    #[arg(long, default_value_t = 64)]
    uploads: usize,
    /// Megabytes of each; the disk below the target folder needs room for all of them
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=500))]
    megabytes: u64,
    /// Measure this build of hasty, and compile nothing
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// From the first byte that was sent to the last.
struct Sending {
    start: Instant,
    end: Instant,
}

impl Memory {
    pub(crate) fn execute(self) -> Result<()> {
        let binary = self.binary.map_or_else(|| build::complete(Profile::Release), Ok)?;
        let server = Server::start(&binary, None)?;
        let endpoint = hasty_endpoint(&server)?;
        let idle = server.process.peak_memory_bytes()?;
        let body = Noise::new(CHUNK_BYTES)?.object(0, CHUNK_BYTES).repeat(self.megabytes as usize);
        let sha256 = sha256(&body);
        let heads = (0..self.uploads).map(|number| endpoint.put_head(&format!("photo{number}"), body.len(), sha256));
        let heads = heads.collect::<Result<Vec<_>>>()?;

        let start = Instant::now();
        let sendings = upload_at_once(endpoint.address, &heads, &body)?;
        let megabytes_per_sec = (self.uploads as f64 * self.megabytes as f64) / start.elapsed().as_secs_f64();
        let peak = server.process.peak_memory_bytes()?;
        let together = together(&sendings);
        let (uploads, megabytes) = (self.uploads, self.megabytes);
        println!("{uploads} uploads of {megabytes} MB, all at once for {together:.1?}, {megabytes_per_sec:.0} MB/s:");
        println!("the server held {} MB at most, {} MB before.", peak / 1_000_000, idle / 1_000_000);
        ensure!(!together.is_zero(), "the uploads were never all under way at once: make them larger");
        ensure!(peak < LIMIT_MB * 1_000_000, "that is more than {LIMIT_MB} MB");
        Ok(())
    }
}

fn upload_at_once(address: SocketAddr, heads: &[Vec<u8>], body: &[u8]) -> Result<Vec<Sending>> {
    let upload = |head: &Vec<u8>| {
        let mut connection = Connection::open(address)?;
        let start = Instant::now();
        connection.send(head, &[])?;
        body.chunks(CHUNK_BYTES).try_for_each(|chunk| connection.send(&[], chunk))?;
        let end = Instant::now();
        connection.receive()?;
        Ok(Sending { start, end })
    };
    thread::scope(|scope| {
        let threads: Vec<_> = heads.iter().map(|head| scope.spawn(move || upload(head))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a thread panicked"))?).collect()
    })
}

/// How long all were under way.
fn together(sendings: &[Sending]) -> Duration {
    let last_start = sendings.iter().map(|sending| sending.start).max();
    let first_end = sendings.iter().map(|sending| sending.end).min();
    last_start.zip(first_end).map_or(Duration::ZERO, |(start, end)| end.saturating_duration_since(start))
}
