//! The command line.

mod archive;
mod backup;
mod check;
mod doctor;
mod export;
mod health;
mod migrate;
mod move_to;
mod restore;
mod scrub;
mod serve;
mod stats;
mod status_line;

use std::env;
use std::ffi::OsStr;
use std::process::ExitCode;

use anyhow::Result;
use clap::builder::Resettable;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

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
    /// Look at everything that the server needs, as it and a guest's browser would use it, and say what is wrong and what
    /// to do about it; --fix sets the bucket's rules. Needs the server's own settings; a running server does not mind
    Doctor(Box<doctor::Settings>),
    /// Ask the server that listens here whether it lives, or with --ready whether it can take photos
    Health(Box<health::Settings>),
    /// Bring the database's tables up to date, as a start does; several at once wait for each other
    Migrate(migrate::Settings),
    /// Copy all photos and all rows into a folder, as of one moment; a running server does not mind. Again into the same
    /// folder, only what is new is copied. Needs the server's own settings
    Backup(Box<backup::Settings>),
    /// Put what a backup holds into an empty database and a storage, of whatever kind the settings name
    Restore(Box<restore::Settings>),
    /// Move everything from the embedded database and store to PostgreSQL and an external S3, or back: stop the server,
    /// move, start it with its new settings. What was cut off goes on where it stopped
    Move(Box<move_to::Settings>),
    /// Write a table of all photos for DuckDB, Spark and their like; a running server does not mind
    Export(export::Settings),
    /// Count all images anew, and say and mend what the statistics have wrong; a running server does not mind
    Stats(stats::Settings),
    /// Read the photo on standard input for a server
    #[command(hide = true)]
    Worker { task: worker::Task },
}

pub fn run() -> Result<ExitCode> {
    let matches = without_empty_variables(Cli::command()).get_matches();
    match Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()).command {
        Command::Serve(config) => serve::run(*config).map(|()| ExitCode::SUCCESS),
        Command::Scrub(settings) => scrub::run(&settings),
        Command::Check(settings) => check::run(*settings),
        Command::Doctor(settings) => doctor::run(&settings),
        Command::Health(settings) => health::run(&settings),
        Command::Migrate(settings) => migrate::run(&settings),
        Command::Backup(settings) => backup::run(&settings),
        Command::Restore(settings) => restore::run(&settings),
        Command::Move(settings) => move_to::run(&settings),
        Command::Export(settings) => export::run(&settings),
        Command::Stats(settings) => stats::run(&settings),
        Command::Worker { task } => Ok(worker::child::run(task)),
    }
}

/// One that is set to nothing is not set: Compose and env files write it so.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
    command
        .mut_args(|arg| if arg.get_env().is_some_and(is_empty) { arg.env(Resettable::Reset) } else { arg })
        .mut_subcommands(without_empty_variables)
}
