//! `hasty check`: the bucket held against the database.

use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use s3_store::OpenError;

use super::status_line::StatusLine;
use crate::app::{App, is_there};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::SQLITE_FILE;
use crate::domain::check::{Event, Finding, Mode, Options, Outcome, Progress, Report, check};

const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// What `hasty check` can be told, besides what the server is told.
#[derive(Args)]
pub struct Settings {
    /// Mend what can be mended. Look first at what a check without it names: with an older database, or the bucket of
    /// another installation, sound photos look like leftovers. These stay for 7 days. A lost photo is only named
    #[arg(long)]
    fix: bool,

    /// Leave objects alone that are younger than this
    #[arg(long, default_value_t = 24)]
    min_age_hours: u32,

    #[command(flatten, next_help_heading = "The server's settings")]
    config: Config,
}

/// A finding is a status of 1, mended or not.
pub fn run(settings: Settings) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let options = Options {
        mode: if settings.fix { Mode::Fix } else { Mode::Report },
        min_age: Duration::from_secs(u64::from(settings.min_age_hours) * 3600),
    };
    let app = {
        let _within = runtime.enter();
        open(settings.config)?
    };
    let report = runtime.block_on(async {
        app.check_database().await?;
        tell(&app, options).await
    });
    drop(app);
    runtime.shutdown_timeout(STOP_TIMEOUT);
    let report = report?;
    let _ = writeln!(stdout(), "{}", summary(&report, options.mode));
    Ok(if report.findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Makes nothing where nothing is.
fn open(config: Config) -> Result<App> {
    let (place, listen) = (config.place.clone(), config.listen);
    let database = place.data_dir.join(SQLITE_FILE);
    if config.database.database_url.is_none() && !is_there(&database)? {
        bail!("there is no database in {}: give the settings of the server", database.display());
    }
    if place.s3_endpoint.is_none() && !is_there(&place.store_dir())? {
        bail!("there is no store in {}: give the settings of the server", place.store_dir().display());
    }
    App::open(config, Clock::system(), listen).map_err(|error| match error.downcast_ref() {
        Some(OpenError::Locked(dir)) => anyhow::anyhow!(
            "a server works with the store in {}: stop it, check, and start it again (`hasty scrub` reads beside it)",
            dir.display()
        ),
        _ => error,
    })
}

async fn tell(app: &App, options: Options) -> Result<Report> {
    let mut status_line = StatusLine::new();
    let mut on_event = |event: Event<'_>| match event {
        Event::Progress(progress) => status_line.show(|| progress_text(progress)),
        Event::Finding(finding, outcome) => {
            status_line.clear();
            let done = outcome.map(|outcome| format!("; {}", words(outcome))).unwrap_or_default();
            // Nobody may be reading any more; the exit status tells it too.
            let _ = writeln!(stdout(), "{}{done}", line(finding));
        }
    };
    let report = check(app, options, &mut on_event).await;
    status_line.clear();
    Ok(report?)
}

/// Names come from guests, and keys from whoever has a key pair: what is no letter is escaped.
fn line(finding: &Finding) -> String {
    match finding {
        Finding::UnknownObject { key } => format!("object without a row: {}", key.escape_debug()),
        Finding::LostPhoto(image) => format!(
            "photo missing: image {} {:?} of invitation {}, at {}",
            image.id,
            image.name,
            image.invitation_public_id,
            image.photo_key.as_deref().unwrap_or("no key")
        ),
        Finding::LostPreview { content_id, image_id, key, .. } => {
            let image = image_id.map(|id| format!(", shown by image {id}")).unwrap_or_default();
            format!("preview missing: {key} of content {content_id}{image}")
        }
        Finding::WrongCount { content_id, refs, images } => {
            format!("count wrong: content {content_id} is shown by {images} images and counted for {refs}")
        }
        Finding::GivenUp(job) => {
            format!("work given up: {} {}: {}", job.kind.as_str(), job.key, job.error.escape_debug())
        }
        Finding::NoJob { image_id } => format!("nobody examines image {image_id}, which has been uploaded"),
    }
}

fn words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Discarded => "the server removes it in an hour or two",
        Outcome::DiscardedLater => {
            "the server removes it in 7 days: it may be nowhere else, so copy it until then if you miss a photo"
        }
        Outcome::Queued => "queued again",
        Outcome::Recounted => "right now",
        Outcome::PreviewsForgotten => "its row says now that there is none; the photo itself is there",
        Outcome::Changed => "has just been changed by somebody else",
        Outcome::Foreign => "not removed: no server makes such a key",
        Outcome::Misnamed => "not removed: its bytes are not those that its key stands for",
        Outcome::Irreparable => "cannot be mended: only a backup has it",
    }
}

fn progress_text(Progress { objects, images, contents }: &Progress) -> String {
    format!("{objects} objects, {images} images, {contents} contents")
}

fn summary(report: &Report, mode: Mode) -> String {
    let outcome = match (report.findings, mode) {
        (0, _) => "all fits together".to_owned(),
        (findings, Mode::Report) => format!("findings: {findings}; --fix mends what can be mended"),
        (findings, Mode::Fix) => format!("findings: {findings}, of which {} are mended", report.mended),
    };
    format!("{}: {outcome}", progress_text(&report.progress))
}
