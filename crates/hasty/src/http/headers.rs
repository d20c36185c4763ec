//! Headers that every answer of ours carries. The store sets its own: what it serves must never run as a page.

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

use crate::app::App;

/// A worker's policy is the one of its own response, so all responses carry it, scripts included.
pub fn secure(app: &App, path: &str, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, content_security_policy(app));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static(referrer_policy(path)));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    // Answers hold tokens and signed links.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A guest's address holds their token, so it is sent nowhere; with `no-referrer` the owner's writes would carry
/// `Origin: null`.
fn referrer_policy(path: &str) -> &'static str {
    if path.starts_with("/admin") { "strict-origin" } else { "no-referrer" }
}

fn content_security_policy(app: &App) -> HeaderValue {
    let storage = app.storage.external_origin().map(|origin| format!(" {origin}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
         img-src 'self' blob: data:{storage}; connect-src 'self'{storage}; manifest-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
