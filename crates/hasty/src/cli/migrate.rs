//! `hasty migrate`: the tables brought up to date, and nothing else.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::app::{make_private_dir, open_database};
use crate::config::{Database, Place};
use crate::db::Tables;

/// What `hasty migrate` can be told.
#[derive(Args)]
pub struct Settings {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    database: Database,
}

/// Steps take as long as they need: an index of many rows, minutes.
pub fn run(settings: &Settings) -> Result<ExitCode> {
    if settings.database.database_url.is_none() {
        make_private_dir(&settings.place.data_dir)?;
    }
    let db = open_database(&settings.database, &settings.place)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let facts = runtime.block_on(db.facts())?;
    let Tables { found, newest } = facts.tables;
    let words = if found > newest { ", newer than this program" } else { "" };
    writeln!(stdout(), "{}: the tables are at version {found}{words}", facts.engine)?;
    Ok(ExitCode::SUCCESS)
}
