//! Where objects lie, by their keys: in a bucket, or as files of a folder.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;

use crate::error::Error;
use crate::storage::{SpoolError, Spooled, Storage};

pub enum Shelf {
    Bucket(Box<Storage>),
    Folder(PathBuf),
}

impl Shelf {
    /// Objects come whole or not at all, and none ever changes: what is there is right.
    pub async fn has(&self, key: &str) -> Result<bool, Error> {
        match self {
            Shelf::Bucket(storage) => Ok(storage.head(key).await?.is_some()),
            Shelf::Folder(folder) => Ok(folder.join(key).try_exists()?),
        }
    }

    /// All of it, in a file of `dir` or of its own.
    pub async fn take(&self, key: &str, dir: &Path) -> Result<Option<Spooled>, SpoolError> {
        match self {
            Shelf::Bucket(storage) => storage.spool(key, dir).await,
            Shelf::Folder(folder) => {
                let path = folder.join(key);
                Ok(spawn_blocking(move || open(&path)).await.map_err(io::Error::other)??)
            }
        }
    }

    /// Whether it is there at all.
    pub async fn answers(&self) -> bool {
        match self {
            Shelf::Bucket(storage) => storage.ping().await.is_ok(),
            Shelf::Folder(folder) => folder.is_dir(),
        }
    }

    pub async fn put(&self, key: &str, content_type: &str, object: Spooled) -> Result<(), Error> {
        match self {
            Shelf::Bucket(storage) => Ok(storage.put_spooled(key, content_type, object).await?),
            Shelf::Folder(folder) => {
                let path = folder.join(key);
                Ok(spawn_blocking(move || write(&path, object)).await.map_err(io::Error::other)??)
            }
        }
    }
}

fn open(path: &Path) -> io::Result<Option<Spooled>> {
    match File::open(path) {
        Ok(file) => Spooled::of(file).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The file is there once it is whole, also after a power cut.
fn write(path: &Path, mut object: Spooled) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut part = tempfile::NamedTempFile::new_in(folder)?;
    io::copy(&mut object.file, &mut part)?;
    part.as_file().sync_all()?;
    part.persist(path)?;
    File::open(folder)?.sync_all()
}
