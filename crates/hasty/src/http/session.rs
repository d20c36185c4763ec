//! `/api/session/`: the owner's page trades the key for a cookie that no script can read.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::SET_COOKIE;

use super::body::{Fields, SINGLE_BYTES};
use super::extract::{KeyHolder, PublicUrl, SESSION_COOKIE};
use super::fields;
use crate::app::App;
use crate::error::Error;

const TTL_SECS: i64 = 30 * 86_400;

pub async fn open(
    PublicUrl(page): PublicUrl,
    holder: KeyHolder,
    State(app): State<Arc<App>>,
    Fields(body): Fields<SINGLE_BYTES>,
) -> Result<Response, Error> {
    let key = fields::text(&body, "key")?.unwrap_or_default().trim();
    holder.sign_in(&app, key)?;
    let value = app.secrets.session(app.clock.now().secs() + TTL_SECS);
    Ok(with_cookie(page.scheme(), &value, TTL_SECS))
}

pub async fn close(PublicUrl(page): PublicUrl) -> Response {
    with_cookie(page.scheme(), "", 0)
}

fn with_cookie(scheme: &str, value: &str, max_age_secs: i64) -> Response {
    let secure = if scheme == "https" { "; Secure" } else { "" };
    let cookie = format!("{SESSION_COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_secs}{secure}");
    (StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response()
}
