//! `cargo xtask bench http`: how many requests the server answers in a second, and what one costs it.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::{
    guest::Guest,
    load::{Calls, drive},
    server::Server,
};
use crate::build::{self, server::Profile};

const CONNECTIONS: [usize; 3] = [1, 16, 64];
const WARM_UP_CALLS: usize = 500;
/// Each is uploaded before the clock starts and completed once, so their number bounds that measurement.
const COMPLETED_IMAGES: usize = 4_000;

#[derive(clap::Args)]
pub(crate) struct Http {
    /// An empty PostgreSQL database to measure on, instead of SQLite
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Seconds for each figure
    #[arg(long, default_value_t = 2.0)]
    secs: f64,
}

/// What one scenario reached over one number of connections.
struct Figures {
    calls_per_sec: f64,
    cpu_micros_per_call: f64,
}

impl Http {
    pub(super) fn execute(self) -> Result<()> {
        ensure!(self.secs > 0.0, "--secs must be above 0");
        let limit = Duration::try_from_secs_f64(self.secs)?;
        let binary = build::complete(Profile::Release)?;
        let server = Server::start(&binary, self.database_url.as_deref())?;
        let guest = Guest::invite(&server)?;

        print_header();
        let healthz = measure(&server, limit, || Ok(server.healthz()))?;
        let row =
            |name: &str, figures: Result<Vec<Figures>>| figures.map(|figures| print_row(name, &figures, &healthz));
        print_row("healthz", &healthz, &healthz);
        row("invitation", measure(&server, limit, || Ok(server.invitations())))?;
        row("policy", measure(&server, limit, || Ok(guest.policies())))?;
        row("complete", measure(&server, limit, || guest.completions(WARM_UP_CALLS + COMPLETED_IMAGES)))?;
        for images in [1, 100, 1_000] {
            let guest = Guest::invite(&server)?;
            drive(16, usize::MAX, Duration::MAX, &*guest.completions(images)?)?;
            row(&format!("list {images}"), measure(&server, limit, || Ok(guest.lists())))?;
        }
        Ok(())
    }
}

/// One figure for each number of connections, each after calls that do not count.
fn measure<'a>(server: &Server, limit: Duration, calls: impl Fn() -> Result<Box<Calls<'a>>>) -> Result<Vec<Figures>> {
    let at = |connections| {
        let calls = calls()?;
        drive(connections, WARM_UP_CALLS, Duration::MAX, &*calls)?;
        let cpu = server.process.cpu()?;
        let load = drive(connections, usize::MAX, limit, &*calls)?;
        let cpu = server.process.cpu()? - cpu;
        let answered = load.answered as f64;
        Ok(Figures {
            calls_per_sec: answered / load.elapsed.as_secs_f64(),
            cpu_micros_per_call: cpu.as_secs_f64() * 1e6 / answered,
        })
    };
    CONNECTIONS.into_iter().map(at).collect()
}

fn print_header() {
    println!("\nRequests per second, CPU of the server per request, and that beside GET /healthz.");
    println!("The load comes from this machine and shares its cores.\n");
    let columns: String = CONNECTIONS.map(|count| format!("{:>32}", format!("connections: {count}"))).concat();
    println!("{:<12}{columns}", "");
}

fn print_row(name: &str, figures: &[Figures], healthz: &[Figures]) {
    let cells = figures.iter().zip(healthz).map(|(figures, healthz)| {
        let Figures { calls_per_sec, cpu_micros_per_call } = figures;
        let ratio = cpu_micros_per_call / healthz.cpu_micros_per_call;
        format!("{calls_per_sec:>10.0}/s {cpu_micros_per_call:>8.0} µs {ratio:>7.1} ×")
    });
    println!("{name:<12}{}", cells.collect::<String>());
}
