//! Where objects lie, by their keys: in a bucket, or as files of a folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::task::spawn_blocking;

use crate::storage::{SpoolError, Spooled, Storage};

/// Before a call that may pass is made again.
const PAUSES: [Duration; 3] = [Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(4)];

pub enum Shelf {
    Bucket(Box<Storage>),
    Folder(PathBuf),
}

/// What came of taking an object.
pub enum Taken {
    Whole(Spooled),
    Missing,
    /// For the reason given, and tried more than once where that may help.
    Unreadable(String),
}

impl Shelf {
    /// Fails where it is not there at all: then no object is missing.
    pub async fn check(&self) -> Result<()> {
        match self {
            Shelf::Bucket(storage) => patiently(async || Ok(storage.ping().await?))
                .await
                .with_context(|| format!("the bucket {} does not answer", storage.bucket())),
            Shelf::Folder(folder) => {
                let is_there = fs::metadata(folder).map(|metadata| metadata.is_dir());
                let is_there = is_there.with_context(|| format!("cannot look into {}", folder.display()))?;
                anyhow::ensure!(is_there, "{} is no folder", folder.display());
                Ok(())
            }
        }
    }

    /// Objects come whole or not at all, and none ever changes: what is there is right.
    pub async fn has(&self, key: &str) -> Result<bool> {
        match self {
            Shelf::Bucket(storage) => Ok(patiently(async || Ok(storage.head(key).await?)).await?.is_some()),
            Shelf::Folder(folder) => Ok(folder.join(key).try_exists()?),
        }
    }

    /// All of it, in a file of `dir` or of its own. Fails where `dir` does.
    pub async fn take(&self, key: &str, dir: &Path) -> Result<Taken> {
        let taken = match self {
            Shelf::Bucket(storage) => match patiently(|| storage.spool(key, dir)).await {
                Err(SpoolError::Disk(error)) => {
                    return Err(error).context(format!("cannot write in {}", dir.display()));
                }
                Err(error) => Err(error.to_string()),
                Ok(taken) => Ok(taken),
            },
            Shelf::Folder(folder) => {
                let path = folder.join(key);
                spawn_blocking(move || open(&path)).await?.map_err(|error| error.to_string())
            }
        };
        Ok(match taken {
            Ok(Some(object)) => Taken::Whole(object),
            Ok(None) => Taken::Missing,
            Err(reason) => Taken::Unreadable(reason),
        })
    }

    pub async fn put(&self, key: &str, content_type: &str, object: Spooled) -> Result<()> {
        match self {
            Shelf::Bucket(storage) => Ok(patiently(|| storage.put_spooled(key, content_type, &object)).await?),
            Shelf::Folder(folder) => {
                let path = folder.join(key);
                Ok(spawn_blocking(move || write(&path, object)).await??)
            }
        }
    }
}

/// One call that is refused does not end a run over millions.
async fn patiently<T>(call: impl AsyncFn() -> Result<T, SpoolError>) -> Result<T, SpoolError> {
    for pause in PAUSES {
        match call().await {
            Err(SpoolError::Storage(error)) if error.may_pass() => tokio::time::sleep(pause).await,
            done => return done,
        }
    }
    call().await
}

/// Whoever made the folder may have put a link into it, to a file of the reader's, or a pipe that nobody writes to.
fn open(path: &Path) -> io::Result<Option<Spooled>> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) if file.metadata()?.is_file() => Spooled::of(file).map(Some),
        Ok(_) => Err(io::Error::new(ErrorKind::InvalidData, "it is no file")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The file is there once it is whole, also after a power cut; its folder has to be there.
fn write(path: &Path, mut object: Spooled) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut part = tempfile::NamedTempFile::new_in(folder)?;
    io::copy(&mut object.file, &mut part)?;
    part.as_file().sync_all()?;
    part.persist(path)?;
    File::open(folder)?.sync_all()
}
