//! Whoever watches hears of each image whose state changes. What happens in this process is heard at once, what happens
//! in another one a little later. It is news, not a promise: who must know, asks for the image.

use std::collections::{BTreeMap, HashMap, HashSet};
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
/// For what other instances have done.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// What has a lower id and shows later is waited for so long.
const OVERTAKEN: Duration = Duration::from_secs(10);
/// How long news is kept for those who were away.
pub const KEPT: Duration = Duration::from_secs(24 * 3600);
const PAGE: i64 = 500;

/// Where watchers wait.
pub struct Watching {
    bell: watch::Sender<Bell>,
    places: Arc<Places>,
}

/// How many watch: all, and by whose images they watch.
#[derive(Default)]
struct Places(Mutex<HashMap<Scope, usize>>);

/// Given back with this value.
struct Place {
    places: Arc<Places>,
    scope: Scope,
}

#[derive(Default)]
struct Bell {
    has_ended: bool,
}

impl Watching {
    pub fn new() -> Watching {
        Watching { bell: watch::Sender::default(), places: Arc::default() }
    }

    /// There is news.
    pub fn ring(&self) {
        self.bell.send_modify(|_| {});
    }

    /// Sends everybody home.
    pub fn end(&self) {
        self.bell.send_modify(|bell| bell.has_ended = true);
    }
}

impl Places {
    fn taken(&self) -> MutexGuard<'_, HashMap<Scope, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn take(places: Arc<Places>, scope: Scope) -> Result<Place, Error> {
        let mut taken = places.taken();
        let is_full = taken.values().sum::<usize>() >= PLACES;
        let of_one = taken.entry(scope).or_default();
        if is_full || *of_one >= PLACES_OF_ONE {
            return Err(Error::WatchersBusy);
        }
        *of_one += 1;
        drop(taken);
        Ok(Place { places, scope })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(of_one) = taken.get_mut(&self.scope) {
            *of_one -= 1;
        }
        taken.retain(|_, of_one| *of_one > 0);
    }
}

/// Somebody who watches, and what they have heard.
pub struct Watcher {
    scope: Scope,
    bell: watch::Receiver<Bell>,
    /// All that is to be told has a higher id.
    floor: i64,
    /// Above the floor, when it happened.
    told: BTreeMap<i64, Micros>,
    until: Instant,
    _place: Place,
}

impl Watcher {
    /// From behind the event `after` on, or from now.
    pub async fn start(app: &App, scope: Scope, after: Option<i64>) -> Result<Watcher, Error> {
        let place = Place::take(app.watching.places.clone(), scope)?;
        let bell = app.watching.bell.subscribe();
        let floor = match after {
            Some(after) => after,
            None => last_id(app).await?,
        };
        let (told, until) = (BTreeMap::new(), Instant::now() + LONGEST);
        Ok(Watcher { scope, bell, floor, told, until, _place: place })
    }

    pub fn floor(&self) -> i64 {
        self.floor
    }

    /// Waits for news. `None`: it is time to come again.
    pub async fn next(&mut self, app: &App) -> Option<Vec<Event>> {
        loop {
            if self.bell.borrow_and_update().has_ended || Instant::now() >= self.until {
                return None;
            }
            let news = self.look(app).await.inspect_err(Error::log).ok()?;
            if !news.is_empty() {
                return Some(news);
            }
            tokio::select! {
                changed = self.bell.changed() => changed.ok()?,
                () = sleep(POLL_INTERVAL), if app.db.is_shared() => {}
                () = tokio::time::sleep_until(self.until) => {}
            }
            sleep(GATHERING).await;
        }
    }

    async fn look(&mut self, app: &App) -> Result<Vec<Event>, Error> {
        let (scope, mut after) = (self.scope, self.floor);
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
