//! Removes blob files that nothing shows any more: those that the index calls trash, after the commit that let go of
//! them and never before. A file that cannot be removed stays trash, and keeps no other from going.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use uuid::Uuid;

use crate::blobs::{BlobFolder, BlobId};
use crate::error::Error;
use crate::index::{Index, contents};
use crate::leases::Leases;
use crate::lost;

const MAX_BATCH: usize = 500;

/// A thread that empties the trash whenever it is woken.
pub(crate) struct Sweeper {
    bell: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sweeper {
    pub(crate) fn start(index: Arc<Index>, blobs: Arc<BlobFolder>, leases: Arc<Leases>) -> io::Result<Sweeper> {
        let (bell, rung) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("s3-sweeper".into())
            .spawn(move || sweep_when_rung(&rung, &index, &blobs, &leases))?;
        Ok(Sweeper { bell: Some(bell), thread: Some(thread) })
    }

    /// Wakes the thread: there may be trash.
    pub(crate) fn wake(&self) {
        if let Some(bell) = &self.bell {
            // A full channel means that it is about to wake anyway.
            let _ = bell.try_send(());
        }
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        drop(self.bell.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn sweep_when_rung(rung: &Receiver<()>, index: &Index, blobs: &BlobFolder, leases: &Leases) {
    while rung.recv().is_ok() {
        if let Err(error) = empty_trash(index, blobs, leases) {
            tracing::warn!(%error, "the store keeps files that it no longer needs until the next try");
        }
    }
}

fn empty_trash(index: &Index, blobs: &BlobFolder, leases: &Leases) -> Result<(), Error> {
    let mut after = Uuid::nil();
    loop {
        let trash = index.read_blocking(|tx| contents::list_trash(tx, after, MAX_BATCH))?;
        let Some((last, _)) = trash.last() else { return Ok(()) };
        after = *last;
        let unread = leases.unleased(&trash.iter().map(|(_, content)| *content).collect::<HashSet<_>>());
        let unread = trash.iter().filter(|(_, content)| unread.contains(content)).map(|(blob, _)| *blob);
        let gone = remove(blobs, unread);
        index.write_blocking(move |tx| contents::delete_trash(tx, &gone))?;
    }
}

/// Removes what it can, and returns what is gone.
fn remove(blobs: &BlobFolder, trash: impl Iterator<Item = BlobId>) -> Vec<BlobId> {
    let is_gone = |blob: &BlobId| match blobs.remove(*blob) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, %blob, "the store cannot remove a file that it no longer needs");
            false
        }
    };
    trash.filter(is_gone).collect()
}

/// At the start, when nobody reads or writes: removes all trash, and sets aside the files that no row names.
pub(crate) fn sweep_leftovers(index: &Connection, blobs: &BlobFolder) -> Result<(), Error> {
    let mut known = contents::all_blob_ids(index)?;
    known.sort_unstable();
    let returned = lost::take_back(blobs, &known)?;
    if returned > 0 {
        tracing::info!(returned, "the store's index knows files again that were set aside");
    }
    let trash = contents::list_trash(index, Uuid::nil(), usize::MAX)?;
    let trash: Vec<BlobId> = trash.into_iter().map(|(blob, _)| blob).collect();
    let gone = remove(blobs, trash.iter().copied());
    known.extend(trash);
    known.sort_unstable();
    let set_aside = lost::set_aside(blobs, &known)?;
    if set_aside > 0 {
        let folder = blobs.lost();
        tracing::warn!(set_aside, folder = %folder.display(), "moved files that no row of the index names");
    }
    let tx = index.unchecked_transaction()?;
    contents::delete_trash(&tx, &gone)?;
    Ok(tx.commit()?)
}
