//! `hasty scrub`: read everything in the embedded store, and say what is not what was stored.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use s3_store::scrub::{Event, Progress, Report, scrub};

use super::status_line::StatusLine;
use crate::config::Place;

const MEGABYTE: u64 = 1_000_000;

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
        Event::Progress(progress) => status_line.show(|| progress_text(&progress)),
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

fn progress_text(progress: &Progress) -> String {
    let Progress { objects, bytes, total_objects, total_bytes } = progress;
    format!("{objects} of {total_objects} objects, {} of {} MB", bytes / MEGABYTE, total_bytes / MEGABYTE)
}
