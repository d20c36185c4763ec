//! `/healthz`: the process answers. `/readyz`: so do the database and the storage.

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
    app.db.ping().await?;
    app.storage.ping().await?;
    Ok(Json(json!({"status": "ok"})))
}
