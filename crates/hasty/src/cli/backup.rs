//! `hasty backup`: all photos and rows in a folder, while the server goes on.

use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};

use super::archive;
use crate::app::make_private_dir;
use crate::config::Config;
use crate::domain::archive::{RowsFile, Shelf};
use crate::secrets::Secrets;

/// What is in the folder; written last.
const LABEL: &str = "backup.json";
const ROWS: &str = "rows.jsonl";
const OBJECTS: &str = "objects";

/// What `hasty backup` can be told, besides what the server is told.
#[derive(Args)]
pub struct Settings {
    #[command(flatten)]
    config: Config,

    /// The folder; what it holds of an earlier backup is not copied again
    dir: PathBuf,
}

/// What the label says.
#[derive(Serialize, Deserialize)]
pub struct Label {
    /// Of the tables.
    pub version: i64,
    pub rows: u64,
    pub objects: u64,
}

/// The parts of a backup.
pub struct Backup(PathBuf);

impl Backup {
    pub fn at(dir: &Path) -> Backup {
        Backup(dir.to_owned())
    }

    pub fn label(&self) -> Result<Label> {
        let file = self.0.join(LABEL);
        let text = fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read: there is no finished backup", file.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is damaged", file.display()))
    }

    pub fn rows(&self) -> PathBuf {
        self.0.join(ROWS)
    }

    pub fn objects(&self) -> Shelf {
        Shelf::Folder(self.0.join(OBJECTS))
    }

    fn finish(&self, new_rows: &Path, label: &Label) -> Result<()> {
        fs::rename(new_rows, self.rows())?;
        let mut part = tempfile::NamedTempFile::new_in(&self.0)?;
        serde_json::to_writer(&mut part, label)?;
        part.as_file().sync_all()?;
        part.persist(self.0.join(LABEL))?;
        Ok(fs::File::open(&self.0)?.sync_all()?)
    }
}

pub fn run(settings: &Settings) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(back_up(&settings.config, &settings.dir))
}

async fn back_up(config: &Config, dir: &Path) -> Result<ExitCode> {
    let mistakes = config.mistakes();
    if !mistakes.is_empty() {
        bail!("the configuration needs a change:\n  {}", mistakes.join("\n  "));
    }
    let db = archive::source_database(config).await?;
    let storage = archive::source_storage(config).await?;
    make_private_dir(dir)?;
    let backup = Backup::at(dir);
    Secrets::carry(&config.place.data_dir, dir)?;
    // The rows of an earlier backup stay until all that the new ones name is there.
    let new_rows = dir.join(format!("{ROWS}.new"));
    let (rows, contents) = RowsFile::write(new_rows.clone(), &db).await?;
    let progress = archive::carry(&rows, &Shelf::Bucket(Box::new(storage)), &backup.objects(), dir).await?;
    backup.finish(&new_rows, &Label { version: contents.version, rows: contents.rows, objects: progress.objects })?;
    let mut out = stdout().lock();
    writeln!(out, "{} rows, {}", contents.rows, archive::words(progress))?;
    if config.secret.is_some() {
        writeln!(out, "HASTY_SECRET is not in it: keep it elsewhere, the links of all invitations depend on it")?;
    }
    Ok(archive::status(progress))
}
