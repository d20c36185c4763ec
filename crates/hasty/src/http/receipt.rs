//! `/api/images.csv`: what has arrived, as a list to keep (RFC 4180): name, size in bytes, SHA-256, state, time of arrival.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::extract::{QueryText, Viewer};
use super::images::{Part, narrow, streamed};
use crate::app::App;
use crate::db::images::{Image, ImageState};
use crate::error::Error;

/// The newest first. A photo that the server has verified is `ready`.
pub async fn list(viewer: Viewer, State(app): State<Arc<App>>, query: QueryText) -> Result<Response, Error> {
    let scope = narrow(&app, viewer.scope(), query.get("invitation")).await?;
    let lines = streamed(app, scope, None, lines).await?;
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"photos.csv\"")];
    Ok((headers, lines).into_response())
}

fn lines(images: &[Image], part: Part) -> Bytes {
    let mut text = String::new();
    if part.is_first {
        // Spreadsheets take a file without this mark for one in the letters of their country.
        text.push_str("\u{feff}name,size,sha256,state,arrived\r\n");
    }
    for image in images.iter().filter(|image| image.state != ImageState::Pending) {
        let state = match image.state {
            ImageState::Ready => "ready",
            ImageState::Rejected => "rejected",
            _ => "uploaded",
        };
        let arrived = image.arrived_at.map(|at| at.to_string()).unwrap_or_default();
        let (name, sha256) = (cell(&image.name), image.sha256.as_deref().unwrap_or_default());
        text.push_str(&format!("{name},{},{sha256},{state},{arrived}\r\n", image.size_bytes));
    }
    text.into()
}

/// Quoted. A spreadsheet would run what begins like a formula (OWASP, "CSV Injection"): a guest chooses names, and an owner
/// opens the list.
fn cell(name: &str) -> String {
    let begins_formula = name.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quote = if begins_formula { "'" } else { "" };
    format!("\"{quote}{}\"", name.replace('"', "\"\""))
}
