//! Background work.

mod sweep;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::app::App;

const SWEEP_INTERVAL: Duration = Duration::from_secs(3600);

/// Starts what runs beside the requests; aborting the handle ends it between two steps.
pub fn start(app: Arc<App>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut due = tokio::time::interval(SWEEP_INTERVAL);
        loop {
            due.tick().await;
            match sweep::sweep(&app).await {
                Ok(0) => {}
                Ok(swept) => tracing::info!(swept, "removed uploads whose photos have moved"),
                Err(error) => tracing::warn!(%error, "cannot sweep; trying again in an hour"),
            }
        }
    })
}
