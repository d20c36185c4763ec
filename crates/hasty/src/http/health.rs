//! `/healthz`: the process answers. `/readyz`: so do the database and the storage, and both can write.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::Error;

pub async fn alive() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

pub async fn ready(State(app): State<Arc<App>>) -> Result<Json<Value>, Error> {
    check(&app).await?;
    Ok(Json(json!({"status": "ok"})))
}

/// Whether photos can be taken now.
pub async fn check(app: &App) -> Result<(), Error> {
    // First, as it tells more: where both share a disk, the database has failed too.
    if app.storage.store().is_some_and(|store| store.failure().is_some()) {
        return Err(Error::StorageReadOnly);
    }
    app.db.ping().await?;
    app.storage.ping().await?;
    Ok(())
}
