//! Files that no row of the index names are set aside, not removed: the row may be missing because the index is
//! older than the files, and then they are somebody's photos. They wait in `lost/<shard>`, laid out as `blobs` is.
//! Readers find them there too, and a start whose index knows them takes them back.
//!
//! This goes on beside requests. So a file is judged only if it is older than this start, after it has been seen, and
//! by rows that are read in an order in which none can hide: what a piece lets go of is trash, and what was trash is
//! removed by the thread that judges.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::blobs::{BlobFolder, BlobId, make_dir, path_in_store, shard_of, sync_dir};
use crate::error::Error;
use crate::index::{Index, contents};

/// Files that are judged at once: some megabytes of ids. Each time, the index is read from end to end.
const MAX_FILES: usize = 512 * 1024;
/// Rows that are read in one snapshot of the index.
const MAX_ROWS: usize = 2_000;

/// Opens a blob in the store's folder `root`, set aside or not.
pub(crate) fn open(root: &Path, id: BlobId) -> io::Result<File> {
    let blobs = root.join(path_in_store(id));
    let is_elsewhere = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    let first = File::open(&blobs);
    if !first.as_ref().is_err_and(is_elsewhere) {
        return first;
    }
    match File::open(path(root, id)) {
        // It may have been taken back between the two looks.
        Err(error) if is_elsewhere(&error) => File::open(blobs),
        opened => opened,
    }
}

/// Where a blob waits that has been set aside.
pub(crate) fn path(root: &Path, id: BlobId) -> PathBuf {
    shard_dir(root, shard_of(id)).join(name_of(id))
}

/// How many files were moved.
#[derive(Default)]
pub(crate) struct Moved {
    pub(crate) set_aside: usize,
    pub(crate) taken_back: usize,
}

/// Moves every file that was made before `started` to where it belongs. Asks `goes_on` now and then, and ends where
/// that is false.
pub(crate) fn sort(
    folder: &BlobFolder,
    index: &Index,
    started: BlobId,
    goes_on: impl Fn() -> bool,
) -> Result<Moved, Error> {
    let (mut files, mut moved) = (Vec::new(), Moved::default());
    for shard in 0..=u8::MAX {
        if !goes_on() {
            break;
        }
        let (blobs, lost) = (folder.shard(shard), shard_dir(folder.root(), shard));
        let (stored, strays) = list(&blobs, shard)?;
        let (set_aside, _) = list(&lost, shard)?;
        let old = stored.into_iter().filter(|id| *id < started);
        files.extend(old.map(|id| Seen { id, is_lost: false, is_known: false }));
        files.extend(set_aside.into_iter().map(|id| Seen { id, is_lost: true, is_known: false }));
        moved.set_aside += move_files(folder, &blobs, &lost, &strays)?;
        if files.len() >= MAX_FILES || shard == u8::MAX {
            files.sort_unstable_by_key(|file| file.id);
            if !find_rows(index, &mut files, &goes_on)? {
                break;
            }
            move_misplaced(folder, &mut files, &mut moved)?;
        }
    }
    Ok(moved)
}

/// A file that was there when its folder was read.
struct Seen {
    id: BlobId,
    is_lost: bool,
    /// Whether a row names it.
    is_known: bool,
}

/// The blobs in a folder, and the names in it that are none of this shard's.
fn list(dir: &Path, shard: u8) -> io::Result<(Vec<BlobId>, Vec<OsString>)> {
    let (mut blobs, mut strays) = (Vec::new(), Vec::new());
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((blobs, strays)),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|name| Uuid::try_parse(name).ok());
        match id.filter(|id| shard_of(*id) == shard && *name == *name_of(*id)) {
            Some(id) => blobs.push(id),
            None => strays.push(name),
        }
    }
    Ok((blobs, strays))
}

/// Looks for the rows of `files`, which are sorted by id. `false` where it was ended early.
fn find_rows(index: &Index, files: &mut [Seen], goes_on: &impl Fn() -> bool) -> Result<bool, Error> {
    let mut mark = |id: BlobId| {
        let first = files.partition_point(|file| file.id < id);
        files[first..].iter_mut().take_while(|file| file.id == id).for_each(|file| file.is_known = true);
    };
    let mut after = (0, 0);
    loop {
        let rows = index.read_blocking(|tx| contents::list_blobs(tx, after, MAX_ROWS))?;
        let Some(&(content, number, _)) = rows.last() else { break };
        after = (content, number);
        rows.iter().for_each(|(_, _, blob)| mark(*blob));
        if !goes_on() {
            return Ok(false);
        }
    }
    let mut after = Uuid::nil();
    loop {
        let trash = index.read_blocking(|tx| contents::list_trash(tx, after, MAX_ROWS))?;
        let Some(last) = trash.last() else { return Ok(true) };
        after = last.0;
        trash.iter().for_each(|(blob, _)| mark(*blob));
    }
}

/// Moves those that are not where they belong; leaves none in `files`.
fn move_misplaced(folder: &BlobFolder, files: &mut Vec<Seen>, moved: &mut Moved) -> Result<(), Error> {
    files.retain(|file| file.is_lost == file.is_known);
    let place = |file: &Seen| (shard_of(file.id), file.is_lost);
    files.sort_unstable_by_key(place);
    for group in files.chunk_by(|one, other| place(one) == place(other)) {
        let (shard, is_lost) = place(&group[0]);
        let (blobs, lost) = (folder.shard(shard), shard_dir(folder.root(), shard));
        let names: Vec<OsString> = group.iter().map(|file| name_of(file.id).into()).collect();
        if is_lost {
            moved.taken_back += move_files(folder, &lost, &blobs, &names)?;
        } else {
            moved.set_aside += move_files(folder, &blobs, &lost, &names)?;
        }
    }
    files.clear();
    Ok(())
}

/// Moves what it can. A file that cannot be moved stays where it is.
fn move_files(folder: &BlobFolder, from: &Path, to: &Path, names: &[OsString]) -> Result<usize, Error> {
    if names.is_empty() {
        return Ok(0);
    }
    let disk = &folder.disk;
    if !to.exists() {
        disk.watch("make a folder", make_dir(to))?;
        disk.watch_sync("sync a folder", sync_dir(&dir(folder.root())))?;
        disk.watch_sync("sync a folder", folder.sync_root())?;
    }
    let mut moved = 0;
    for name in names {
        disk.check()?;
        match disk.watch("rename a file", move_file(&from.join(name), &to.join(name))) {
            Ok(()) => moved += 1,
            // Meanwhile its row was let go of, and the file with it.
            Err(Error::File(error)) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(%error, file = %from.join(name).display(), "the store cannot move a file"),
        }
    }
    // The new names first: a crash between the two may leave both, but never neither.
    disk.watch_sync("sync a folder", sync_dir(to))?;
    disk.watch_sync("sync a folder", sync_dir(from))?;
    Ok(moved)
}

fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    // A rename would replace it.
    if to.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// Where files wait, in the store's folder `root`.
pub(crate) fn dir(root: &Path) -> PathBuf {
    root.join("lost")
}

/// Where the blobs of a shard wait.
pub(crate) fn shard_dir(root: &Path, shard: u8) -> PathBuf {
    dir(root).join(format!("{shard:02x}"))
}

fn name_of(id: BlobId) -> String {
    id.simple().to_string()
}

/// How many files wait in the store's folder `root`.
pub(crate) fn count(root: &Path) -> u64 {
    let entries = |dir: PathBuf| fs::read_dir(dir).into_iter().flatten().flatten();
    entries(dir(root)).map(|shard| entries(shard.path()).count() as u64).sum()
}

#[cfg(test)]
mod tests {
    //! No request can hold a file between its name and its row.

    use bytes::Bytes;

    use super::*;
    use crate::blobs::{Blob, BlobWriter};
    use crate::checksum::Expected;

    #[test]
    fn a_blob_that_waits_for_its_row_is_not_set_aside() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = BlobFolder::open(dir.path(), Default::default()).expect("a store's folder");
        let path = dir.path().join("index.sqlite");
        let conn = crate::index::open(&path).expect("an index");
        let index = Index::start(&path, conn, Default::default()).expect("an index");
        let place = || -> Blob {
            let expected = Expected::default();
            let mut writer = BlobWriter::create(folder.clone(), expected.hasher()).expect("a file");
            writer.write(&[Bytes::from("x")]).expect("written");
            writer.place(&expected).expect("placed")
        };
        let old = place();
        let started = Uuid::now_v7();
        let waiting = place();
        let moved = sort(&folder, &index, started, || true).expect("sorted");
        assert_eq!((moved.set_aside, moved.taken_back), (1, 0));
        assert!(super::path(folder.root(), old.id).exists() && !super::path(folder.root(), waiting.id).exists());
    }
}
