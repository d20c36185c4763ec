//! `hasty export`: a table of all photos for tools that count, draw and train.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use super::status_line::StatusLine;
use crate::app::{connect_database, is_there};
use crate::config::{Database, Place};
use crate::db::SQLITE_FILE;
use crate::domain::parquet;

/// What `hasty export` can be told.
#[derive(Args)]
pub struct Settings {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    database: Database,

    /// Write them to this file, in Apache Parquet's format: a row for each photo, with its key in the bucket
    #[arg(long, value_name = "FILE")]
    parquet: PathBuf,
}

pub fn run(settings: &Settings) -> Result<ExitCode> {
    let file = settings.place.data_dir.join(SQLITE_FILE);
    if settings.database.database_url.is_none() && !is_there(&file)? {
        bail!("there is no database in {}: set HASTY_DATA_DIR or HASTY_DATABASE_URL as for the server", file.display());
    }
    let db = connect_database(&settings.database, &settings.place)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut status_line = StatusLine::new();
    let mut on_progress = |count| status_line.show(|| format!("{count} photos"));
    let count = runtime.block_on(parquet::export(&db, &settings.parquet, &mut on_progress));
    status_line.clear();
    writeln!(stdout(), "{} photos in {}", count?, settings.parquet.display())?;
    Ok(ExitCode::SUCCESS)
}
