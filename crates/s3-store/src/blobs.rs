//! The folder of blob files. A blob is written under `tmp`, checked, renamed to `blobs/<last byte of its id>/<id>` and
//! then synced, bytes and name; no name in here comes from a client. Nothing but `remove` and the blobs that were never
//! shown take a file out of `blobs`.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use crate::checksum::Expected;
use crate::disk::Disk;
use crate::error::Error;
use crate::hasher::{Digests, Hasher};
use crate::lost;
use crate::settings::OpenError;

/// The name of a blob: a version 7 UUID, so that names made one after the other sort together.
pub(crate) type BlobId = Uuid;

/// The folder, locked for this process while anything refers to it.
pub(crate) struct BlobFolder {
    root: PathBuf,
    pub(crate) disk: Arc<Disk>,
    _lock: File,
}

impl BlobFolder {
    /// Makes what is missing, locks the folder and empties `tmp`.
    pub(crate) fn open(root: &Path, disk: Arc<Disk>) -> Result<Arc<BlobFolder>, OpenError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| OpenError::Folder { path, source }
        };
        make_root(root).map_err(at(root))?;
        let lock_path = root.join("lock");
        let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&lock_path);
        let lock = lock.map_err(at(&lock_path))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::Locked(root.to_owned()),
            TryLockError::Error(source) => OpenError::Folder { path: lock_path, source },
        })?;
        let folder = BlobFolder { root: root.to_owned(), disk, _lock: lock };
        folder.make_dirs().map_err(at(root))?;
        for entry in fs::read_dir(folder.tmp()).map_err(at(&folder.tmp()))? {
            report(fs::remove_file(entry.map_err(at(&folder.tmp()))?.path()));
        }
        Ok(Arc::new(folder))
    }

    fn make_dirs(&self) -> io::Result<()> {
        make_dir(&self.tmp())?;
        let blobs = self.root.join("blobs");
        make_dir(&blobs)?;
        for shard in 0..=u8::MAX {
            make_dir(&blobs.join(format!("{shard:02x}")))?;
        }
        sync_dir(&blobs)
    }

    fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    pub(crate) fn shard(&self, shard: u8) -> PathBuf {
        self.root.join("blobs").join(format!("{shard:02x}"))
    }

    fn path(&self, id: BlobId) -> PathBuf {
        self.root.join(path_in_store(id))
    }

    /// Syncs the names of the files beside the blobs: the index is one.
    pub(crate) fn sync_root(&self) -> io::Result<()> {
        sync_dir(&self.root)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Removes a blob, set aside or not; one that is gone is fine.
    pub(crate) fn remove(&self, id: BlobId) -> io::Result<()> {
        for path in [self.path(id), lost::path(&self.root, id)] {
            match fs::remove_file(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => return removed,
            }
        }
        Ok(())
    }

    /// Syncs that these blobs are gone.
    pub(crate) fn sync_removals(&self, ids: &[BlobId]) -> Result<(), Error> {
        let shards: BTreeSet<u8> = ids.iter().copied().map(shard_of).collect();
        shards.into_iter().try_for_each(|shard| {
            self.disk.watch_sync("sync a folder", sync_dir(&self.shard(shard)))?;
            match sync_dir(&lost::shard_dir(&self.root, shard)) {
                // Nothing was ever set aside.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                synced => self.disk.watch_sync("sync a folder", synced),
            }
        })
    }

    /// Whether there is no file under `blobs`.
    pub(crate) fn is_empty(&self) -> io::Result<bool> {
        for shard in 0..=u8::MAX {
            if fs::read_dir(self.shard(shard))?.next().is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many files there are under `blobs`.
    pub(crate) fn count(&self) -> io::Result<usize> {
        (0..=u8::MAX).map(|shard| Ok(fs::read_dir(self.shard(shard))?.count())).sum()
    }
}

/// The last byte: that of a version 7 UUID is random, so that all folders grow alike.
pub(crate) fn shard_of(id: BlobId) -> u8 {
    id.as_bytes()[15]
}

/// Where a blob lies, below the store's folder.
pub(crate) fn path_in_store(id: BlobId) -> PathBuf {
    Path::new("blobs").join(format!("{:02x}", shard_of(id))).join(id.simple().to_string())
}

/// A blob that is being written. Dropped, it leaves nothing.
pub(crate) struct BlobWriter {
    folder: Arc<BlobFolder>,
    id: BlobId,
    file: File,
    size_bytes: u64,
    hasher: Option<Hasher>,
    placed: bool,
}

impl BlobWriter {
    pub(crate) fn create(folder: Arc<BlobFolder>, hasher: Hasher) -> Result<BlobWriter, Error> {
        let id = Uuid::now_v7();
        let path = folder.tmp().join(id.simple().to_string());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = folder.disk.watch("make a file", file)?;
        Ok(BlobWriter { folder, id, file, size_bytes: 0, hasher: Some(hasher), placed: false })
    }

    pub(crate) fn write(&mut self, chunks: &[Bytes]) -> Result<(), Error> {
        for chunk in chunks {
            self.folder.disk.watch("write a file", self.file.write_all(chunk))?;
            self.size_bytes += chunk.len() as u64;
            if let Some(hasher) = &mut self.hasher {
                hasher.update(chunk);
            }
        }
        Ok(())
    }

    /// Compares the bytes with what was expected, gives them their final name, and syncs both. The name comes first:
    /// the sync of the bytes then takes it along in the same commit of the file system's journal.
    pub(crate) fn place(mut self, expected: &Expected) -> Result<Blob, Error> {
        let Some(hasher) = self.hasher.take() else { return Err(Error::Closing) };
        let digests = hasher.finish();
        expected.verify(self.size_bytes, &digests)?;
        let disk = &self.folder.disk;
        disk.watch("rename a file", fs::rename(self.temp_path(), self.folder.path(self.id)))?;
        self.placed = true;
        let blob = Blob { folder: Some(self.folder.clone()), id: self.id, size_bytes: self.size_bytes, digests };
        disk.watch_sync("sync a file", self.file.sync_data())?;
        disk.watch_sync("sync a folder", sync_dir(&self.folder.shard(shard_of(self.id))))?;
        Ok(blob)
    }

    fn temp_path(&self) -> PathBuf {
        self.folder.tmp().join(self.id.simple().to_string())
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        if !self.placed {
            report(fs::remove_file(self.temp_path()));
        }
    }
}

/// A complete blob that no row shows yet. Dropped without `keep`, its file goes.
pub(crate) struct Blob {
    folder: Option<Arc<BlobFolder>>,
    pub(crate) id: BlobId,
    pub(crate) size_bytes: u64,
    pub(crate) digests: Digests,
}

impl Blob {
    /// Leaves the file in place: its row is committed.
    pub(crate) fn keep(mut self) {
        self.folder = None;
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take() {
            report(folder.remove(self.id));
        }
    }
}

/// Nobody waits for this clean-up; what it leaves, the next start removes or sets aside.
fn report(removal: io::Result<()>) {
    if let Err(error) = removal {
        tracing::warn!(%error, "a leftover file of the store stays until its next start");
    }
}

/// Makes the folder and those above it, and syncs every one that gained an entry.
fn make_root(root: &Path) -> io::Result<()> {
    let missing = root.ancestors().take_while(|dir| !dir.as_os_str().is_empty() && !dir.exists()).count();
    make_dir(root)?;
    let gained = root.ancestors().skip(1).take(missing);
    gained.map(|dir| if dir.as_os_str().is_empty() { Path::new(".") } else { dir }).try_for_each(sync_dir)
}

pub(crate) fn make_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
