//! `hasty restore`: what a backup holds, into a database without rows and a storage, each of any kind.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use super::archive;
use super::backup::Backup;
use crate::app::{make_private_dir, open_database};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, Tables, agreements, rows};
use crate::domain::archive::RowsFile;
use crate::secrets::Secrets;

/// What `hasty restore` can be told, besides what the server is to be told.
#[derive(Args)]
pub struct Settings {
    /// The folder of the backup
    dir: PathBuf,

    #[command(flatten)]
    lacking: archive::Lacking,

    #[command(flatten, next_help_heading = "The server's settings")]
    config: Config,
}

pub fn run(settings: &Settings) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(restore(settings))
}

/// Objects first: where the rows are, everything is.
async fn restore(Settings { config, dir, lacking }: &Settings) -> Result<ExitCode> {
    let backup = Backup::read(dir)?;
    let label = backup.label()?;
    ensure_version(label.version)?;
    let rows = backup.rows(&label)?;
    ensure_settings(config, &rows, dir)?;
    make_private_dir(&config.place.data_dir)?;
    Secrets::take_over(config, dir)?;
    let db = target_database(config).await?;
    let to = archive::target_shelf(config).await?;
    let progress = archive::carry(&rows, &backup.objects(), &to, &config.place.data_dir).await?;
    lacking.allow(progress, label.left_out)?;
    load(&rows, &db).await?;
    let place = config.photos_place();
    // A backup remembers what its server had left.
    db.write(move |tx| agreements::delete(tx, &agreements::left(&place))).await?;
    writeln!(stdout(), "{} rows, {}", label.seal.rows, archive::words(progress))?;
    Ok(archive::status(progress))
}

pub fn ensure_version(version: i64) -> Result<()> {
    let newest = rows::newest_version();
    if version != newest {
        bail!("these rows are of tables at version {version}, and this program has {newest}: use the program of then");
    }
    Ok(())
}

/// Looks, before anything is made, whether a server with these settings can use the rows; `dir` holds their secrets.
pub fn ensure_settings(config: &Config, rows: &RowsFile, dir: &Path) -> Result<()> {
    let mistakes = config.mistakes();
    if !mistakes.is_empty() {
        bail!("the configuration needs a change:\n  {}", mistakes.join("\n  "));
    }
    Secrets::compare(config, dir)?;
    let own = Secrets::fingerprint_after(config, dir)?;
    match rows.agreement(agreements::SECRET)? {
        Some(_) if own.is_none() => {
            bail!("the secret of these rows is not in {}: set HASTY_SECRET as the server had it", dir.display())
        }
        agreed if agreed.is_some() && agreed != own => {
            bail!("these rows were written with another HASTY_SECRET: the links of their invitations would not open")
        }
        _ => Ok(()),
    }
}

/// One without rows.
pub async fn target_database(config: &Config) -> Result<Db> {
    let (database, place) = (config.database.clone(), config.place.clone());
    let db = tokio::task::spawn_blocking(move || open_database(&database, &place)).await??;
    let Tables { found, newest } = db.facts().await?.tables;
    if found != newest {
        bail!("the database's tables are at version {found}, and this program has {newest}: use a newer program");
    }
    if !archive::is_empty(&db).await? {
        bail!("the database holds invitations already: only an empty one can be filled");
    }
    Ok(db)
}

pub async fn load(rows: &RowsFile, db: &Db) -> Result<()> {
    if !rows.load(db, Clock::system().now()).await? {
        bail!("somebody has begun to use the database meanwhile: nothing was put into it");
    }
    Ok(())
}
