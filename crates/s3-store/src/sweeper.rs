//! Removes blob files that nothing shows any more: those that the index calls trash, after the commit that let go of
//! them and never before. A file that cannot be removed stays trash, and keeps no other from going. After a start it
//! also looks for files that no row names.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use uuid::Uuid;

use crate::blobs::{BlobFolder, BlobId};
use crate::error::Error;
use crate::index::{Index, contents};
use crate::leases::Leases;
use crate::lost::{self, Moved};

const MAX_BATCH: usize = 500;
/// From being woken to emptying the trash: what many requests leave in it goes with one commit.
const GATHERING: Duration = Duration::from_millis(50);
/// Between two steps of the search for lost files: requests come first.
const PAUSE: Duration = Duration::from_millis(2);

/// A thread that empties the trash whenever it is woken.
pub(crate) struct Sweeper {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

impl Sweeper {
    /// Starts with what the last process left. Nothing may have been written since the start.
    pub(crate) fn start(index: Arc<Index>, blobs: Arc<BlobFolder>, leases: Arc<Leases>) -> io::Result<Sweeper> {
        let bell = Arc::new(Bell::default());
        let sweep = Sweep { index, blobs, leases, bell: bell.clone() };
        // Ids that one process makes ascend, even where its clock goes back.
        let started = Uuid::now_v7();
        let thread = thread::Builder::new().name("s3-sweeper".into()).spawn(move || sweep.run(started))?;
        Ok(Sweeper { bell, thread: Some(thread) })
    }

    /// Wakes the thread: there may be trash.
    pub(crate) fn wake(&self) {
        let mut rings = self.bell.rings();
        if !rings.is_rung {
            rings.is_rung = true;
            self.bell.changed.notify_one();
        }
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.bell.rings().is_closing = true;
        self.bell.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[derive(Default)]
struct Bell {
    rings: Mutex<Rings>,
    changed: Condvar,
}

#[derive(Default)]
struct Rings {
    is_rung: bool,
    is_closing: bool,
}

impl Bell {
    fn rings(&self) -> MutexGuard<'_, Rings> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits to be rung, a little longer, or for the end.
    fn wait(&self) {
        let rings = self.changed.wait_while(self.rings(), |rings| !rings.is_rung && !rings.is_closing);
        drop(rings);
        self.pause(GATHERING);
    }

    /// Waits this long, or for the end.
    fn pause(&self, pause: Duration) {
        drop(self.changed.wait_timeout_while(self.rings(), pause, |rings| !rings.is_closing));
    }
}

/// What the thread works with.
struct Sweep {
    index: Arc<Index>,
    blobs: Arc<BlobFolder>,
    leases: Arc<Leases>,
    bell: Arc<Bell>,
}

impl Sweep {
    fn run(&self, started: BlobId) {
        self.empty_trash();
        let goes_on = || {
            self.bell.pause(PAUSE);
            if self.bell.rings().is_rung {
                self.empty_trash();
            }
            self.may_write()
        };
        match lost::sort(&self.blobs, &self.index, started, goes_on) {
            Ok(moved) => report(&moved, &self.blobs),
            Err(error) => tracing::warn!(%error, "the store has not found out whether it holds files without a row"),
        }
        while !self.bell.rings().is_closing {
            self.bell.wait();
            self.empty_trash();
        }
    }

    fn may_write(&self) -> bool {
        self.blobs.disk.failure().is_none() && !self.bell.rings().is_closing
    }

    fn empty_trash(&self) {
        self.bell.rings().is_rung = false;
        if let Err(error) = self.try_empty_trash() {
            tracing::warn!(%error, "the store keeps files that it no longer needs until the next try");
        }
    }

    fn try_empty_trash(&self) -> Result<(), Error> {
        let mut after = Uuid::nil();
        while self.may_write() {
            let trash = self.index.read_blocking(|tx| contents::list_trash(tx, after, MAX_BATCH))?;
            let Some((last, _)) = trash.last() else { break };
            after = *last;
            let unread = self.leases.unleased(&trash.iter().map(|(_, content)| *content).collect::<HashSet<_>>());
            let unread = trash.iter().filter(|(_, content)| unread.contains(content)).map(|(blob, _)| *blob);
            let gone = self.remove(unread);
            // Without its row, a file that came back after a power cut would be taken for a lost one.
            self.blobs.sync_removals(&gone)?;
            self.index.write_blocking(move |tx| contents::delete_trash(tx, &gone))?;
        }
        Ok(())
    }

    /// Removes what it can, and returns what is gone.
    fn remove(&self, trash: impl Iterator<Item = BlobId>) -> Vec<BlobId> {
        let is_gone = |blob: &BlobId| match self.blobs.remove(*blob) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, %blob, "the store cannot remove a file that it no longer needs");
                false
            }
        };
        trash.filter(is_gone).collect()
    }
}

fn report(moved: &Moved, blobs: &BlobFolder) {
    if moved.taken_back > 0 {
        tracing::info!(files = moved.taken_back, "the store's index knows files again that were set aside");
    }
    if moved.set_aside > 0 {
        let folder = lost::dir(blobs.root());
        tracing::warn!(files = moved.set_aside, folder = %folder.display(), "moved files that no row of the index names");
    }
}
