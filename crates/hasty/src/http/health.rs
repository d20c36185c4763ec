//! `/healthz`: the process answers. `/readyz`: so do the database and the storage, both can write, and nothing else keeps
//! photos from being taken.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::doctor::{self, Finding};
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
    // A clock that is wrong explains why the storage refuses.
    if let Some(Finding { part, what, fix, .. }) = doctor::obstacle(app).await {
        tracing::error!(%part, fix, "{what}");
        return Err(Error::Unfit(part));
    }
    app.db.ping().await?;
    app.storage.ping().await?;
    Ok(())
}
