//! `hasty stats`: the counts that the statistics are made of, held against the images themselves.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use crate::app::{connect_database, is_there};
use crate::config::{Database, Place};
use crate::db::SQLITE_FILE;
use crate::db::stats::Drift;
use crate::domain::stats;

/// What `hasty stats` can be told.
#[derive(Args)]
pub struct Settings {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    database: Database,

    /// Count all images anew, say which counts were wrong, and put them right
    #[arg(long, required = true)]
    rebuild: bool,
}

/// A count that was wrong is a status of 1; it is right afterwards. A running server may go on.
pub fn run(settings: &Settings) -> Result<ExitCode> {
    let file = settings.place.data_dir.join(SQLITE_FILE);
    if settings.database.database_url.is_none() && !is_there(&file)? {
        bail!("there is no database in {}: set HASTY_DATA_DIR or HASTY_DATABASE_URL as for the server", file.display());
    }
    let db = connect_database(&settings.database, &settings.place)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let drifts = runtime.block_on(stats::rebuild(&db))?;
    let mut out = stdout().lock();
    for drift in &drifts {
        writeln!(out, "{}", line(drift))?;
    }
    writeln!(out, "{}", if drifts.is_empty() { "All counts are right." } else { "All counts are right now." })?;
    Ok(if drifts.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(drift: &Drift) -> String {
    format!(
        "invitation {}, {} {:?}: {} images with {} bytes were counted as {} with {}",
        drift.invitation_id,
        drift.kind,
        drift.value,
        drift.images,
        drift.bytes,
        drift.stored_images,
        drift.stored_bytes
    )
}
