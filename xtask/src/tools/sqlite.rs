//! SQLite's command line, on a database that a server may have open, too.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{step, tools};

/// Runs the statements up to the first that fails.
pub(crate) fn run(database: &Path, sql: &str) -> Result<()> {
    step::run(Command::new(find()?).arg("-bail").arg(database).arg(sql)).map(drop)
}

fn find() -> Result<PathBuf> {
    if let Some(path) = tools::program("sqlite3") {
        return Ok(path);
    }
    tools::install("sqlite3", "sqlite3, which fills a database to measure,")?;
    tools::program("sqlite3").context("apt-get installed sqlite3, but it is not in PATH")
}
