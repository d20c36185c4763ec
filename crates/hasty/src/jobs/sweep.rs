//! Removes what is left under `incoming/` once a photo has moved and the last link that could write there has ended.
//!
//! Earlier it must stay writable: a guest whose answer was lost sends the same bytes again, and has to succeed.

use std::time::Duration;

use crate::app::App;
use crate::db::images;
use crate::error::Error;

const BATCH: i64 = 200;
/// Clocks differ, and an upload that began before the link's end may still run.
const GRACE: Duration = Duration::from_secs(3600);

/// Answers how many were removed.
pub async fn sweep(app: &App) -> Result<usize, Error> {
    let mut swept = 0;
    loop {
        let ended_before = crate::clock::Micros(app.clock.now().0 - GRACE.as_micros() as i64);
        let due: Vec<(i64, String)> =
            app.db.read(move |tx| images::list_to_sweep(tx, ended_before, BATCH).map_err(Error::from)).await?;
        if due.is_empty() {
            return Ok(swept);
        }
        for (id, key) in due {
            app.storage.delete(&key).await?;
            app.db.write(move |tx| images::mark_swept(tx, id).map_err(Error::from)).await?;
            swept += 1;
        }
    }
}
