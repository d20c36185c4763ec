//! What `backup`, `restore` and `move` have in common: what they say, and how they open what they read.

use std::io::{Write, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use clap::Args;
use s3_store::OpenError;

use super::status_line::StatusLine;
use crate::app::{connect_database, is_there, open_storage, refuse_moved, storage_from_outside};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, SQLITE_FILE, Tables, agreements, rows};
use crate::domain::archive::{Event, Finding, Progress, RowsFile, Shelf, copy_objects};
use crate::secrets::Secrets;
use crate::storage::{IfMissing, Storage};

/// How often a server is asked that may be starting anew.
const ASKED: usize = 10;
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(500);

/// What is done about objects that could not be taken.
#[derive(Args)]
pub struct Lacking {
    /// Go on without photos that cannot be had, which were named; otherwise nothing is put into the database then. The
    /// status is 1 then, too, since photos are missing; the rows are there if they are counted in the end
    #[arg(long)]
    incomplete: bool,
}

/// Opens the database that is to be read, as it is: one that is in use, with the secret that it was filled with.
pub async fn source_database(config: &Config) -> Result<Db> {
    let db = open_as_it_is(config).await?;
    refuse_moved(&db, config).await?;
    let agreed: Option<String> = db.read(|tx| agreements::find(tx, agreements::SECRET)).await?;
    // Another one would take the right one's place in the backup.
    ensure!(
        agreed.is_none() || agreed == Secrets::fingerprint_after(config, &config.place.data_dir)?,
        "this database was filled with another HASTY_SECRET: its links would not open. Give the HASTY_SECRET of its \
         server, or restore the file \"secret\" of the data folder"
    );
    Ok(db)
}

pub async fn open_as_it_is(config: &Config) -> Result<Db> {
    let file = config.place.data_dir.join(SQLITE_FILE);
    if config.database.database_url.is_none() && !is_there(&file)? {
        bail!("there is no database in {}: give the settings of the server", file.display());
    }
    let (database, place) = (config.database.clone(), config.place.clone());
    let db = tokio::task::spawn_blocking(move || connect_database(&database, &place)).await??;
    let Tables { found, newest } = db.facts().await?.tables;
    if found != newest {
        bail!("the tables are at version {found}, and this program needs {newest}: use the server's own program");
    }
    Ok(db)
}

/// The storage that is to be read, beside a running server too.
///
/// A server that is just starting anew is waited for: it could not go on while its store is open here.
pub async fn source_storage(config: &Config) -> Result<Storage> {
    if config.place.s3_endpoint.is_some() {
        return storage(config).await;
    }
    ensure_store(config)?;
    for _ in 0..ASKED {
        let running = storage_from_outside(config, Clock::system())?;
        if running.ping().await.is_ok() {
            return Ok(running);
        }
        tokio::time::sleep(BETWEEN_QUESTIONS).await;
    }
    let (url, dir) = (config.local_url()?, config.place.store_dir());
    match storage(config).await {
        Err(error) if matches!(error.downcast_ref(), Some(OpenError::Locked(_))) => {
            bail!("a server works with the store in {}, and does not answer at {url}: give its --listen", dir.display())
        }
        opened => {
            let _ = writeln!(
                stderr(),
                "No server answers at {url}: {} is read from here, and no server can start until this ends.",
                dir.display()
            );
            opened
        }
    }
}

/// The storage that is to be read, which no server works with if it is the embedded store.
pub async fn idle_storage(config: &Config) -> Result<Storage> {
    if config.place.s3_endpoint.is_none() {
        ensure_store(config)?;
    }
    storage(config).await
}

/// The storage that is to be filled. Photos that were accepted once fit whatever is accepted now.
pub async fn target_shelf(config: &Config) -> Result<Shelf> {
    let storage = storage(&Config { max_file_bytes: u64::MAX, ..config.clone() }).await?;
    storage.ensure_bucket(IfMissing::Make).await?;
    Ok(Shelf::Bucket(Box::new(storage)))
}

/// Makes nothing where nothing is.
fn ensure_store(config: &Config) -> Result<()> {
    let dir = config.place.store_dir();
    if !is_there(&dir)? {
        bail!("there is no store in {}: give the settings of the server", dir.display());
    }
    Ok(())
}

/// For this process alone, where it is the embedded store.
async fn storage(config: &Config) -> Result<Storage> {
    let config = config.clone();
    tokio::task::spawn_blocking(move || open_storage(&config, Clock::system())).await?
}

/// Whether nobody was ever invited.
pub async fn is_empty(db: &Db) -> Result<bool> {
    Ok(db.read(rows::is_empty).await?)
}

/// Copies, and tells how far it is and what it could not take.
pub async fn carry(rows: &RowsFile, from: &Shelf, to: &Shelf, dir: &Path) -> Result<Progress> {
    let mut status_line = StatusLine::new();
    let mut on_event = |event: Event<'_>| match event {
        Event::Progress(progress) => status_line.show(|| words(progress)),
        Event::Finding(finding) => {
            status_line.clear();
            // Nobody may be reading any more; the exit status tells it too.
            let _ = writeln!(stdout(), "{}", line(finding));
        }
    };
    let progress = copy_objects(rows, from, to, dir, &mut on_event).await;
    status_line.clear();
    progress
}

impl Lacking {
    /// Whether rows may follow the objects: what they name could never be added later. `known` are findings that no other
    /// run could avoid.
    pub fn allow(&self, Progress { findings, unreadable, .. }: Progress, known: u64) -> Result<()> {
        ensure!(
            self.incomplete || unreadable == 0 && findings <= known,
            "{findings} objects could not be taken, and nothing was put into the database: run it again, or with \
             --incomplete to go on without them"
        );
        Ok(())
    }
}

pub fn words(Progress { objects, copied, copied_bytes, .. }: Progress) -> String {
    format!("{objects} objects, of which {copied} with {copied_bytes} bytes were copied")
}

/// An object that could not be taken is a status of 1.
pub fn status(progress: Progress) -> ExitCode {
    if progress.findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Keys may be anything that a damaged file says: what is no letter is escaped.
fn line(finding: &Finding) -> String {
    match finding {
        Finding::Missing { key } => format!("missing: {}", key.escape_debug()),
        Finding::Unreadable { key, reason } => {
            format!("cannot be read: {}: {}", key.escape_debug(), reason.escape_debug())
        }
        Finding::Damaged { key } => format!("damaged, and left out: {}", key.escape_debug()),
    }
}
