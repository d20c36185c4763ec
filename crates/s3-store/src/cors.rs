//! Cross-origin requests, answered by the rules of the bucket that they are for.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>, <https://fetch.spec.whatwg.org/#http-cors-protocol>

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use s3s::S3Result;
use s3s::dto::CORSRule;

use crate::error::custom;

/// The headers of the answer to an actual request; nothing is allowed where no rule fits.
pub(crate) fn answer(rules: Option<&[CORSRule]>, request: &HeaderMap, method: &str) -> HeaderMap {
    let mut headers = varies();
    let Some(origin) = text(request, &ORIGIN) else { return headers };
    let rule = rules.unwrap_or_default().iter().find(|rule| allows(rule, origin, method, &[]));
    if let Some(rule) = rule {
        allow_origin(&mut headers, rule, origin);
        let exposed = rule.expose_headers.as_deref().unwrap_or_default().join(", ");
        if !exposed.is_empty() {
            insert(&mut headers, ACCESS_CONTROL_EXPOSE_HEADERS, &exposed);
        }
    }
    headers
}

/// What every answer says: it depends on the origin, even where nothing is allowed.
pub(crate) fn varies() -> HeaderMap {
    HeaderMap::from_iter([(VARY, HeaderValue::from_static("Origin"))])
}

/// The headers of a preflight's answer, or S3's refusal.
pub(crate) fn preflight(rules: Option<&[CORSRule]>, request: &HeaderMap) -> S3Result<HeaderMap> {
    let Some(origin) = text(request, &ORIGIN) else {
        return Err(custom(
            StatusCode::BAD_REQUEST,
            "BadRequest",
            "Insufficient information. Origin request header needed.",
        ));
    };
    let Some(method) = text(request, &ACCESS_CONTROL_REQUEST_METHOD) else {
        return Err(custom(StatusCode::BAD_REQUEST, "BadRequest", "Invalid Access-Control-Request-Method: null"));
    };
    let requested = text(request, &ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let names: Vec<String> = requested.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let rules = rules.ok_or_else(|| {
        custom(StatusCode::FORBIDDEN, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.")
    })?;
    let rule = rules.iter().find(|rule| allows(rule, origin, method, &names));
    let rule = rule.ok_or_else(|| {
        custom(StatusCode::FORBIDDEN, "AccessForbidden", "CORSResponse: This CORS request is not allowed.")
    })?;
    let mut headers = HeaderMap::new();
    allow_origin(&mut headers, rule, origin);
    insert(&mut headers, ACCESS_CONTROL_ALLOW_METHODS, &rule.allowed_methods.join(", "));
    if !names.is_empty() {
        insert(&mut headers, ACCESS_CONTROL_ALLOW_HEADERS, &names.join(", "));
    }
    if let Some(secs) = rule.max_age_seconds {
        insert(&mut headers, ACCESS_CONTROL_MAX_AGE, &secs.to_string());
    }
    let varies = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
    headers.insert(VARY, HeaderValue::from_static(varies));
    Ok(headers)
}

fn allows(rule: &CORSRule, origin: &str, method: &str, names: &[&str]) -> bool {
    let headers = rule.allowed_headers.as_deref().unwrap_or_default();
    rule.allowed_methods.iter().any(|allowed| allowed == method)
        && rule.allowed_origins.iter().any(|pattern| fits(pattern, origin))
        && names.iter().all(|name| headers.iter().any(|pattern| fits(&pattern.to_ascii_lowercase(), name)))
}

/// A pattern has at most one `*`, which stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end),
    }
}

fn allow_origin(headers: &mut HeaderMap, rule: &CORSRule, origin: &str) {
    let allows_all = rule.allowed_origins.iter().any(|pattern| pattern == "*");
    insert(headers, ACCESS_CONTROL_ALLOW_ORIGIN, if allows_all { "*" } else { origin });
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
