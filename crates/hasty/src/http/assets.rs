//! What the web build made, embedded in the binary, with its compressed siblings.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};
use rust_embed::RustEmbed;

use super::extract::PathText;
use crate::error::Error;

#[derive(RustEmbed)]
#[folder = "$HASTY_WEB_DIST"]
struct Dist;

/// Names under `/assets/` hold a hash of their content, so browsers may keep them for good.
pub async fn serve(PathText(path): PathText, headers: HeaderMap) -> Result<Response, Error> {
    if path.split('/').any(|segment| segment == "..") {
        return Err(Error::NotFound);
    }
    let mut response = file(&format!("assets/{path}"), &headers)?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
}

pub async fn icon(headers: HeaderMap) -> Result<Response, Error> {
    renewed("icon.svg", &headers)
}

/// Below the guest's page: it may look after pages that lie where it lies.
pub async fn service_worker(headers: HeaderMap) -> Result<Response, Error> {
    renewed("service-worker.js", &headers)
}

/// A file whose name stays when its content changes.
pub fn renewed(path: &str, headers: &HeaderMap) -> Result<Response, Error> {
    let mut response = file(path, headers)?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// A whole file, compressed as the browser likes it.
pub fn file(path: &str, headers: &HeaderMap) -> Result<Response, Error> {
    if path.ends_with(".br") || path.ends_with(".gz") {
        return Err(Error::NotFound);
    }
    let siblings = [("br", ".br"), ("gzip", ".gz")].into_iter().filter(|(coding, _)| accepts(headers, coding));
    let compressed =
        siblings.filter_map(|(coding, suffix)| Some((coding, Dist::get(&format!("{path}{suffix}"))?))).next();
    let (coding, found) = match compressed {
        Some((coding, found)) => (Some(coding), found),
        None => (None, Dist::get(path).ok_or(Error::NotFound)?),
    };
    let mut response = bytes(found.data).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Ok(response)
}

/// A page as text, for its placeholders.
pub fn text(path: &str) -> Result<String, Error> {
    let found = Dist::get(path).ok_or(Error::NotFound)?;
    Ok(String::from_utf8_lossy(&found.data).into_owned())
}

fn bytes(data: Cow<'static, [u8]>) -> bytes::Bytes {
    match data {
        Cow::Borrowed(data) => bytes::Bytes::from_static(data),
        Cow::Owned(data) => bytes::Bytes::from(data),
    }
}

/// RFC 9110, 12.5.3, as far as browsers use it: a coding is named, and not with q=0.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| {
        let (name, params) = item.split_once(';').unwrap_or((item, ""));
        name.trim().eq_ignore_ascii_case(coding) && !matches!(params.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
