//! Headers that every answer of ours carries. The store sets its own: what it serves must never run as a page. Of those,
//! we only hold back what would tell a guest about others.

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_RANGE, IF_UNMODIFIED_SINCE,
    RANGE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, Uri};
use sha2::{Digest, Sha256};

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

/// Whether a signed link asks for what a photo's content has: bytes that may have come several times, from several guests.
/// When they came last tells what others hold.
pub fn is_readers(uri: &Uri) -> bool {
    let folder = uri.path().split('/').nth(2);
    matches!(folder, Some("photos" | "previews")) && uri.query().is_some_and(|query| query.contains("X-Amz-Signature="))
}

/// The dates that a condition names would find it out by halves. An ETag, the content's own, still answers 304.
pub fn ask_for_no_age(headers: &mut HeaderMap) {
    headers.remove(IF_MODIFIED_SINCE);
    headers.remove(IF_UNMODIFIED_SINCE);
    if headers.get(IF_RANGE).is_some_and(|condition| !condition.as_bytes().contains(&b'"')) {
        headers.remove(IF_RANGE);
        headers.remove(RANGE);
    }
}

/// A guest's address holds their token, so it is sent nowhere; with `no-referrer` the owner's writes would carry
/// `Origin: null`.
fn referrer_policy(path: &str) -> &'static str {
    if path.starts_with("/admin") { "strict-origin" } else { "no-referrer" }
}

/// Names the policy. A worker keeps the one that its script came with, and browsers keep scripts for good: the guest's page
/// asks for its worker under this name, so that another policy is another address.
pub fn policy_name(app: &App) -> String {
    hex::encode(&Sha256::digest(content_security_policy(app).as_bytes())[..4])
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
