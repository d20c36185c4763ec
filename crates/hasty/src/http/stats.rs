//! `/api/stats/`: what has arrived, for the owner.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::extract::{Owner, QueryText};
use crate::app::App;
use crate::db::stats::Count;
use crate::domain::{invitations, stats};
use crate::error::Error;

#[derive(Serialize)]
struct FormatView {
    format: String,
    images: i64,
    bytes: i64,
}

#[derive(Serialize)]
struct ModelView {
    model: String,
    images: i64,
}

#[derive(Serialize)]
struct DayView {
    /// ISO 8601, in UTC.
    date: String,
    images: i64,
    bytes: i64,
}

/// Over everything, or over `?invitation=<id>`.
pub async fn show(_: Owner, State(app): State<Arc<App>>, query: QueryText) -> Result<Response, Error> {
    let invitation_id = match query.get("invitation") {
        Some(public_id) => {
            let public_id = Uuid::try_parse(public_id).map_err(|_| Error::NotFound)?;
            Some(invitations::find(&app, public_id).await?.id)
        }
        None => None,
    };
    let overview = stats::overview(&app, invitation_id).await?;
    let formats =
        overview.formats.into_iter().map(|Count { value: format, images, bytes }| FormatView { format, images, bytes });
    let formats: Vec<_> = formats.collect();
    let models = overview.models.into_iter().map(|Count { value: model, images, .. }| ModelView { model, images });
    let days = overview.days.into_iter().map(|(date, count)| DayView {
        date: date.to_string(),
        images: count.images,
        bytes: count.bytes,
    });
    let answer = json!({
        "total": {"images": overview.total.images, "bytes": overview.total.bytes},
        "most_popular_format": formats.first().map(|most| &most.format),
        "formats": formats,
        "camera_models": models.collect::<Vec<_>>(),
        "uploads_per_day": days.collect::<Vec<_>>(),
    });
    Ok(Json(answer).into_response())
}
