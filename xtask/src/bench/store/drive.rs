//! Sends prepared requests over kept-alive connections, as fast as they are answered.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};

use super::{connection::Connection, contender::Contender};

/// A request, and the length that its answer must have.
pub(super) struct Exchange<'a> {
    pub(super) head: Vec<u8>,
    pub(super) body: &'a [u8],
    pub(super) answer_bytes: usize,
}

/// What one server reached in one round.
pub(super) struct Measurement {
    pub(super) calls_per_sec: f64,
    pub(super) cpu_micros_per_call: f64,
    pub(super) median: Duration,
    pub(super) p99: Duration,
}

/// Sends the exchanges in turn, at most so many calls. After `limit` no connection begins a call, except its first; those
/// that run then are finished and count.
pub(super) fn drive(
    contender: &Contender,
    connections: usize,
    limit: Duration,
    most_calls: usize,
    exchanges: &[Exchange],
) -> Result<Measurement> {
    let open = |_| Connection::open(contender.endpoint.address);
    let connections = (0..connections).map(open).collect::<Result<Vec<_>>>()?;
    let (next, cpu) = (AtomicUsize::new(0), contender.process().cpu()?);
    let start = Instant::now();
    let work = |mut connection: Connection| {
        let mut latencies = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= most_calls || (start.elapsed() >= limit && !latencies.is_empty()) {
                break;
            }
            let sent = Instant::now();
            exchange(&mut connection, &exchanges[number % exchanges.len()])
                .with_context(|| format!("{} does not answer as it should", contender.name))?;
            latencies.push(sent.elapsed());
        }
        Ok(latencies)
    };
    let work = &work;
    let latencies = thread::scope(|scope| {
        let threads: Vec<_> = connections.into_iter().map(|connection| scope.spawn(move || work(connection))).collect();
        let latencies = threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a thread panicked"))?);
        latencies.collect::<Result<Vec<_>>>()
    })?;
    let elapsed = start.elapsed();
    let cpu = contender.process().cpu()? - cpu;
    let mut latencies = latencies.concat();
    latencies.sort_unstable();
    ensure!(!latencies.is_empty(), "{} answered nothing", contender.name);
    let calls = latencies.len() as f64;
    Ok(Measurement {
        calls_per_sec: calls / elapsed.as_secs_f64(),
        cpu_micros_per_call: cpu.as_secs_f64() * 1e6 / calls,
        median: latencies[latencies.len() / 2],
        p99: latencies[latencies.len() * 99 / 100],
    })
}

fn exchange(connection: &mut Connection, exchange: &Exchange) -> Result<()> {
    connection.send(&exchange.head, exchange.body)?;
    let answer_bytes = connection.receive()?;
    ensure!(answer_bytes == exchange.answer_bytes, "{answer_bytes} bytes instead of {}", exchange.answer_bytes);
    Ok(())
}
