//! The project's own commands: `cargo xtask --help` lists them.

mod bench;
mod build;
mod cluster;
mod powertest;
mod project;
mod run;
mod stamp;
mod step;
mod test;
mod tidy;
mod tools;
mod truth;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, runs, tests and measures HastyImages.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds everything and serves on 127.0.0.1:8000; what follows `--` goes to `hasty serve`
    Run(run::Run),
    /// Builds the complete release binary, web included, at target/release/hasty
    Build,
    /// Runs every check and every test
    Test(test::Test),
    /// Checks the house rules that no compiler knows
    Tidy,
    /// Asks the advisory database about every dependency (needs the internet)
    Advisories,
    /// Measures the release binary
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Cuts the power of the server's disk in the middle of writing, and looks for what is lost (Linux, root)
    Powertest(powertest::Powertest),
    /// Kills, freezes and restarts each part of a cluster under load, and counts what is lost or doubled (Linux)
    Cluster(cluster::Cluster),
    /// Reads the photos of a folder and compares each field with ExifTool's reading of it
    Truth(truth::Truth),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(run) => run.execute(),
        Command::Build => build::execute(),
        Command::Test(test) => test.execute(),
        Command::Tidy => tidy::execute(),
        Command::Advisories => tools::deny::advisories(),
        Command::Bench(bench) => bench.execute(),
        Command::Powertest(powertest) => powertest.execute(),
        Command::Cluster(cluster) => cluster.execute(),
        Command::Truth(truth) => truth.execute(),
    };
    let Err(error) = done else { return ExitCode::SUCCESS };
    eprintln!("{error:#}");
    ExitCode::FAILURE
}
