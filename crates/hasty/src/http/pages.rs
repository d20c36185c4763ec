//! The pages: the guest's, a kind one for a link that no longer works, and the owner's.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};

use super::extract::Guest;
use super::{assets, headers, language};
use crate::app::App;
use crate::domain::{events, picks};
use crate::error::Error;

const UPLOAD_PAGE: &str = "/api/upload/";

/// The guest's page; without a good token, one that says what to do.
pub async fn upload(
    guest: Result<Guest, Error>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let Guest(invitation) = match guest {
        Ok(guest) => guest,
        Err(error) => return closed(error, &headers),
    };
    let standing = picks::standing(&app, &invitation).await?;
    let told = json!({
        "title": invitation.title,
        "message": invitation.message,
        "expires_at": invitation.expires_at,
        "max_file_bytes": app.config.max_file_bytes,
        "max_files": invitation.quota.max_files,
        "max_bytes": invitation.quota.max_bytes,
        "picked": standing.picked,
        "arrived": standing.arrived,
        "stored": standing.stored,
        "verified": standing.verified,
        "last_event": events::last_id(&app).await?,
        "policy": headers::policy_name(&app),
    });
    let page = assets::text("guest.html")?.replace("{{invitation}}", &inside_script(&told));
    Ok(html(StatusCode::OK, page))
}

/// What installs the guest's page (W3C Web App Manifest): an app for this very link, with which other apps share photos.
pub async fn manifest(Guest(invitation): Guest, uri: Uri) -> Response {
    let page = address(&uri);
    let name = invitation.title.as_deref().unwrap_or("Send your photos");
    let manifest = json!({
        "id": page,
        "name": name,
        "short_name": name,
        "start_url": page,
        "scope": UPLOAD_PAGE,
        "display": "standalone",
        "background_color": "#f6f4f0",
        "theme_color": "#17594a",
        "icons": [{"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
        "share_target": {
            "action": page,
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "photos", "accept": ["image/*"]}]},
        },
    });
    ([(CONTENT_TYPE, "application/manifest+json")], manifest.to_string()).into_response()
}

/// The service worker takes what is shared with the page before it comes here; where it cannot, the page is there to
/// choose the photos in.
pub async fn share(_: Guest, uri: Uri) -> Redirect {
    Redirect::to(&address(&uri))
}

/// The guest's page for the link that `uri` is part of.
fn address(uri: &Uri) -> String {
    format!("{UPLOAD_PAGE}?{}", uri.query().unwrap_or_default())
}

pub async fn home() -> Redirect {
    Redirect::temporary("/admin/")
}

pub async fn admin(headers: HeaderMap) -> Result<Response, Error> {
    assets::renewed("admin.html", &headers)
}

/// It has no script that could turn it to the guest's language: the build writes one of it for each.
fn closed(error: Error, headers: &HeaderMap) -> Result<Response, Error> {
    let reason = match error {
        Error::TokenMissing => "missing",
        Error::TokenUnknown => "unknown",
        Error::TokenExpired => "expired",
        error => return Err(error),
    };
    let pages = language::wanted(headers).into_iter().map(|base| format!("closed.{base}.html"));
    let page = pages.chain(["closed.html".to_owned()]).find_map(|page| assets::text(&page).ok());
    let page = page.ok_or(Error::NotFound)?.replace("{{reason}}", reason);
    Ok(html(StatusCode::FORBIDDEN, page))
}

fn html(status: StatusCode, page: String) -> Response {
    (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// JSON that no text in it can end the script element with (HTML, "restrictions for contents of script elements").
fn inside_script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
