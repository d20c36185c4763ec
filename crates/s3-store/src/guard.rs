//! What is refused before s3s sees a request, from its head alone: s3s would honour it, or read the body first.

use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderName, RANGE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};
use s3s::{S3ErrorCode, S3Result, s3_error};

use crate::settings::Settings;

/// The longest life of a presigned URL: seven days.
const MAX_EXPIRES_SECS: u64 = 604_800;
/// Room for the framing of an aws-chunked body beside the object in it: one part in 64.
const CHUNK_OVERHEAD_DIVISOR: u64 = 64;
/// The longest XML body: 1,000 keys of 1,024 bytes, or 10,000 parts, fit well.
pub(crate) const MAX_XML_BYTES: usize = 4 * 1024 * 1024;
/// `x-amz-` headers that change nothing that is stored, and that clients add to a URL signed by somebody else.
const MAY_BE_UNSIGNED: [&str; 2] = ["x-amz-content-sha256", "x-amz-checksum-mode"];
/// The access control lists that say no more than that everything is the owner's.
const OWNERS_ACLS: [&str; 3] = ["private", "bucket-owner-full-control", "bucket-owner-read"];
/// Headers that promise what this store does not do. Whoever asks for encryption must not believe that it is there.
/// Nor may whoever makes a deletion conditional lose an object that does not fit the condition.
const UNSUPPORTED: [&str; 5] = [
    "x-amz-if-match-",
    "x-amz-server-side-encryption",
    "x-amz-object-lock-",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
];

/// Whether the request carries a signature of version 4, valid or not.
pub(crate) fn is_signed(headers: &HeaderMap, query: Option<&str>) -> bool {
    is_header_signed(headers) || query_pairs(query).any(|(name, _)| is_signature_parameter(&name))
}

fn is_header_signed(headers: &HeaderMap) -> bool {
    headers.get(AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"AWS4-HMAC-SHA256"))
}

fn is_signature_parameter(name: &str) -> bool {
    matches!(name, "X-Amz-Signature" | "X-Amz-Algorithm")
}

/// Refuses what must not reach s3s, and takes out what would confuse it.
pub(crate) fn check(parts: &mut Parts, settings: &Settings) -> S3Result<()> {
    let pairs: Vec<(String, String)> = query_pairs(parts.uri.query()).collect();
    let signed = signed_headers(&parts.headers, &pairs)?;
    check_amz_headers(&parts.headers, &signed)?;
    check_token(&parts.headers, &pairs)?;
    check_length(parts, settings)?;
    let is_listed = |name: &HeaderName| signed.iter().any(|signed| signed == name.as_str());
    let range = parts.headers.get(RANGE).and_then(|value| value.to_str().ok());
    // Several ranges, or a malformed one: RFC 9110, section 14.2, lets a server ignore them.
    let is_odd = parts.headers.contains_key(RANGE) && range.is_none_or(|range| s3s::dto::Range::parse(range).is_err());
    if is_odd && !is_listed(&RANGE) {
        parts.headers.remove(RANGE);
    }
    add_host(parts);
    Ok(())
}

/// The header names that the signature covers. Whether the signature is right, s3s decides.
fn signed_headers(headers: &HeaderMap, pairs: &[(String, String)]) -> S3Result<Vec<String>> {
    // s3s still takes signatures of version 2, which cover no header at all. Clients sign anew where they read these words.
    let is_old = |value: &HeaderValue| value.as_bytes().starts_with(b"AWS ");
    if pairs.iter().any(|(name, _)| matches!(name.as_str(), "Signature" | "AWSAccessKeyId"))
        || headers.get_all(AUTHORIZATION).iter().any(is_old)
    {
        return Err(s3_error!(
            InvalidRequest,
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        ));
    }
    let is_query_signed = pairs.iter().any(|(name, _)| is_signature_parameter(name));
    let has_authorization = headers.contains_key(AUTHORIZATION);
    match (is_query_signed, has_authorization) {
        (true, true) => Err(s3_error!(InvalidArgument, "Only one auth mechanism allowed.")),
        (true, false) => presigned_headers(pairs),
        (false, true) if is_header_signed(headers) => header_signed_headers(headers),
        _ => Err(s3_error!(AccessDenied, "The request is not signed.")),
    }
}

fn presigned_headers(pairs: &[(String, String)]) -> S3Result<Vec<String>> {
    let malformed =
        |message: &'static str| s3s::S3Error::with_message(S3ErrorCode::AuthorizationQueryParametersError, message);
    let only = |wanted: &str| {
        let mut values = pairs.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let first = values.next();
        first.filter(|_| values.next().is_none())
    };
    let expires = only("X-Amz-Expires").and_then(|value| value.parse::<u64>().ok());
    match expires {
        None => return Err(malformed("X-Amz-Expires should be a number")),
        Some(secs) if secs > MAX_EXPIRES_SECS => {
            return Err(malformed(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
            ));
        }
        Some(0) => return Err(malformed("X-Amz-Expires must be greater than 0")),
        Some(_) => {}
    }
    only("X-Amz-SignedHeaders").map(names).ok_or_else(|| malformed("X-Amz-SignedHeaders is missing or repeated"))
}

fn header_signed_headers(headers: &HeaderMap) -> S3Result<Vec<String>> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().and_then(|value| value.to_str().ok()).filter(|_| values.next().is_none());
    let fields = value.and_then(|value| value.strip_prefix("AWS4-HMAC-SHA256")).unwrap_or_default();
    let list = fields.split(',').find_map(|field| field.trim().strip_prefix("SignedHeaders="));
    list.map(names).ok_or_else(|| s3_error!(AuthorizationHeaderMalformed))
}

fn names(list: &str) -> Vec<String> {
    list.split(';').map(str::to_ascii_lowercase).collect()
}

/// An unsigned `x-amz-copy-source` would turn a presigned PUT into a read of somebody else's object.
fn check_amz_headers(headers: &HeaderMap, signed: &[String]) -> S3Result<()> {
    for name in headers.keys().map(HeaderName::as_str).filter(|name| name.starts_with("x-amz-")) {
        let is_list = name.ends_with("-object-attributes");
        if !is_list && headers.get_all(name).iter().nth(1).is_some() {
            return Err(s3_error!(InvalidArgument, "The header {name} comes twice."));
        }
        if !MAY_BE_UNSIGNED.contains(&name) && !signed.iter().any(|signed| signed == name) {
            return Err(s3_error!(
                AccessDenied,
                "There were headers present in the request which were not signed: {name}"
            ));
        }
        if is_unsupported(name) {
            return Err(s3_error!(
                NotImplemented,
                "A header you provided implies functionality that this store does not have: {name}"
            ));
        }
    }
    let is_others = |acl: &HeaderValue| !OWNERS_ACLS.iter().any(|owners| acl == owners);
    let has_grants = headers.keys().any(|name| name.as_str().starts_with("x-amz-grant-"));
    if has_grants || headers.get("x-amz-acl").is_some_and(is_others) {
        return Err(s3_error!(AccessControlListNotSupported, "The bucket does not allow ACLs"));
    }
    Ok(())
}

/// It belongs to the key of a session; this store knows the owner's key alone.
fn check_token(headers: &HeaderMap, pairs: &[(String, String)]) -> S3Result<()> {
    const TOKEN: &str = "x-amz-security-token";
    if headers.contains_key(TOKEN) || pairs.iter().any(|(name, _)| name.eq_ignore_ascii_case(TOKEN)) {
        return Err(s3_error!(InvalidToken, "This store gives no temporary credentials."));
    }
    Ok(())
}

/// Whether a header, or a form's field of the same name, promises what this store does not do.
pub(crate) fn is_unsupported(name: &str) -> bool {
    UNSUPPORTED.iter().any(|prefix| name.starts_with(prefix))
}

fn check_length(parts: &Parts, settings: &Settings) -> S3Result<()> {
    let number = |name: &str| -> S3Result<Option<u64>> {
        let value = parts.headers.get(name).map(|value| value.to_str().ok()?.parse().ok());
        value.map(|number| number.ok_or_else(|| s3_error!(InvalidArgument, "{name} is no number."))).transpose()
    };
    let length = number(CONTENT_LENGTH.as_str())?.unwrap_or_default();
    let decoded = number("x-amz-decoded-content-length")?;
    // Every other body is XML, which s3s gathers in memory.
    if !brings_object(parts) {
        let is_over = length.max(decoded.unwrap_or_default()) > MAX_XML_BYTES as u64;
        return if is_over { Err(s3_error!(MaxMessageLengthExceeded)) } else { Ok(()) };
    }
    let framing = settings.max_object_bytes / CHUNK_OVERHEAD_DIVISOR + 64 * 1024;
    let is_over = match decoded {
        Some(decoded) => {
            decoded > settings.max_object_bytes || length > settings.max_object_bytes.saturating_add(framing)
        }
        None => length > settings.max_object_bytes,
    };
    if is_over { Err(s3_error!(EntityTooLarge)) } else { Ok(()) }
}

/// Whether the body is an object or a part of one.
pub(crate) fn brings_object(parts: &Parts) -> bool {
    let is_about = |name: String| matches!(name.as_str(), "acl" | "legal-hold" | "retention" | "tagging");
    let mut names = query_pairs(parts.uri.query()).map(|(name, _)| name);
    parts.method == Method::PUT && has_key(parts) && !names.any(is_about)
}

/// Whether the path names more than a bucket. `%2F` is a slash as well: s3s decodes the path before it splits it.
fn has_key(parts: &Parts) -> bool {
    let path = parts.uri.path().to_ascii_lowercase().replace("%2f", "/");
    path.strip_prefix('/').and_then(|path| path.split_once('/')).is_some_and(|(_, key)| !key.is_empty())
}

/// The signature covers `host`: a request handed over in process, or with an absolute target, names it in its URI.
fn add_host(parts: &mut Parts) {
    if !parts.headers.contains_key(HOST)
        && let Some(Ok(host)) = parts.uri.authority().map(|authority| HeaderValue::from_str(authority.as_str()))
    {
        parts.headers.insert(HOST, host);
    }
}

/// The decoded names and values of a query.
pub(crate) fn query_pairs(query: Option<&str>) -> impl Iterator<Item = (String, String)> + '_ {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned()
}
