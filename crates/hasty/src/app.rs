//! The composition root: what every request may use.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use http::StatusCode;
use s3_store::Store;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use url::Url;

use crate::clock::Clock;
use crate::config::{Config, Database, OpenInvitations, Place, RESERVED_BUCKETS};
use crate::db::agreements::{self, MOVED, SECRET};
use crate::db::{self, Db, DbError, images};
use crate::domain::events::Watching;
use crate::domain::guesses::Guesses;
use crate::secrets::{self, Secrets};
use crate::storage::{IfMissing, Links, Storage, StorageError};
use crate::worker::Workers;

/// Each may take `metadata::limits::COPY_BYTES` of the disk.
const COPIES_AT_ONCE: usize = 2;
/// How often a server looks whether it is still the one that is meant.
const MOVED_INTERVAL: Duration = Duration::from_secs(1);
const GO_ALONG: &str = "start with the new settings, or run `hasty move --forget` to use these again, as after a move that \
                        was cut off";
pub const FIND_BUCKET: &str = "bring back the disk or the storage that holds them, restore a backup, or use another \
                               database to begin anew";

pub struct App {
    pub config: Config,
    pub clock: Clock,
    pub db: Db,
    pub storage: Storage,
    pub secrets: Secrets,
    /// Rung when there is background work; whoever waits elsewhere finds it by itself a little later.
    pub job_bell: Notify,
    /// Where those wait who want to hear of images.
    pub watching: Arc<Watching>,
    pub guesses: Guesses,
    pub workers: Workers,
    /// Places for photos that lie in the data folder while a copy of them is worked out.
    pub copies: Semaphore,
    /// Where people find the server when no public URL is configured and the request tells nothing better.
    pub local_url: Url,
}

impl App {
    /// Opens the database and the store. `listening_on` is the address that the server is bound to. Blocks, on a thread of a
    /// runtime that may.
    pub fn open(config: Config, clock: Clock, listening_on: SocketAddr) -> Result<App> {
        let mistakes = config.mistakes();
        anyhow::ensure!(mistakes.is_empty(), "the configuration needs a change:\n  {}", mistakes.join("\n  "));
        make_private_dir(&config.place.data_dir)?;
        refuse_store_without_database(&config)?;
        let db = open_database(&config.database, &config.place)?;
        refuse_new_secret(&config, &db)?;
        let secrets = Secrets::load(&config)?;
        let storage = open_storage(&config, clock.clone()).context("cannot open the store")?;
        let local_url = Url::parse(&format!("http://{listening_on}")).context("the listening address makes no URL")?;
        let workers = Workers::new(std::env::current_exe().context("cannot find the own program")?);
        let (job_bell, watching, copies) = (Notify::new(), Arc::default(), Semaphore::new(COPIES_AT_ONCE));
        Ok(App {
            config,
            clock,
            db,
            storage,
            secrets,
            job_bell,
            watching,
            guesses: Guesses::default(),
            workers,
            copies,
            local_url,
        })
    }

    /// Refuses to serve what was moved elsewhere, or a database that was filled with another secret: every token would be a
    /// different one.
    pub async fn check_database(&self) -> Result<()> {
        refuse_moved(&self.db, &self.config).await?;
        let own = self.secrets.fingerprint();
        let fingerprint = own.clone();
        let agreed: String = self
            .db
            .write(move |tx| agreements::find_or_insert(tx, SECRET, fingerprint))
            .await
            .context("cannot ask the database which secret it belongs to")?;
        anyhow::ensure!(
            agreed == own,
            "this database was filled with another HASTY_SECRET: its links would not open. Give every instance the same \
             HASTY_SECRET, or restore the file \"secret\" of the data folder"
        );
        Ok(())
    }

    /// Makes the bucket, and refuses one that is not there though photos lie in it: guests would be told that what is lost
    /// is safe, and would not send it again. The disk or the storage is another one than before.
    pub async fn prepare_bucket(&self) -> Result<()> {
        let has_photos = self.db.read(images::has_photos).await.context("cannot ask the database for photos")?;
        let if_missing = if has_photos { IfMissing::Fail } else { IfMissing::Make };
        match self.storage.prepare_bucket(if_missing, &self.page_origins()).await {
            Err(StorageError::Refused { status: StatusCode::NOT_FOUND, .. }) if has_photos => {
                anyhow::bail!("{}: {FIND_BUCKET}", lost_bucket(&self.config))
            }
            prepared => prepared.context("cannot prepare the bucket"),
        }
    }

    /// Ends when what is served here was moved elsewhere, with the reason not to go on.
    pub async fn until_moved(&self) -> anyhow::Error {
        loop {
            tokio::time::sleep(MOVED_INTERVAL).await;
            // A database that does not answer takes no photos either.
            if let Ok(Some(moved)) = moved(&self.db, &self.config).await {
                return anyhow::anyhow!("{moved}: {GO_ALONG}");
            }
        }
    }

    pub fn link_ttl(&self) -> Duration {
        Duration::from_secs(u64::from(self.config.link_hours) * 3600)
    }

    /// For readers; `page` is the origin that they see the server at.
    pub fn links(&self, page: &Url) -> Links {
        self.storage.links(page, self.link_ttl())
    }

    pub fn is_open(&self) -> bool {
        self.config.open_invitations != OpenInvitations::False
    }

    /// The origins that guests' pages may have.
    pub fn page_origins(&self) -> Vec<String> {
        let url = self.config.public_url.as_ref().unwrap_or(&self.local_url);
        let mut origins = vec![url.origin().ascii_serialization()];
        if self.config.public_url.is_none()
            && let Some(port) = self.local_url.port_or_known_default()
        {
            origins.push(format!("http://localhost:{port}"));
        }
        origins
    }
}

/// Without a change to its tables. Blocks.
pub fn connect_database(database: &Database, place: &Place) -> Result<Db> {
    Db::connect(database.database_url.as_deref(), database.database_connections, &place.data_dir)
        .context("cannot open the database")
}

/// Blocks.
pub fn open_database(database: &Database, place: &Place) -> Result<Db> {
    Db::open(database.database_url.as_deref(), database.database_connections, &place.data_dir)
        .context("cannot open the database")
}

/// What of this database was moved elsewhere, and when.
pub async fn moved(db: &Db, config: &Config) -> Result<Option<String>, DbError> {
    let place = config.photos_place();
    let found: Option<(String, String)> = db.read(move |tx| agreements::find_moved(tx, &place)).await?;
    Ok(found.map(|(what, at)| match what.as_str() {
        MOVED => format!("the rows of this database were moved on {at}"),
        _ => format!("the photos of this database were moved on {at}, away from {}", config.photos_place()),
    }))
}

/// Refuses what was moved elsewhere: what is deleted in one of two databases goes, though the other still shows it, and
/// photos in two storages are missed in each.
pub async fn refuse_moved(db: &Db, config: &Config) -> Result<()> {
    match moved(db, config).await.context("cannot ask the database whether it was moved")? {
        Some(moved) => anyhow::bail!("{moved}: {GO_ALONG}"),
        None => Ok(()),
    }
}

/// What is said where the bucket is not there and photos lie in it, before [`FIND_BUCKET`].
pub fn lost_bucket(config: &Config) -> String {
    let place = match &config.place.s3_endpoint {
        Some(endpoint) => endpoint.to_string(),
        None => config.place.store_dir().display().to_string(),
    };
    format!("{place} has no bucket {}, but the database has photos in it", config.s3_bucket)
}

/// The embedded store in this process, or the external one. Blocks.
pub fn open_storage(config: &Config, clock: Clock) -> Result<Storage> {
    let key_pair = secrets::s3_key_pair(config)?;
    if let Some(endpoint) = &config.place.s3_endpoint {
        return Storage::external(endpoint.clone(), config, key_pair, clock);
    }
    let store = Store::open(s3_store::Settings {
        dir: config.place.store_dir(),
        access_key_id: key_pair.0.clone(),
        secret_access_key: key_pair.1.clone(),
        region: config.s3_region.clone(),
        max_object_bytes: config.max_file_bytes,
        reserved_buckets: RESERVED_BUCKETS.iter().map(|name| (*name).to_owned()).collect(),
    })?;
    Ok(Storage::embedded(store, config, key_pair, clock))
}

/// The storage as everybody else sees it: the embedded store through its running server.
pub fn storage_from_outside(config: &Config, clock: Clock) -> Result<Storage> {
    let is_embedded = config.place.s3_endpoint.is_none();
    anyhow::ensure!(
        !is_embedded || config.s3_access_key_id.is_some() || secrets::has_s3_key_pair(config),
        "{} holds no key pair of the store: no server was ever started here",
        config.place.data_dir.display()
    );
    let key_pair = secrets::s3_key_pair(config)?;
    let mut seen = config.clone();
    if is_embedded {
        seen.s3_public_endpoint = config.public_url.clone();
    }
    let endpoint = config.place.s3_endpoint.clone().map_or_else(|| config.local_url(), Ok)?;
    Storage::external(endpoint, &seen, key_pair, clock)
}

/// A database that was filled with a secret is not served with a new one, which would be taken for the right one later.
fn refuse_new_secret(config: &Config, db: &Db) -> Result<()> {
    if Secrets::fingerprint_after(config, &config.place.data_dir)?.is_some() {
        return Ok(());
    }
    let filled_with = Handle::current().block_on(db.read(|tx| agreements::find(tx, SECRET)));
    anyhow::ensure!(
        filled_with.context("cannot ask the database which secret it belongs to")?.is_none(),
        "the secret that this database was filled with is not in {}: restore the file \"secret\" there, or set HASTY_SECRET",
        config.place.data_dir.display()
    );
    Ok(())
}

/// A new database beside a store that holds photos would hide them all, and take new ones as if nothing had happened.
pub fn refuse_store_without_database(config: &Config) -> Result<()> {
    if config.database.database_url.is_some() || config.place.s3_endpoint.is_some() {
        return Ok(());
    }
    let is_there = |path: &Path| std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0);
    let (database, store) = (config.place.data_dir.join(db::SQLITE_FILE), config.place.store_dir());
    anyhow::ensure!(
        is_there(&database) || !is_there(&store.join("index.sqlite")),
        "{} is missing or empty, but {} holds a store: restore the file from the same backup, together with its -wal \
         where there is one, or move the store away to begin anew",
        database.display(),
        store.display()
    );
    Ok(())
}

/// Fails where it cannot be told: what this user may not look into is not missing.
pub fn is_there(path: &Path) -> Result<bool> {
    path.try_exists().with_context(|| format!("cannot look at {}: run it as the server's user", path.display()))
}

/// Only this user may look into the data folder: it holds secrets and other people's photos.
pub fn make_private_dir(dir: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(|| format!("cannot make the folder {}", dir.display()))
}
