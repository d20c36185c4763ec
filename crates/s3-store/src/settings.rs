//! What the host decides about its store, and why a store may refuse to open.

use std::io;
use std::path::PathBuf;

/// What the host decides about its store.
#[derive(Clone)]
pub struct Settings {
    /// The folder that the store owns; made (mode 0700) where it is missing.
    pub dir: PathBuf,
    /// The one key pair that signs requests.
    pub access_key_id: String,
    /// The secret half of the key pair; never logged.
    pub secret_access_key: String,
    /// The region that GetBucketLocation names. Signatures of any region are accepted, since clients guess.
    pub region: String,
    /// The largest object, and the largest part of one.
    pub max_object_bytes: u64,
    /// Bucket names that would shadow the host's own routes: CreateBucket refuses them.
    pub reserved_buckets: Vec<String>,
}

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made, read or swept.
    #[error("cannot use the folder {}: {source}", path.display())]
    Folder {
        /// The folder or file at fault.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another process serves this folder: two writers would sweep each other's uploads away.
    #[error("another process uses the store in {}", .0.display())]
    Locked(PathBuf),
    /// The index cannot be opened or read.
    #[error("cannot open the store's index")]
    Index(#[from] rusqlite::Error),
    /// There are files but no index that could say what they are: to begin a new one would hide them all.
    #[error(
        "the store's index {} is missing or empty, but the folder blobs beside it holds {files} files: restore \
         index.sqlite from the same backup, together with index.sqlite-wal where there is one",
        path.display()
    )]
    NoIndex {
        /// Where the index belongs.
        path: PathBuf,
        /// How many files there are.
        files: usize,
    },
    /// The index names files but there is none: whatever holds them is not where it belongs.
    #[error(
        "the store's index names files, but the folder {} holds none: mount or restore it, or move the whole store away \
         to begin anew",
        .0.display()
    )]
    NoBlobs(PathBuf),
    /// The index was written by a newer version of this program.
    #[error("the store's index has version {found}, this program knows {known}")]
    IndexVersion {
        /// The version in the file.
        found: i64,
        /// The version that this program writes.
        known: i64,
    },
    /// What a crash left could not be removed, or the index could not be read.
    #[error("cannot clean the store up: {0}")]
    CleanUp(Box<dyn std::error::Error + Send + Sync>),
    /// A thread of the store could not be started.
    #[error("cannot start a thread of the store: {0}")]
    Thread(io::Error),
}
