//! Background work: jobs from the queue as they come ([`runner`]), `ingest`'s and [`redact`]; once an hour what is to go
//! ([`sweep`]); and what other instances have done, for those who watch here.

mod redact;
pub mod runner;
mod sweep;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::domain::events;
use crate::error::Error;

const SWEEP_INTERVAL: Duration = Duration::from_secs(3600);

/// Why a job is not done.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It may go through later.
    #[error("{0}")]
    Retry(Error),
    /// It never will; somebody has to look.
    #[error("{0}")]
    Fail(String),
}

impl<E: Into<Error>> From<E> for JobError {
    fn from(error: E) -> JobError {
        JobError::Retry(error.into())
    }
}

/// What runs beside the requests.
pub struct Jobs {
    stop: oneshot::Sender<()>,
    runner: JoinHandle<()>,
    sweeper: JoinHandle<()>,
    /// Where there may be other instances.
    follower: Option<JoinHandle<()>>,
}

pub fn start(app: Arc<App>) -> Jobs {
    let (stop, stopped) = oneshot::channel();
    let sweeper = tokio::spawn(sweep_hourly(app.clone()));
    let follower = app.db.is_shared().then(|| tokio::spawn(events::follow_others(app.clone())));
    Jobs { stop, runner: tokio::spawn(runner::run(app, stopped)), sweeper, follower }
}

impl Jobs {
    /// Ends between two steps, and hands back what is not done.
    pub async fn stop(self) {
        self.sweeper.abort();
        self.follower.inspect(JoinHandle::abort);
        drop(self.stop);
        if self.runner.await.is_err() {
            tracing::error!("the job runner has panicked");
        }
    }
}

async fn sweep_hourly(app: Arc<App>) {
    let mut due = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        due.tick().await;
        match sweep::sweep(&app).await {
            Ok(0) => {}
            Ok(swept) => tracing::info!(swept, "removed what no image needs any more"),
            Err(error) => tracing::warn!(%error, "cannot sweep; trying again in an hour"),
        }
    }
}
