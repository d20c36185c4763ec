//! `hasty scrub`: read everything in the embedded store, and say what is not what was stored.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use s3_store::scrub::{Event, Progress, Report, scrub};

use crate::config::Place;

const MEGABYTE: u64 = 1_000_000;
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// What `hasty scrub` can be told.
#[derive(Args)]
pub struct Settings {
    #[command(flatten)]
    place: Place,

    /// Megabytes that are read in a second at most, so that the server stays fast; 0 is no limit
    #[arg(long, env = "HASTY_SCRUB_RATE", default_value_t = 50)]
    rate: u64,
}

/// Fails where there is nothing to scrub; damage is a status of 1.
pub fn run(settings: &Settings) -> Result<ExitCode> {
    if let Some(endpoint) = &settings.place.s3_endpoint {
        bail!(
            "the photos are in the S3 at {endpoint}: scrub reads the embedded store, and that one has to check itself"
        );
    }
    let dir = settings.place.store_dir();
    let mut status_line = StatusLine::new();
    let report = scrub(&dir, settings.rate.saturating_mul(MEGABYTE), |event| match event {
        Event::Progress(progress) => status_line.show(&progress),
        Event::Finding(finding) => {
            status_line.clear();
            // Nobody may be reading any more; the exit status tells it too.
            let _ = writeln!(stdout(), "damaged: {finding}");
        }
    })?;
    status_line.clear();
    let _ = writeln!(stdout(), "{}", summary(&report));
    if report.lost_files > 0 {
        let lost = dir.join("lost");
        let _ =
            writeln!(stdout(), "{} files that the index does not know wait in {}", report.lost_files, lost.display());
    }
    Ok(if report.findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn summary(report: &Report) -> String {
    let Progress { objects, bytes, .. } = report.progress;
    let outcome = match report.findings {
        0 => "all sound".to_owned(),
        findings => format!("damage found: {findings}"),
    };
    let secs = report.elapsed.as_secs_f64();
    format!("{objects} objects, {} MB, {secs:.1} s: {outcome}", bytes / MEGABYTE)
}

/// One line on a terminal that is written over and over.
struct StatusLine {
    is_terminal: bool,
    shown: Option<Instant>,
}

impl StatusLine {
    fn new() -> StatusLine {
        StatusLine { is_terminal: stderr().is_terminal(), shown: None }
    }

    fn show(&mut self, progress: &Progress) {
        if !self.is_terminal || self.shown.is_some_and(|shown| shown.elapsed() < PROGRESS_EVERY) {
            return;
        }
        self.shown = Some(Instant::now());
        let Progress { objects, bytes, total_objects, total_bytes } = progress;
        let _ = write!(
            stderr(),
            "\r\x1b[K{objects} of {total_objects} objects, {} of {} MB",
            bytes / MEGABYTE,
            total_bytes / MEGABYTE
        );
    }

    /// Makes room for a line that stays.
    fn clear(&mut self) {
        if self.shown.take().is_some() {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}
