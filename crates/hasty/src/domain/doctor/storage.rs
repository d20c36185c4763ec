//! The storage, as the server uses it: the bucket, its rules, its clock, and the calls that keep photos what they are.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use uuid::Uuid;

use super::{Report, browser, pages};
use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::storage::key::StorageKey;
use crate::storage::{IfMissing, Storage, StorageError};

/// S3 refuses a signature that is 15 minutes off; a warning comes before.
const CLOCK_WARNING: Duration = Duration::from_secs(60);
const CLOCK_FAILURE: Duration = Duration::from_secs(600);
/// Days after which rules of ours abort what was begun in parts and not ended.
const STALE_PARTS_DAYS: u32 = 7;
const PROBE: &[u8] = b"hasty doctor was here";

/// What is looked at, and what may be done there.
pub(super) struct Site<'a> {
    pub config: &'a Config,
    pub storage: &'a Storage,
    /// Whether what is missing is made.
    pub mend: bool,
    /// Whether photos are to lie there, where that is known.
    pub has_photos: Option<bool>,
}

pub(super) async fn examine(site: &Site<'_>, clock: &Clock, report: &mut Report<'_>) {
    if !bucket(site, report).await {
        return;
    }
    let &Site { config, storage, mend, .. } = site;
    compare_clocks(storage, clock, report).await;
    let Ok(page) = pages::page_url(config) else { return };
    let origin = page.origin().ascii_serialization();
    // The embedded store is another origin for nobody, and needs no rules.
    if config.place.s3_endpoint.is_some() {
        cors(storage, &origin, mend, report).await;
        stale_parts(storage, mend, report).await;
    }
    browser::examine(storage, &page, report).await;
    if let Err(error) = copies(storage, report).await {
        report.fail(format!("a copy inside the bucket failed: {error}"), "let this key pair copy objects");
    }
}

async fn bucket(site: &Site<'_>, report: &mut Report<'_>) -> bool {
    let &Site { config, storage, .. } = site;
    let name = &config.s3_bucket;
    match storage.bucket_status().await {
        Ok((StatusCode::OK, _)) => {
            report.ok(format!("the bucket {name} answers"));
            true
        }
        Ok((StatusCode::NOT_FOUND, _)) => missing_bucket(site, report).await,
        Ok((status, _)) => {
            report.fail(
                format!("the storage answers {status} for the bucket {name}"),
                "check HASTY_S3_ACCESS_KEY_ID, HASTY_S3_SECRET_ACCESS_KEY, HASTY_S3_REGION, and what they may do",
            );
            false
        }
        Err(error) if config.place.s3_endpoint.is_none() => {
            report.warn(
                format!("the embedded store is looked at through its server, which does not answer: {error}"),
                "start hasty serve, and look again",
            );
            false
        }
        Err(error) => {
            report.fail(error.to_string(), "start it, or change HASTY_S3_ENDPOINT");
            false
        }
    }
}

/// One that photos lay in is not made anew: a start would take that for theirs.
async fn missing_bucket(site: &Site<'_>, report: &mut Report<'_>) -> bool {
    let &Site { config, storage, mend, has_photos } = site;
    let name = &config.s3_bucket;
    let made = match has_photos {
        Some(false) if mend => storage.ensure_bucket(IfMissing::Make).await,
        Some(false) => {
            report.fail(format!("there is no bucket {name}"), "run hasty doctor --fix, or let the next start make it");
            return false;
        }
        Some(true) => {
            report.fail(app::lost_bucket(config), app::FIND_BUCKET);
            return false;
        }
        None => {
            let what = format!("there is no bucket {name}, and the database does not say whether photos were in it");
            report.fail(what, "mend the database first");
            return false;
        }
    };
    match &made {
        Ok(()) => report.ok(format!("the bucket {name} is made")),
        Err(error) => {
            report.fail(format!("the bucket {name} cannot be made: {error}"), "make it by hand, for this key pair")
        }
    }
    made.is_ok()
}

/// Signatures carry a time: where the clocks differ, no upload is taken.
pub(super) async fn compare_clocks(storage: &Storage, clock: &Clock, report: &mut Report<'_>) {
    let Ok((_, Some(theirs))) = storage.bucket_status().await else { return };
    let apart = Duration::from_secs(theirs.as_second().abs_diff(clock.timestamp().as_second()));
    let what = format!("its clock and this one differ by {} s", apart.as_secs());
    let fix = "let both machines follow a time server";
    if apart > CLOCK_FAILURE {
        report.fail(what, fix);
    } else if apart > CLOCK_WARNING {
        report.warn(what, fix);
    } else {
        report.ok(what);
    }
}

async fn cors(storage: &Storage, origin: &str, mend: bool, report: &mut Report<'_>) {
    let origins = [origin.to_owned()];
    match storage.lets_pages_put(&origins).await {
        Ok(true) => report.ok(format!("a rule of the bucket lets pages of {origin} send photos")),
        Ok(false) if mend => match storage.ensure_cors(&origins).await {
            Ok(()) => report.ok(format!("a new rule of the bucket lets pages of {origin} send photos")),
            Err(error) => report.fail(format!("the rule for {origin} cannot be set: {error}"), "set it by hand"),
        },
        Ok(false) => report.fail(
            format!("no rule of the bucket lets pages of {origin} send photos (CORS)"),
            "run hasty doctor --fix, or let the next start set it",
        ),
        Err(error) => report.warn(
            format!("the bucket's CORS rules cannot be read: {error}"),
            "see below whether a browser could send photos",
        ),
    }
}

async fn stale_parts(storage: &Storage, mend: bool, report: &mut Report<'_>) {
    let fix = "run hasty doctor --fix; the server itself aborts what it knows to have been left";
    match storage.aborts_stale_parts().await {
        Ok(true) => report.ok("a rule of the bucket aborts uploads in parts that were left"),
        Ok(false) if mend => match storage.abort_stale_parts_after(STALE_PARTS_DAYS).await {
            Ok(()) => report.ok(format!("a new rule aborts uploads in parts after {STALE_PARTS_DAYS} days")),
            Err(error) => report.warn(format!("the rule about stale parts cannot be set: {error}"), "set it by hand"),
        },
        Ok(false) => report.warn("no rule of the bucket aborts uploads in parts that were left", fix),
        Err(error) => report.warn(format!("the bucket's lifecycle rules cannot be read: {error}"), fix),
    }
}

/// What `complete` and ingest rest upon: a copy is made of the very bytes that were looked at, or not at all.
async fn copies(storage: &Storage, report: &mut Report<'_>) -> Result<(), StorageError> {
    let from = StorageKey::Incoming { id: Uuid::new_v4(), file_type: None }.to_string();
    let to = StorageKey::Arrived { id: Uuid::new_v4(), file_type: None }.to_string();
    storage.put(&from, "application/octet-stream", Bytes::from_static(PROBE)).await?;
    let looked_at = storage.head(&from).await?;
    let etag = looked_at.map(|head| head.etag).unwrap_or_default();
    let copied = storage.copy(&from, &etag, &to, "application/octet-stream").await;
    let other = storage.copy(&from, "\"00000000000000000000000000000000\"", &to, "application/octet-stream").await;
    for key in [&from, &to] {
        storage.delete(key).await?;
    }
    copied?;
    match other {
        Err(StorageError::Changed) => report.ok("it copies inside the bucket, and only what was looked at"),
        _ => report.fail(
            "it copies an object that is not the one that was looked at (x-amz-copy-source-if-match is ignored)",
            "use another storage: what a reader gets could change after it was verified",
        ),
    }
    Ok(())
}
