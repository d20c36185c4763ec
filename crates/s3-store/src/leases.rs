//! Leases: contents that somebody reads. A blob whose object is overwritten or deleted stays until the last reader
//! of its content is done, so that a download that began goes on.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use crate::index::contents::ContentId;
use crate::inner::Inner;

#[derive(Default)]
pub(crate) struct Leases {
    /// Held shared from looking an object up until it is leased; the sweeper takes it once, exclusively, after it
    /// has read the trash: then everybody who saw the object before it became trash has leased it.
    gate: RwLock<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    readers: HashMap<ContentId, usize>,
    /// Contents that the sweeper passed over because they were being read.
    awaited: HashSet<ContentId>,
}

impl Leases {
    /// To be held while an object is looked up and leased.
    pub(crate) fn looking_up(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for those who look objects up now, then keeps of `contents` those that nobody reads.
    pub(crate) fn unleased(&self, contents: &HashSet<ContentId>) -> HashSet<ContentId> {
        drop(self.gate.write().unwrap_or_else(PoisonError::into_inner));
        let mut state = self.state();
        let (read, unread): (HashSet<_>, _) = contents.iter().partition(|content| state.readers.contains_key(content));
        state.awaited.extend(read);
        unread
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the blobs of one content in place.
pub(crate) struct Lease {
    inner: Arc<Inner>,
    content: ContentId,
}

impl Lease {
    /// Leases a content that was looked up while `Leases::looking_up` was held.
    pub(crate) fn new(inner: &Arc<Inner>, content: ContentId) -> Lease {
        *inner.leases.state().readers.entry(content).or_default() += 1;
        Lease { inner: inner.clone(), content }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.inner.leases.state();
        let Some(count) = state.readers.get_mut(&self.content) else { return };
        *count -= 1;
        if *count == 0 {
            state.readers.remove(&self.content);
            if state.awaited.remove(&self.content) {
                self.inner.sweeper.wake();
            }
        }
    }
}
