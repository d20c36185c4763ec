//! `hasty move`: from the embedded database and store to external ones, and back.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use url::Url;

use super::{archive, restore};
use crate::app::make_private_dir;
use crate::config::Config;
use crate::domain::archive::{RowsFile, Shelf};
use crate::secrets::Secrets;

/// What `hasty move` can be told, besides what the server is told.
#[derive(Args)]
pub struct Settings {
    #[command(flatten)]
    config: Config,

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
}

pub fn run(settings: &Settings) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(move_to(settings))
}

async fn move_to(settings: &Settings) -> Result<ExitCode> {
    let (source, target) = (&settings.config, settings.target());
    if settings.moves_nothing() {
        bail!("say where to: --to-database-url, --to-s3-endpoint or --to-data-dir");
    }
    let db = archive::source_database(source).await?;
    let storage =
        if settings.ahead { archive::source_storage(source).await? } else { archive::storage(source).await? };
    make_private_dir(&target.place.data_dir)?;
    Secrets::carry(&source.place.data_dir, &target.place.data_dir)?;
    let folder = tempfile::tempdir_in(&target.place.data_dir)?;
    let (rows, contents) = RowsFile::write(folder.path().join("rows.jsonl"), &db).await?;
    let from = Shelf::Bucket(Box::new(storage));
    let progress = if settings.ahead || !settings.moves_rows() {
        let to = archive::storage(&target).await?;
        to.ensure_bucket().await?;
        archive::carry(&rows, &from, &Shelf::Bucket(Box::new(to)), folder.path()).await?
    } else if settings.moves_photos() {
        restore::fill(&target, &rows, contents.version, &from).await?
    } else {
        restore::fill_rows(&target, &rows, contents.version).await?;
        Default::default()
    };
    let mut out = stdout().lock();
    let what = if settings.ahead || !settings.moves_rows() { 0 } else { contents.rows };
    writeln!(out, "{what} rows, {}", archive::words(progress))?;
    if settings.ahead {
        writeln!(out, "Now stop the server, and run the same without --ahead.")?;
    } else {
        writeln!(out, "Start the server with its new settings. What lies here stays until you remove it.")?;
    }
    Ok(archive::status(progress))
}

impl Settings {
    fn moves_rows(&self) -> bool {
        self.to_database_url.is_some() || self.to_data_dir.is_some()
    }

    fn moves_photos(&self) -> bool {
        self.to_s3_endpoint.is_some() || self.to_data_dir.is_some()
    }

    fn moves_nothing(&self) -> bool {
        !self.moves_rows() && !self.moves_photos()
    }

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
