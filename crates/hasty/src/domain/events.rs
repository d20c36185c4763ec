//! Whoever watches hears of each image whose state changes. What happens in this process is heard at once, what happens
//! in another one a little later. It is news, not a promise: who must know, asks for the image.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::app::App;
use crate::clock::Micros;
use crate::db::events::{self, Event};
use crate::db::images::Scope;
use crate::error::Error;

/// Watchers at once, each with a connection.
const PLACES: usize = 1000;
/// Of these, for one link: who holds it takes no place from the guests of others.
const PLACES_OF_ONE: usize = 100;
/// After this a watcher comes again, and shows that it still may.
const LONGEST: Duration = Duration::from_secs(600);
/// News comes together: a batch is one look at the database.
const GATHERING: Duration = Duration::from_millis(200);
/// Between two looks for what other instances have done.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// What has a lower id and shows later is waited for so long.
const OVERTAKEN: Duration = Duration::from_secs(10);
/// How long news is kept for those who were away.
pub const KEPT: Duration = Duration::from_secs(24 * 3600);
const PAGE: i64 = 500;

/// Where watchers wait.
#[derive(Default)]
pub struct Watching {
    places: Mutex<HashMap<Scope, Places>>,
    has_ended: AtomicBool,
}

/// Of those who watch the same images.
#[derive(Default)]
struct Places {
    taken: usize,
    bell: watch::Sender<()>,
}

/// Given back with this value.
struct Place {
    watching: Arc<Watching>,
    scope: Scope,
}

impl Watching {
    /// There is news of this invitation's images.
    pub fn ring(&self, invitation_id: i64) {
        let places = self.places();
        for scope in [Scope::Invitation(invitation_id), Scope::All] {
            if let Some(places) = places.get(&scope) {
                places.bell.send_replace(());
            }
        }
    }

    /// Sends everybody home.
    pub fn end(&self) {
        self.has_ended.store(true, Ordering::SeqCst);
        self.places().values().for_each(|places| places.bell.send_replace(()));
    }

    fn places(&self) -> MutexGuard<'_, HashMap<Scope, Places>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn take(watching: Arc<Watching>, scope: Scope) -> Result<(Place, watch::Receiver<()>), Error> {
        let mut all = watching.places();
        let is_full = all.values().map(|places| places.taken).sum::<usize>() >= PLACES;
        let places = all.entry(scope).or_default();
        if is_full || places.taken >= PLACES_OF_ONE {
            return Err(Error::WatchersBusy);
        }
        places.taken += 1;
        let bell = places.bell.subscribe();
        drop(all);
        Ok((Place { watching, scope }, bell))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.watching.places();
        if let Some(places) = all.get_mut(&self.scope) {
            places.taken -= 1;
        }
        all.retain(|_, places| places.taken > 0);
    }
}

/// Rings for what other instances have done, as long as it runs: one look for all who watch here.
pub async fn follow_others(app: Arc<App>) {
    let mut heard = None;
    loop {
        if let Err(error) = pass_on(&app, &mut heard).await {
            error.log();
        }
        sleep(POLL_INTERVAL).await;
    }
}

async fn pass_on(app: &App, heard: &mut Option<Heard>) -> Result<(), Error> {
    let heard = match heard {
        Some(heard) => heard,
        None => heard.insert(Heard::until(last_id(app).await?)),
    };
    loop {
        let news = heard.look(app, Scope::All).await?;
        if news.is_empty() {
            return Ok(());
        }
        news.iter().for_each(|event| app.watching.ring(event.invitation_id));
    }
}

/// Somebody who watches.
pub struct Watcher {
    heard: Heard,
    bell: watch::Receiver<()>,
    until: Instant,
    place: Place,
}

impl Watcher {
    /// From behind the event `after` on, or from now.
    pub async fn start(app: &App, scope: Scope, after: Option<i64>) -> Result<Watcher, Error> {
        let (place, bell) = Place::take(app.watching.clone(), scope)?;
        let floor = match after {
            Some(after) => after,
            None => last_id(app).await?,
        };
        Ok(Watcher { heard: Heard::until(floor), bell, until: Instant::now() + LONGEST, place })
    }

    pub fn floor(&self) -> i64 {
        self.heard.floor
    }

    /// Waits for news. `None`: it is time to come again.
    pub async fn next(&mut self, app: &App) -> Option<Vec<Event>> {
        loop {
            self.bell.mark_unchanged();
            if app.watching.has_ended.load(Ordering::SeqCst) || Instant::now() >= self.until {
                return None;
            }
            let news = self.heard.look(app, self.place.scope).await.inspect_err(Error::log).ok()?;
            if !news.is_empty() {
                return Some(news);
            }
            tokio::select! {
                changed = self.bell.changed() => changed.ok()?,
                () = tokio::time::sleep_until(self.until) => {}
            }
            sleep(GATHERING).await;
        }
    }
}

/// What has been heard.
struct Heard {
    /// All that is to be told has a higher id.
    floor: i64,
    /// Above the floor, when it happened.
    told: BTreeMap<i64, Micros>,
}

impl Heard {
    fn until(floor: i64) -> Heard {
        Heard { floor, told: BTreeMap::new() }
    }

    async fn look(&mut self, app: &App, scope: Scope) -> Result<Vec<Event>, Error> {
        let mut after = self.floor;
        loop {
            let now = app.clock.now();
            let page: Vec<Event> =
                app.db.read(move |tx| Ok::<_, Error>(events::list(tx, scope, after, PAGE, now)?)).await?;
            let is_last = page.len() < PAGE as usize;
            after = page.last().map_or(after, |last| last.id);
            let mut images = HashSet::new();
            // The newest first: of an image that has changed twice, once is enough.
            let mut news: Vec<_> =
                page.into_iter().rev().filter(|event| self.told.insert(event.id, event.at).is_none()).collect();
            news.retain(|event| images.insert(event.image_id));
            news.reverse();
            if is_last || !news.is_empty() {
                self.raise_floor(now);
                return Ok(news);
            }
        }
    }

    fn raise_floor(&mut self, now: Micros) {
        let settled = Micros(now.0 - OVERTAKEN.as_micros() as i64);
        while let Some(first) = self.told.first_entry().filter(|first| *first.get() < settled) {
            (self.floor, _) = first.remove_entry();
        }
    }
}

/// Where whoever watches from now on may begin.
pub async fn last_id(app: &App) -> Result<i64, Error> {
    app.db.read(|tx| Ok(events::last_id(tx)?)).await
}
