//! `hasty move`: from the embedded database and store to external ones, and back.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use clap::Args;
use url::Url;

use super::{archive, restore};
use crate::app::make_private_dir;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::agreements::{self, MOVED};
use crate::db::{self, Db, SQLITE_FILE};
use crate::domain::archive::{Progress, RowsFile, Shelf};
use crate::secrets::Secrets;

const STILL_USED: &str = "a server still works with the old database, and has changed it meanwhile: nothing was put into the \
                          database. Stop it, and run the same again";

/// What `hasty move` can be told, besides what the server is told.
#[derive(Args)]
pub struct Settings {
    /// Move the rows to this PostgreSQL, whose tables are empty
    #[arg(long, env = "HASTY_TO_DATABASE_URL", hide_env_values = true)]
    to_database_url: Option<String>,

    /// Move the photos to this S3, as the server reaches it
    #[arg(long, env = "HASTY_TO_S3_ENDPOINT", requires = "to_s3_access_key_id")]
    to_s3_endpoint: Option<Url>,

    /// The bucket there; made where it is missing (default: a bucket of the same name)
    #[arg(long, env = "HASTY_TO_S3_BUCKET")]
    to_s3_bucket: Option<String>,

    /// The region there (default: the same)
    #[arg(long, env = "HASTY_TO_S3_REGION")]
    to_s3_region: Option<String>,

    /// Access key id there
    #[arg(long, env = "HASTY_TO_S3_ACCESS_KEY_ID", requires = "to_s3_secret_access_key")]
    to_s3_access_key_id: Option<String>,

    /// Secret access key there
    #[arg(long, env = "HASTY_TO_S3_SECRET_ACCESS_KEY", hide_env_values = true)]
    to_s3_secret_access_key: Option<String>,

    /// Another data folder; rows and photos that are told no other place go into its own database and store
    #[arg(long, env = "HASTY_TO_DATA_DIR")]
    to_data_dir: Option<PathBuf>,

    /// Copy photos only, beside the running server, so that the move itself is short
    #[arg(long)]
    ahead: bool,

    #[command(flatten)]
    lacking: archive::Lacking,

    /// Move nothing, and let a server start again with these settings, though rows or photos were moved away from there
    #[arg(long, conflicts_with_all = ["to_database_url", "to_s3_endpoint", "to_data_dir", "ahead"])]
    forget: bool,

    #[command(flatten, next_help_heading = "The server's settings")]
    config: Config,
}

pub fn run(settings: &Settings) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(move_to(settings))
}

async fn move_to(settings: &Settings) -> Result<ExitCode> {
    if settings.forget {
        return forget(&settings.config).await;
    }
    let (source, target) = (&settings.config, settings.target());
    let (moves_rows, moves_photos) = (moves_rows(source, &target), moves_photos(source, &target));
    if !moves_rows && !moves_photos {
        bail!("say where to, other than where everything is: --to-database-url, --to-s3-endpoint or --to-data-dir");
    }
    if !moves_photos && target.s3_bucket != source.s3_bucket {
        bail!("the photos stay in their store, and in the bucket {}: leave out --to-s3-bucket", source.s3_bucket);
    }
    let db = archive::source_database(source).await?;
    // Open to the end: no server can start on the embedded store before the rows are over.
    let from = Shelf::Bucket(Box::new(match settings.ahead {
        true => archive::source_storage(source).await?,
        false => archive::idle_storage(source).await?,
    }));
    Secrets::compare(&target, &source.place.data_dir)?;
    make_private_dir(&target.place.data_dir)?;
    Secrets::take_over(&target, &source.place.data_dir)?;
    let folder = tempfile::tempdir_in(&target.place.data_dir)?;
    let (rows, contents) = RowsFile::write(folder.path().join("rows.jsonl"), &db).await?;
    let target_db = if settings.ahead || !moves_rows {
        None
    } else {
        restore::ensure_settings(&target, &rows, &source.place.data_dir)?;
        Some(restore::target_database(&target).await?)
    };
    let progress = if moves_photos {
        archive::carry(&rows, &from, &archive::target_shelf(&target).await?, folder.path()).await?
    } else {
        Progress::default()
    };
    if settings.ahead {
        writeln!(stdout(), "0 rows, {}", archive::words(progress))?;
        writeln!(stdout(), "Now stop the server, and run the same without --ahead.")?;
        return Ok(archive::status(progress));
    }
    // What is missing or damaged here is so for good; it was named.
    settings.lacking.allow(progress, progress.findings)?;
    let at = Clock::system().now().to_string();
    let (from_place, to_place) = (source.photos_place(), target.photos_place());
    let mark = if moves_rows { MOVED.to_owned() } else { agreements::left(&from_place) };
    let (seen, left_at) = (contents.mark, at.clone());
    ensure!(db.write(move |tx| db::rows::leave(tx, seen, &mark, left_at)).await?, STILL_USED);
    if let Some(target_db) = &target_db {
        load(&rows, target_db, &db).await?;
    }
    let in_use = target_db.as_ref().unwrap_or(&db);
    in_use.write(move |tx| agreements::move_photos(tx, &from_place, &to_place, at)).await?;
    let what = if target_db.is_some() { contents.seal.rows } else { 0 };
    writeln!(stdout(), "{what} rows, {}", archive::words(progress))?;
    tell_what_now(source, &target)?;
    Ok(archive::status(progress))
}

/// What the new settings name is still needed: the store, where only rows were moved, and the keys.
fn tell_what_now(source: &Config, target: &Config) -> Result<()> {
    let (mut out, dir) = (stdout().lock(), source.place.data_dir.display());
    writeln!(out, "Start the server with its new settings. No longer used, and there until you remove it:")?;
    if moves_rows(source, target) {
        match source.database.database_url {
            None => writeln!(out, "  {dir}/{SQLITE_FILE}, with its -wal and -shm where there are any")?,
            Some(_) => writeln!(out, "  the old PostgreSQL database")?,
        }
    }
    if moves_photos(source, target) {
        match &source.place.s3_endpoint {
            None => writeln!(out, "  {}", source.place.store_dir().display())?,
            Some(endpoint) => {
                writeln!(out, "  the photos and previews in the bucket {} at {endpoint}", source.s3_bucket)?
            }
        }
    }
    if is_same_folder(source, target) {
        let store = if target.place.s3_endpoint.is_none() { "the photos and " } else { "" };
        writeln!(out, "Keep all else in {dir}: {store}the keys there are still used.")?;
    }
    if moves_photos(source, target) {
        writeln!(
            out,
            "With these settings `hasty check` names photos that were copied ahead and deleted since; --fix removes them."
        )?;
    }
    Ok(())
}

impl Settings {
    /// The configuration that the server has afterwards.
    fn target(&self) -> Config {
        let mut target = self.config.clone();
        if let Some(dir) = &self.to_data_dir {
            target.place.data_dir = dir.clone();
            target.database.database_url = None;
            target.place.s3_endpoint = None;
            target.s3_access_key_id = None;
            target.s3_secret_access_key = None;
        }
        if self.to_database_url.is_some() {
            target.database.database_url = self.to_database_url.clone();
        }
        if self.to_s3_endpoint.is_some() {
            target.place.s3_endpoint = self.to_s3_endpoint.clone();
            target.s3_public_endpoint = None;
            target.s3_access_key_id = self.to_s3_access_key_id.clone();
            target.s3_secret_access_key = self.to_s3_secret_access_key.clone();
        }
        target.s3_bucket = self.to_s3_bucket.clone().unwrap_or(target.s3_bucket);
        target.s3_region = self.to_s3_region.clone().unwrap_or(target.s3_region);
        target
    }
}

fn moves_rows(source: &Config, target: &Config) -> bool {
    let (url, to_url) = (&source.database.database_url, &target.database.database_url);
    url != to_url || url.is_none() && !is_same_folder(source, target)
}

fn moves_photos(source: &Config, target: &Config) -> bool {
    match (&source.place.s3_endpoint, &target.place.s3_endpoint) {
        // Rows can come back to the store that the photos have never left.
        (None, None) => !is_same_folder(source, target),
        (endpoint, to_endpoint) => endpoint != to_endpoint || source.s3_bucket != target.s3_bucket,
    }
}

fn is_same_folder(source: &Config, target: &Config) -> bool {
    let real = |config: &Config| std::fs::canonicalize(&config.place.data_dir).ok();
    source.place.data_dir == target.place.data_dir || real(source).is_some_and(|folder| real(target) == Some(folder))
}

/// The old database is marked by now: where it is certain that the new one holds nothing, it is used again.
async fn load(rows: &RowsFile, target_db: &Db, old: &Db) -> Result<()> {
    let Err(error) = restore::load(rows, target_db).await else { return Ok(()) };
    if !target_db.write(db::rows::is_left_empty).await.unwrap_or(false) {
        let words = "no server starts on the old database now: look whether the new one has its rows, and run `hasty move \
                     --forget` with the old settings if it has not";
        return Err(error.context(words));
    }
    old.write(|tx| agreements::delete(tx, MOVED)).await?;
    Err(error.context("nothing was put into the database"))
}

async fn forget(config: &Config) -> Result<ExitCode> {
    let place = config.photos_place();
    let forget = move |tx: &mut db::Tx<'_>| {
        Ok::<_, db::DbError>([agreements::delete(tx, MOVED)?, agreements::delete(tx, &agreements::left(&place))?])
    };
    let words = match archive::open_as_it_is(config).await?.write(forget).await? {
        [false, false] => {
            "The rows of this database were not moved, and its photos not away from these settings' place."
        }
        _ => "A server can start on this database again. Start none with the settings that it was moved to.",
    };
    writeln!(stdout(), "{words}")?;
    Ok(ExitCode::SUCCESS)
}
