//! `/api/picks/`: what a guest has picked, so that any device can say what is missing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::body::Fields;
use super::extract::{Guest, QueryText};
use super::fields;
use super::files::{items, object};
use crate::app::App;
use crate::db::picks::NewPick;
use crate::domain::picks::{self, NTH_LIMIT};
use crate::domain::policy::{FILENAME_CHARS, FILES_LIMIT};
use crate::error::Error;

pub async fn remember(guest: Guest, State(app): State<Arc<App>>, body: Fields) -> Result<Response, Error> {
    let files = body.0.get("files").ok_or_else(|| Error::InvalidValue("files: a list is expected".into()))?;
    let new = items(files)?.iter().map(read_new_pick).collect();
    let ids = picks::remember(&app, &guest.0, new).await?;
    let answers = ids.into_iter().map(|id| id.map_or_else(|error| error.item(), |id| json!({"id": id})));
    Ok(Json(json!({"files": answers.collect::<Vec<_>>()})).into_response())
}

pub async fn show(guest: Guest, State(app): State<Arc<App>>) -> Result<Response, Error> {
    let standing = picks::standing(&app, &guest.0).await?;
    let missing = standing.missing.iter().map(|pick| json!({"name": pick.name, "size": pick.size_bytes}));
    let missing: Vec<_> = missing.collect();
    let answer = json!({
        "picked": standing.picked,
        "arrived": standing.arrived,
        "stored": standing.stored,
        "verified": standing.verified,
        "missing": missing,
    });
    Ok(Json(answer).into_response())
}

/// Those of `?ids=1,2,3`, or all that have not arrived.
pub async fn forget(guest: Guest, State(app): State<Arc<App>>, query: QueryText) -> Result<Response, Error> {
    let ids = query.get("ids").map(read_ids).transpose()?;
    picks::forget(&app, &guest.0, ids).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn read_new_pick(item: &Value) -> Result<NewPick, Error> {
    let body = object(item)?;
    let name = fields::short_text(body, "name", FILENAME_CHARS)?.filter(|name| !name.trim().is_empty());
    let size_bytes = fields::integer(body, "size")?;
    let nth = fields::integer(body, "nth")?.unwrap_or(0);
    if nth >= NTH_LIMIT {
        return Err(Error::InvalidValue(format!("nth: less than {NTH_LIMIT} is expected")));
    }
    Ok(NewPick {
        name: name.ok_or(Error::FilenameRequired)?,
        size_bytes: size_bytes.ok_or_else(|| Error::InvalidValue("size: a whole number is expected".into()))?,
        nth,
    })
}

fn read_ids(text: &str) -> Result<Vec<i64>, Error> {
    let ids: Option<Vec<i64>> = text.split(',').map(|id| id.parse().ok()).collect();
    ids.filter(|ids| ids.len() <= FILES_LIMIT)
        .ok_or_else(|| Error::InvalidValue(format!("ids: at most {FILES_LIMIT} numbers with commas are expected")))
}
