//! Takes jobs from the queue, a few at a time, and holds each one's lease while it runs. What is put back comes again
//! later; what a killed process held comes again when its lease is over.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{JobError, redact};
use crate::app::App;
use crate::clock::Micros;
use crate::db::Tx;
use crate::db::jobs::{self, Job, JobKind};
use crate::error::Error;
use crate::ingest;

/// Another instance may take a job when its worker has not been heard of for this long.
const LEASE: Duration = Duration::from_secs(60);
const LEASE_RENEWAL: Duration = Duration::from_secs(20);
/// For work that another instance has queued, and for what is due again.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The first wait after a failure; each further one is twice as long, up to [`MAX_BACK_OFF`].
const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
const MAX_BACK_OFF: Duration = Duration::from_secs(600);
/// A day and more of failures, or as many processes that died of it: whoever looks at the log by then has to help.
const MAX_ATTEMPTS: i64 = 200;

/// Runs jobs until `stopped`; then hands back those that are not done.
pub async fn run(app: Arc<App>, mut stopped: oneshot::Receiver<()>) {
    let process = Uuid::new_v4();
    take_over(&app).await;
    if app.config.ingest_jobs() > 0
        && let Err(error) = app.workers.check().await
    {
        tracing::error!(%error, "no photo can be examined: they wait until that is mended");
    }
    let mut running = JoinSet::new();
    loop {
        while running.len() < app.config.ingest_jobs() {
            match claim(&app, process).await {
                Ok(Some(job)) => running.spawn(work(app.clone(), job)),
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "cannot look for background work");
                    break;
                }
            };
        }
        tokio::select! {
            _ = &mut stopped => break,
            _ = running.join_next(), if !running.is_empty() => {}
            () = app.job_bell.notified() => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
    }
    running.shutdown().await;
    let now = app.clock.now();
    match app.db.write(move |tx| jobs::hand_back(tx, process, now).map_err(Error::from)).await {
        Ok(0) => {}
        Ok(jobs) => tracing::info!(jobs, "handed back background work"),
        Err(error) => tracing::warn!(%error, "cannot hand back background work: it goes on in a minute"),
    }
}

/// What was under way when this database's only server died need not wait for the lease's end.
async fn take_over(app: &App) {
    if app.db.is_shared() {
        return;
    }
    let now = app.clock.now();
    if let Err(error) = app.db.write(move |tx| jobs::hand_back_all(tx, now).map_err(Error::from)).await {
        tracing::warn!(%error, "cannot take over background work: it goes on in a minute");
    }
}

async fn claim(app: &App, process: Uuid) -> Result<Option<Job>, Error> {
    let (holder, now) = (jobs::Holder { process, claim: Uuid::new_v4() }, app.clock.now());
    app.db.write(move |tx| Ok(jobs::claim(tx, holder, now + LEASE, now)?)).await
}

async fn work(app: Arc<App>, job: Job) {
    let done = tokio::select! {
        done = perform(&app, &job) => done,
        () = hold(&app, &job) => {
            tracing::warn!(job = job.key, "another instance has taken over this work");
            return;
        }
    };
    let Err(error) = done else { return };
    let due_at = match &error {
        JobError::Retry(_) if job.attempts < MAX_ATTEMPTS => Some(app.clock.now() + back_off(job.attempts)),
        _ => None,
    };
    match due_at {
        Some(_) => {
            tracing::warn!(%error, job = job.key, attempts = job.attempts, "background work failed; it is tried again")
        }
        None => tracing::error!(%error, job = job.key, "background work is given up: see hasty check"),
    }
    if let Err(error) = put_back(&app, job, due_at, error.to_string()).await {
        tracing::warn!(%error, "cannot put back background work: it comes again in a minute");
    }
}

async fn perform(app: &App, job: &Job) -> Result<(), JobError> {
    if job.attempts > MAX_ATTEMPTS {
        return Err(JobError::Fail(format!("it was begun {MAX_ATTEMPTS} times, and nobody came to its end")));
    }
    match job.kind {
        JobKind::Ingest => ingest::ingest(app, job).await,
        JobKind::Redact => redact::redact(app, job).await,
    }
}

/// Renews the lease; ends when the job is somebody else's.
async fn hold(app: &App, job: &Job) {
    loop {
        tokio::time::sleep(LEASE_RENEWAL).await;
        let (held, until) = (job.clone(), app.clock.now() + LEASE);
        match app.db.write(move |tx| jobs::extend_lease(tx, &held, until).map_err(Error::from)).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, "cannot renew the lease of background work"),
        }
    }
}

async fn put_back(app: &App, job: Job, due_at: Option<Micros>, error: String) -> Result<(), Error> {
    let now = app.clock.now();
    let put_back = move |tx: &mut Tx<'_>| match (due_at, job.kind) {
        (None, JobKind::Ingest) => ingest::give_up(tx, &job, &error, now),
        _ => jobs::put_back(tx, &job, due_at, &error).map(|_| None),
    };
    let invitation_id = app.db.write(move |tx| put_back(tx).map_err(Error::from)).await?;
    if let Some(invitation_id) = invitation_id {
        app.watching.ring(invitation_id);
    }
    Ok(())
}

/// The wait after this attempt has failed.
fn back_off(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(16);
    (FIRST_BACK_OFF * 2_u32.pow(doublings)).min(MAX_BACK_OFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_the_one_before_up_to_the_longest() {
        let secs = |attempts| back_off(attempts).as_secs();
        assert_eq!([1, 2, 3, 4, 10].map(secs), [1, 2, 4, 8, 512]);
        assert_eq!([11, 12, MAX_ATTEMPTS].map(secs), [600; 3]);
        // What was handed back is not counted.
        assert_eq!(secs(0), 1);
    }
}
