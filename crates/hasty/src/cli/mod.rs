//! The command line.

mod check;
mod scrub;
mod serve;
mod stats;
mod status_line;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::worker;

/// Collect photos from other people by link, straight into storage that you own.
///
/// Start with `hasty serve`: it needs nothing else. It keeps everything in ./data and says where it listens and how to
/// sign in. Every flag can also be set as an environment variable.
#[derive(Parser)]
#[command(
    version,
    after_help = "First photo:\n  1. hasty serve\n  2. open the sign-in link that it prints\n  \
    3. make an invitation and send its link to a guest\n\nhasty serve --help lists all that can be set."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the pages, the API and, unless an external S3 is configured, the photo store
    Serve(Box<Config>),
    /// Read everything in the photo store and say what is damaged; a running server does not mind
    Scrub(scrub::Settings),
    /// Hold the bucket against the database, and say what only one of them knows; --fix mends it. With the embedded store,
    /// stop the server first; with an external S3 running servers do not mind. Needs the server's own settings
    Check(Box<check::Settings>),
    /// Count all images anew, and say and mend what the statistics have wrong; a running server does not mind
    Stats(stats::Settings),
    /// Read the photo on standard input for a server
    #[command(hide = true)]
    Worker { task: worker::Task },
}

pub fn run() -> Result<ExitCode> {
    match Cli::parse().command {
        Command::Serve(config) => serve::run(*config).map(|()| ExitCode::SUCCESS),
        Command::Scrub(settings) => scrub::run(&settings),
        Command::Check(settings) => check::run(*settings),
        Command::Stats(settings) => stats::run(&settings),
        Command::Worker { task } => Ok(worker::child::run(task)),
    }
}
