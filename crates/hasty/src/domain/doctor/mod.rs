//! What an operator wants to know before the guests come: whether each part is there, and fits the others. `hasty doctor`
//! tells all of it; a start logs what is quickly found.

mod browser;
mod database;
mod disk;
mod pages;
mod storage;

use std::fmt;

use crate::app::{self, App};
use crate::clock::Clock;
use crate::config::Config;

/// One line of the report.
#[derive(Debug)]
pub struct Finding {
    pub part: Part,
    pub level: Level,
    pub what: String,
    /// What to do, in one sentence; of all but [`Level::Ok`].
    pub fix: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Configuration,
    Disk,
    Database,
    Storage,
    Pages,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Ok,
    /// It works, and something may surprise.
    Warning,
    /// Photos cannot be taken, or not safely.
    Failure,
}

/// What was found so far, told as it is found.
struct Report<'a> {
    part: Part,
    tell: &'a mut (dyn FnMut(Finding) + Send),
}

impl Report<'_> {
    fn ok(&mut self, what: impl Into<String>) {
        self.add(Level::Ok, what.into(), String::new());
    }

    fn warn(&mut self, what: impl Into<String>, fix: impl Into<String>) {
        self.add(Level::Warning, what.into(), fix.into());
    }

    fn fail(&mut self, what: impl Into<String>, fix: impl Into<String>) {
        self.add(Level::Failure, what.into(), fix.into());
    }

    fn add(&mut self, level: Level, what: String, fix: String) {
        (self.tell)(Finding { part: self.part, level, what, fix });
    }
}

/// Looks at everything, as the server with this configuration would use it, and tells each finding. Makes no file and no
/// table; leaves nothing in the bucket. `mend` makes the bucket where it is missing and no photos were in it, and sets its
/// rules.
pub async fn examine(config: &Config, clock: Clock, mend: bool, tell: &mut (dyn FnMut(Finding) + Send)) {
    if !configuration(config, &mut Report { part: Part::Configuration, tell }) {
        return;
    }
    disk::examine(config, &mut Report { part: Part::Disk, tell });
    let has_photos = database::examine(config, &mut Report { part: Part::Database, tell }).await;
    pages::examine(config, &mut Report { part: Part::Pages, tell }).await;
    let mut report = Report { part: Part::Storage, tell };
    match app::storage_from_outside(config, clock.clone()) {
        Ok(storage) => {
            let site = storage::Site { config, storage: &storage, mend, has_photos };
            storage::examine(&site, &clock, &mut report).await;
        }
        Err(error) => report.fail(format!("{error:#}"), "mend what it names, and look again"),
    }
}

/// What a start looks at, on the parts that it has opened; it has no time for more.
pub async fn at_start(app: &App, tell: &mut (dyn FnMut(Finding) + Send)) {
    disk::examine(&app.config, &mut Report { part: Part::Disk, tell });
    database::examine_open(&app.config, &app.db, &mut Report { part: Part::Database, tell }).await;
    storage::compare_clocks(&app.storage, &app.clock, &mut Report { part: Part::Storage, tell }).await;
}

/// What keeps photos from being taken though database and storage answer: what changes while a server runs, and is asked
/// for each time that somebody wants to know.
pub async fn obstacle(app: &App) -> Option<Finding> {
    let mut found = None;
    let tell = &mut |finding: Finding| {
        if finding.level == Level::Failure {
            found = Some(finding);
        }
    };
    disk::room(&app.config, &mut Report { part: Part::Disk, tell });
    storage::compare_clocks(&app.storage, &app.clock, &mut Report { part: Part::Storage, tell }).await;
    found
}

fn configuration(config: &Config, report: &mut Report<'_>) -> bool {
    let mistakes = config.mistakes();
    for mistake in &mistakes {
        report.fail(mistake, "change this setting");
    }
    if config.open_invitations != crate::config::OpenInvitations::False {
        report.warn(
            "open mode: whoever knows an e-mail address can fetch the upload link of its invitation",
            "leave HASTY_OPEN_INVITATIONS at false, unless only people you trust reach this server",
        );
    }
    if config.database.database_url.is_some() && config.secret.is_none() {
        report.warn(
            "HASTY_SECRET is not set: it is a file of this instance alone",
            "give every instance that shares the database the same HASTY_SECRET",
        );
    }
    if config.trusted_proxies.iter().any(|network| network.prefix_len() == 0) {
        report.warn(
            "HASTY_TRUSTED_PROXIES names every address: whoever guesses keys can pretend to be somebody else each time",
            "name the proxies alone",
        );
    }
    if mistakes.is_empty() {
        report.ok("every setting can be used");
    }
    mistakes.is_empty()
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Part::Configuration => "settings",
            Part::Disk => "disk",
            Part::Database => "database",
            Part::Storage => "storage",
            Part::Pages => "pages",
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Failure => "FAILURE",
        })
    }
}
