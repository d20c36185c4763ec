//! What lies in the bucket held against the rows, and the rows against each other: what no crash makes, but a lost disk,
//! a restored backup or somebody with a key pair does.
//!
//! Servers may run meanwhile. A row is committed before its object is written and goes after it, so [`objects`] asks for
//! the rows after it has seen the object, and each finding is looked at once more before it counts.

mod mend;
mod objects;
mod rows;

use std::time::Duration;

use crate::app::App;
use crate::db::images::Shown;
use crate::db::jobs::GivenUp;
use crate::error::Error;
pub use mend::Outcome;

/// Calls to storage at the same time.
const CONCURRENCY: usize = 16;
/// Rows that are read at once.
const PAGE: i64 = 500;

#[derive(Clone, Copy)]
pub struct Options {
    pub mode: Mode,
    /// Objects that are younger are left alone.
    pub min_age: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Report,
    /// Mends what can be mended without losing anything.
    Fix,
}

/// Something that does not belong together.
pub enum Finding {
    /// An object that no row knows.
    UnknownObject { key: String },
    /// An image whose photo is not in storage.
    LostPhoto(Shown),
    /// A content whose row says that it has previews, and one of them is not in storage.
    LostPreview {
        content_id: i64,
        /// The oldest image that shows it.
        image_id: Option<i64>,
        key: String,
        photo_key: String,
    },
    /// A content that is counted for another number of images than show it.
    WrongCount { content_id: i64, refs: i64, images: i64 },
    /// Background work that nobody does any more.
    GivenUp(GivenUp),
    /// An uploaded image that nobody examines.
    NoJob { image_id: i64 },
}

/// What has been looked at so far.
#[derive(Clone, Copy, Default)]
pub struct Progress {
    pub objects: usize,
    pub images: usize,
    pub contents: usize,
}

#[derive(Default)]
pub struct Report {
    pub progress: Progress,
    pub findings: usize,
    /// Of the findings, those that the next check does not find again.
    pub mended: usize,
}

pub enum Event<'a> {
    Progress(&'a Progress),
    /// The outcome says what was done about it; `None` where nothing was to be done.
    Finding(&'a Finding, Option<Outcome>),
}

/// One check, as it goes on.
struct Check<'a> {
    app: &'a App,
    options: Options,
    report: Report,
    on_event: &'a mut dyn FnMut(Event<'_>),
}

/// Objects first: a photo that is taken in again knows its previews.
pub async fn check(app: &App, options: Options, on_event: &mut dyn FnMut(Event<'_>)) -> Result<Report, Error> {
    let mut check = Check { app, options, report: Report::default(), on_event };
    objects::check(&mut check).await?;
    rows::check_images(&mut check).await?;
    rows::check_contents(&mut check).await?;
    rows::check_jobs(&mut check).await?;
    Ok(check.report)
}

impl Check<'_> {
    fn looked_at(&mut self, count: impl FnOnce(&mut Progress)) {
        count(&mut self.report.progress);
        (self.on_event)(Event::Progress(&self.report.progress));
    }

    async fn found(&mut self, finding: Finding) -> Result<(), Error> {
        let outcome = match self.options.mode {
            Mode::Report => None,
            Mode::Fix => Some(mend::mend(self.app, &finding).await?),
        };
        self.report.findings += 1;
        self.report.mended += usize::from(outcome.is_some_and(Outcome::is_mended));
        (self.on_event)(Event::Finding(&finding, outcome));
        Ok(())
    }
}
