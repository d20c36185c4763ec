//! What one kind of request costs a small server and a large one, measured in turns.

use std::time::Duration;

use anyhow::Result;

use super::super::{
    load::{Calls, drive},
    process::Process,
    store::median,
};

const WARM_UP_CALLS: usize = 5;
/// The two servers take turns so often: whatever else the machine does disturbs both.
const ROUNDS: usize = 20;

/// A server, and the requests that it is asked.
pub(super) struct Side<'a> {
    pub(super) process: &'a Process,
    pub(super) calls: Box<Calls<'a>>,
}

/// What one request costs one server.
pub(super) struct Cost {
    /// The mean of all rounds: one is too short for the clock of `/proc`.
    cpu_micros: f64,
    /// The median of the rounds' means.
    micros: f64,
}

pub(super) fn measure(sides: &[Side; 2], calls_per_round: usize) -> Result<[Cost; 2]> {
    let mut cpu = [Duration::ZERO; 2];
    let mut micros = [const { Vec::new() }; 2];
    for _ in 0..ROUNDS {
        for (index, Side { process, calls }) in sides.iter().enumerate() {
            drive(1, WARM_UP_CALLS, Duration::MAX, &**calls)?;
            let before = process.cpu()?;
            let load = drive(1, calls_per_round, Duration::MAX, &**calls)?;
            cpu[index] += process.cpu()? - before;
            micros[index].push(load.elapsed.as_secs_f64() * 1e6 / load.answered as f64);
        }
    }
    let cost = |index: usize| Cost {
        cpu_micros: cpu[index].as_secs_f64() * 1e6 / (ROUNDS * calls_per_round) as f64,
        micros: median(micros[index].iter().copied()),
    };
    Ok([cost(0), cost(1)])
}

pub(super) fn print_header(sizes: [String; 2]) {
    println!(
        "\nCPU of the server per request, and the time to its answer (median of {ROUNDS} rounds), over one connection.\n"
    );
    println!("{:<16}{}{:>20}", "", sizes.map(|size| format!("{size:>28}")).concat(), "ratio");
}

pub(super) fn print_row(name: &str, [few, many]: &[Cost; 2]) {
    let cells = [few, many].map(|cost| format!("{:>10.0} µs CPU {:>10.0} µs", cost.cpu_micros, cost.micros));
    let ratios = [many.cpu_micros / few.cpu_micros, many.micros / few.micros];
    println!("{name:<16}{}{:>9.2} CPU {:>5.2}", cells.concat(), ratios[0], ratios[1]);
}
