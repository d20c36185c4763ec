//! `cargo xtask bench growth`: what a request costs a store of a million objects, beside a store of a thousand; how
//! soon the server answers after a start, and what it needs at rest.

mod filled;
mod keys;
mod start;

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, ensure};

use self::{
    filled::{Filled, Request},
    start::Starts,
};
use super::load::drive;
use crate::build::{self, server::Profile};

/// What the large store is held against.
const FEW_OBJECTS: usize = 1_000;
const WARM_UP_CALLS: usize = 5;
/// The two stores take turns so often: whatever else the machine does disturbs both.
const ROUNDS: usize = 20;

#[derive(clap::Args)]
pub(crate) struct Growth {
    /// Objects in the large store
    #[arg(long, default_value_t = 1_000_000)]
    objects: usize,
    /// Keep the large store in this folder, and go on from what an earlier run left there
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Another binary than this tree's, to compare with
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

impl Growth {
    pub(super) fn execute(self) -> Result<()> {
        ensure!(self.objects >= FEW_OBJECTS, "--objects must be at least {FEW_OBJECTS}");
        let binary = self.binary.map_or_else(|| build::complete(Profile::Release), Ok)?;
        let mut few = Filled::open(&binary, None)?;
        few.fill(FEW_OBJECTS)?;
        let mut many = Filled::open(&binary, self.keep)?;
        many.fill(self.objects)?;

        few.rest()?;
        many.rest()?;
        println!("\nCPU of the server per request, and the time to its answer, over one connection.\n");
        print_header(&few, &many);
        for request in Request::ALL {
            print_row(request, &measure(request, &few, &many)?);
        }
        println!("\nFrom the start of the process to the first object it answers with; then at rest.\n");
        for store in [&mut few, &mut many] {
            let starts = Starts::measure(store)?;
            println!("{:>9} objects: {starts}", store.count());
        }
        Ok(())
    }
}

/// What one kind of request costs a store.
#[derive(Clone, Copy, Default)]
struct Cost {
    calls: usize,
    cpu: Duration,
    elapsed: Duration,
}

impl Cost {
    fn cpu_micros(self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.calls as f64
    }

    fn micros(self) -> f64 {
        self.elapsed.as_secs_f64() * 1e6 / self.calls as f64
    }
}

fn measure(request: Request, few: &Filled, many: &Filled) -> Result<[Cost; 2]> {
    let mut costs = [Cost::default(); 2];
    for _ in 0..ROUNDS {
        for (store, cost) in [few, many].into_iter().zip(&mut costs) {
            let calls = store.calls(request)?;
            drive(1, WARM_UP_CALLS, Duration::MAX, &*calls)?;
            let cpu = store.server().cpu()?;
            let load = drive(1, request.calls_per_round(), Duration::MAX, &*calls)?;
            cost.calls += load.answered;
            cost.cpu += store.server().cpu()? - cpu;
            cost.elapsed += load.elapsed;
        }
    }
    Ok(costs)
}

fn print_header(few: &Filled, many: &Filled) {
    let columns = [few, many].map(|store| format!("{:>28}", format!("{} objects", store.count())));
    println!("{:<16}{}{:>20}", "", columns.concat(), "ratio");
}

fn print_row(request: Request, [few, many]: &[Cost; 2]) {
    let cells = [few, many].map(|cost| format!("{:>10.0} µs CPU {:>10.0} µs", cost.cpu_micros(), cost.micros()));
    let ratios = [many.cpu_micros() / few.cpu_micros(), many.micros() / few.micros()];
    println!("{:<16}{}{:>9.2} CPU {:>5.2}", request.name(), cells.concat(), ratios[0], ratios[1]);
}
