//! Removes what is left under `incoming/` once a photo has moved and the last link that could write there has ended.
//!
//! Earlier it must stay writable: a guest whose answer was lost sends the same bytes again, and has to succeed.

use std::time::Duration;

use crate::app::App;
use crate::clock::Micros;
use crate::db::images::{self, Due};
use crate::error::Error;

const BATCH: i64 = 200;
/// Clocks differ, and an upload that began before the link's end may still run.
const GRACE: Duration = Duration::from_secs(3600);

/// Answers how many were removed. What cannot be removed is left for the next time and holds nothing up.
pub async fn sweep(app: &App) -> Result<usize, Error> {
    let ended_before = Micros(app.clock.now().0 - GRACE.as_micros() as i64);
    let (mut swept, mut after) = (0, None);
    loop {
        let due: Vec<Due> =
            app.db.read(move |tx| images::list_to_sweep(tx, ended_before, after, BATCH).map_err(Error::from)).await?;
        let Some(last) = due.last() else {
            return Ok(swept);
        };
        after = Some((last.incoming_until, last.id));
        for Due { id, incoming_key, .. } in due {
            match app.storage.delete(&incoming_key).await {
                Ok(()) => {
                    app.db.write(move |tx| images::mark_swept(tx, id).map_err(Error::from)).await?;
                    swept += 1;
                }
                Err(error) => tracing::warn!(%error, image = id, "cannot remove an upload whose photo has moved"),
            }
        }
    }
}
