//! What every operation of the store works with.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use s3s::dto::CORSRule;
use tokio::sync::Semaphore;

use crate::blobs::BlobFolder;
use crate::clock::Micros;
use crate::disk::Disk;
use crate::error::Error;
use crate::index::{self, Index, contents};
use crate::leases::Leases;
use crate::lost;
use crate::receive;
use crate::settings::{OpenError, Settings};
use crate::sweeper::Sweeper;

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) disk: Arc<Disk>,
    pub(crate) buckets: RwLock<BTreeMap<String, BucketState>>,
    pub(crate) leases: Arc<Leases>,
    /// One permit for each byte of bodies that may be in memory.
    pub(crate) held: Arc<Semaphore>,
    pub(crate) sweeper: Sweeper,
    pub(crate) index: Arc<Index>,
    pub(crate) blobs: Arc<BlobFolder>,
}

/// What every request needs to know of a bucket, kept in memory.
#[derive(Clone)]
pub(crate) struct BucketState {
    pub(crate) created_at: Micros,
    pub(crate) cors: Option<Arc<[CORSRule]>>,
}

impl Inner {
    /// Opens the folder: locks it, empties `tmp`, reads the buckets. What takes longer with more objects goes on behind.
    pub(crate) fn open(settings: Settings) -> Result<Inner, OpenError> {
        let disk = Arc::new(Disk::default());
        let blobs = BlobFolder::open(&settings.dir, disk.clone())?;
        let index_path = settings.dir.join(index::FILE);
        if index::is_blank(&index_path)? {
            let files = blobs.count().map_err(Error::File)?;
            if files > 0 {
                return Err(OpenError::NoIndex { path: index_path, files });
            }
        }
        let conn = index::open(&index_path)?;
        if contents::has_blobs(&conn)? && blobs.is_empty().map_err(Error::File)? && lost::count(blobs.root()) == 0 {
            return Err(OpenError::NoBlobs(settings.dir.join("blobs")));
        }
        blobs.sync_root().map_err(Error::File)?;
        let index = Arc::new(Index::start(&index_path, conn, disk.clone())?);
        let leases = Arc::new(Leases::default());
        let sweeper = Sweeper::start(index.clone(), blobs.clone(), leases.clone()).map_err(OpenError::Thread)?;
        let held = Arc::new(Semaphore::new(receive::MAX_HELD_BYTES));
        let inner = Inner { settings, disk, buckets: RwLock::default(), leases, held, sweeper, index, blobs };
        inner.refresh_buckets()?;
        Ok(inner)
    }

    /// Reads all buckets again. The lock is held meanwhile, so that the last change always shows.
    pub(crate) fn refresh_buckets(&self) -> Result<(), Error> {
        let mut buckets = self.buckets.write().unwrap_or_else(PoisonError::into_inner);
        let rows = self.index.read_blocking(index::buckets::list)?;
        let state = |bucket: index::buckets::Bucket| {
            let cors = bucket.cors.map(Arc::from);
            (bucket.name, BucketState { created_at: bucket.created_at, cors })
        };
        *buckets = rows.into_iter().map(state).collect();
        Ok(())
    }

    /// The bucket of this name, if there is one.
    pub(crate) fn bucket(&self, name: &str) -> Option<BucketState> {
        self.buckets.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}
