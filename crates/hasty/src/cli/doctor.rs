//! `hasty doctor`: what an operator wants to know before the guests come.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::doctor::{Finding, Level, examine};

/// What `hasty doctor` can be told, besides what the server is told.
#[derive(Args)]
pub struct Settings {
    /// Make the bucket where it is missing, and set its rules for browsers (CORS) and for uploads that were left
    #[arg(long)]
    fix: bool,

    #[command(flatten, next_help_heading = "The server's settings")]
    config: Config,
}

/// A failure is a status of 1; a warning is none.
pub fn run(settings: &Settings) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut failures = 0;
    let mut warnings = 0;
    let mut tell = |finding: Finding| {
        match finding.level {
            Level::Ok => {}
            Level::Warning => warnings += 1,
            Level::Failure => failures += 1,
        }
        // Nobody may be reading any more; the exit status tells it too.
        let _ = writeln!(stdout(), "{}", line(&finding));
    };
    runtime.block_on(examine(&settings.config, Clock::system(), settings.fix, &mut tell));
    let _ = writeln!(stdout(), "failures: {failures}, warnings: {warnings}");
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What storage or a database says may hold anything: it stays on its line.
fn line(Finding { part, level, what, fix }: &Finding) -> String {
    let on_one_line = |text: &str| text.replace(char::is_control, " ");
    let fix = if fix.is_empty() { String::new() } else { format!("\n        → {}", on_one_line(fix)) };
    format!("{level:7} {part}: {}{fix}", on_one_line(what))
}
