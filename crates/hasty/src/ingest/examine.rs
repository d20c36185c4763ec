//! Type, metadata and previews, found out by a process that can do no harm.

use std::os::unix::fs::FileExt;

use metadata::{FileType, Metadata, SNIFF_BYTES, Warning, sniff};
use serde_json::json;

use super::Stop;
use super::receive::Received;
use crate::app::App;
use crate::db::jobs::Job;
use crate::domain::rejection::{MAX_PIXELS, Rejection};
use crate::error::Error;
use crate::worker::{Previews, Problem, WorkerError};

/// From this attempt on, a worker that was interrupted once more is believed to be the photo's own doing. Two minutes of
/// waiting lie before it: a machine that was short of memory, or asleep, has had its time.
const BELIEVED_ATTEMPT: i64 = 8;

/// What a photo turns out to be.
pub(super) struct Examined {
    pub(super) file_type: FileType,
    pub(super) metadata: Metadata,
    /// What is wrong with it, though it is kept: codes of `metadata::Warning`, and ours for previews.
    pub(super) warnings: Vec<String>,
    pub(super) previews: Option<Previews>,
}

pub(super) async fn examine(app: &App, job: &Job, received: &Received) -> Result<Examined, Stop> {
    let sniffed = sniffed(received)?.ok_or(Stop::Reject(Rejection::NotAnImage))?;
    let file = received.photo.file.try_clone().map_err(Error::from)?;
    let found = app.workers.examine(file).await.map_err(Error::from)?;
    if found.previews == Err(Problem::Interrupted) && job.attempts < BELIEVED_ATTEMPT {
        return Err(Error::from(WorkerError::Interrupted).into());
    }
    let reading = found.reading;
    if pixels(&reading.metadata) > MAX_PIXELS {
        return Err(Stop::Reject(Rejection::TooManyPixels));
    }
    let mut warnings: Vec<String> = reading.warnings.iter().map(|warning| code(*warning)).collect();
    if reading.incomplete {
        warnings.push("cut_off".into());
    }
    warnings.extend(preview_warning(&found.previews).map(str::to_owned));
    Ok(Examined {
        file_type: reading.file_type.unwrap_or(sniffed),
        metadata: reading.metadata,
        warnings,
        previews: found.previews.ok(),
    })
}

/// Not the worker's word: one that a photo has killed says nothing, and the photo stays.
fn sniffed(received: &Received) -> Result<Option<FileType>, Error> {
    let mut head = [0; SNIFF_BYTES];
    let len = received.photo.file.read_at(&mut head, 0)?;
    Ok(sniff(&head[..len]))
}

fn pixels(metadata: &Metadata) -> u64 {
    metadata.width.zip(metadata.height).map_or(0, |(width, height)| u64::from(width) * u64::from(height))
}

fn code(warning: Warning) -> String {
    json!(warning).as_str().unwrap_or_default().to_owned()
}

fn preview_warning(previews: &Result<Previews, Problem>) -> Option<&'static str> {
    match previews {
        Ok(previews) if previews.is_partial => Some("preview_partial"),
        Ok(_) => None,
        Err(Problem::Damaged) => Some("preview_damaged"),
        Err(Problem::Unsupported) => Some("preview_unsupported"),
        Err(Problem::TooManyPixels | Problem::TooMuchMemory | Problem::TooSlow | Problem::Interrupted) => {
            Some("preview_too_large")
        }
    }
}
