//! `hasty restore`: what a backup holds, into a database without rows and a storage, each of any kind.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use super::archive;
use super::backup::Backup;
use crate::app::{make_private_dir, open_database};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::domain::archive::{Progress, RowsFile, Shelf};
use crate::secrets::Secrets;

/// What `hasty restore` can be told, besides what the server is to be told.
#[derive(Args)]
pub struct Settings {
    #[command(flatten)]
    config: Config,

    /// The folder of the backup
    dir: PathBuf,
}

pub fn run(settings: &Settings) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(restore(settings))
}

async fn restore(Settings { config, dir }: &Settings) -> Result<ExitCode> {
    let backup = Backup::at(dir);
    let label = backup.label()?;
    let rows = RowsFile::at(backup.rows());
    make_private_dir(&config.place.data_dir)?;
    Secrets::carry(dir, &config.place.data_dir)?;
    let progress = fill(config, &rows, label.version, &backup.objects()).await?;
    writeln!(stdout(), "{} rows, {}", label.rows, archive::words(progress))?;
    Ok(archive::status(progress))
}

/// Objects first: where the rows are, everything is.
pub async fn fill(config: &Config, rows: &RowsFile, version: i64, from: &Shelf) -> Result<Progress> {
    let db = target_database(config, rows, version).await?;
    let storage = archive::storage(config).await?;
    storage.ensure_bucket().await?;
    let to = Shelf::Bucket(Box::new(storage));
    let progress = archive::carry(rows, from, &to, &config.place.data_dir).await?;
    load(rows, &db).await?;
    Ok(progress)
}

/// Where the objects stay where they are.
pub async fn fill_rows(config: &Config, rows: &RowsFile, version: i64) -> Result<()> {
    let db = target_database(config, rows, version).await?;
    load(rows, &db).await
}

/// One that these rows fit into.
async fn target_database(config: &Config, rows: &RowsFile, version: i64) -> Result<Db> {
    let mistakes = config.mistakes();
    if !mistakes.is_empty() {
        bail!("the configuration needs a change:\n  {}", mistakes.join("\n  "));
    }
    let own = Secrets::load(config)?.fingerprint();
    if rows.agreement("secret")?.is_some_and(|agreed| agreed != own) {
        bail!("these rows were written with another HASTY_SECRET: the links of their invitations would not open");
    }
    let (database, place) = (config.database.clone(), config.place.clone());
    let db = tokio::task::spawn_blocking(move || open_database(&database, &place)).await??;
    let newest = db.facts().await?.tables.newest;
    if version != newest {
        bail!("these rows are of tables at version {version}, and this program has {newest}: use the program of then");
    }
    if !archive::is_empty(&db).await? {
        bail!("the database holds invitations already: only an empty one can be filled");
    }
    Ok(db)
}

async fn load(rows: &RowsFile, db: &Db) -> Result<()> {
    if !rows.load(db, Clock::system().now()).await? {
        bail!("somebody has begun to use the database meanwhile: nothing was put into it");
    }
    Ok(())
}
