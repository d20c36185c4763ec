//! Files that no row of the index names are set aside, not removed: the row may be missing because the index is
//! older than the files, and then they are somebody's photos. They wait in `lost/<shard>`, laid out as `blobs` is,
//! and return by themselves at the first start whose index knows them.

use std::ffi::OsStr;
use std::path::Path;
use std::{fs, io};

use uuid::Uuid;

use crate::blobs::{BlobFolder, BlobId, make_dir, sync_dir};

/// Moves every file of `blobs` that is not among `known`, which must be sorted, to `lost`. Returns how many.
pub(crate) fn set_aside(folder: &BlobFolder, known: &[BlobId]) -> io::Result<usize> {
    move_shards(folder, |blobs, lost| move_files(blobs, lost, |name| !is_among(known, name)))
}

/// Moves every file of `lost` that is among `known`, which must be sorted, back to `blobs`. Returns how many.
pub(crate) fn take_back(folder: &BlobFolder, known: &[BlobId]) -> io::Result<usize> {
    move_shards(folder, |blobs, lost| move_files(lost, blobs, |name| is_among(known, name)))
}

fn is_among(known: &[BlobId], name: &OsStr) -> bool {
    let id = name.to_str().and_then(|name| Uuid::parse_str(name).ok());
    id.is_some_and(|id| known.binary_search(&id).is_ok())
}

fn move_shards(folder: &BlobFolder, mv: impl Fn(&Path, &Path) -> io::Result<usize>) -> io::Result<usize> {
    let moved = (0..=u8::MAX).map(|shard| mv(&folder.shard(shard), &folder.lost().join(format!("{shard:02x}"))));
    let moved = moved.sum::<io::Result<usize>>()?;
    if moved > 0 {
        sync_dir(&folder.lost())?;
        folder.sync_root()?;
    }
    Ok(moved)
}

/// Moves what `is_wanted`. A file that cannot be moved stays where it is.
fn move_files(from: &Path, to: &Path, is_wanted: impl Fn(&OsStr) -> bool) -> io::Result<usize> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let names = entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()?;
    let mut moved = 0;
    for name in names.iter().filter(|name| is_wanted(name)) {
        make_dir(to)?;
        match move_file(&from.join(name), &to.join(name)) {
            Ok(()) => moved += 1,
            Err(error) => tracing::warn!(%error, file = %from.join(name).display(), "the store cannot move a file"),
        }
    }
    if moved > 0 {
        // The new name first: a crash between the two may leave both, but never neither.
        sync_dir(to)?;
        sync_dir(from)?;
    }
    Ok(moved)
}

fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    // A rename would replace it.
    if to.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}
