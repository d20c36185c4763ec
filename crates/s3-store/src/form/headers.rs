//! What a form says about its file: the fields that PutObject has as headers.

use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::dto::{Timestamp, TimestampFormat};
use s3s::{S3Result, s3_error};

use super::fields::Fields;
use crate::checksum::Expected;
use crate::guard;
use crate::index::objects::{Headers, Tags};
use crate::s3::upload::without_aws_chunked;

/// What is kept with the file, and what its bytes must be.
pub(super) fn read(fields: &Fields) -> S3Result<(Headers, Expected)> {
    check_supported(fields)?;
    let text = |name: &str| fields.get(name).map(|value| checked(name, value)).transpose();
    let expires = fields.get("expires").map(|value| Timestamp::parse(TimestampFormat::HttpDate, value)).transpose();
    let metadata = fields.iter().filter_map(|(name, value)| Some((name.strip_prefix("x-amz-meta-")?, name, value)));
    let metadata = metadata.map(|(short, name, value)| {
        HeaderName::try_from(name).map_err(|_| s3_error!(InvalidArgument, "The field {name} is no header."))?;
        Ok((short.to_owned(), checked(name, value)?))
    });
    let headers = Headers {
        content_type: text("content-type")?,
        cache_control: text("cache-control")?,
        content_disposition: text("content-disposition")?,
        content_encoding: text("content-encoding")?.and_then(without_aws_chunked),
        content_language: text("content-language")?,
        expires: expires.map_err(|_| s3_error!(InvalidArgument, "The field expires is no HTTP date."))?,
        metadata: metadata.collect::<S3Result<_>>()?,
        tags: Tags::new(),
    };
    Ok((headers.checked()?, expected(fields)?))
}

/// As `guard` does for headers: whoever asks for encryption must not believe that it is there.
fn check_supported(fields: &Fields) -> S3Result<()> {
    if fields.get("acl").or(fields.get("x-amz-acl")).is_some_and(|acl| acl != "private") {
        return Err(s3_error!(AccessControlListNotSupported, "The bucket does not allow ACLs"));
    }
    if fields.contains_key("x-amz-security-token") {
        return Err(s3_error!(InvalidToken, "This store gives no temporary credentials."));
    }
    let is_tagging = |name: &str| name == "tagging" || name.starts_with("x-amz-tagging");
    let is_unsupported = |name: &&String| is_tagging(name) || guard::is_unsupported(name);
    match fields.keys().find(is_unsupported) {
        Some(name) => {
            Err(s3_error!(NotImplemented, "A field implies functionality that this store does not have: {name}"))
        }
        None => Ok(()),
    }
}

/// The value comes back as a header: a line break in it would begin another one.
fn checked(name: &str, value: &str) -> S3Result<String> {
    match HeaderValue::try_from(value) {
        Ok(_) => Ok(value.to_owned()),
        Err(_) => Err(s3_error!(InvalidArgument, "The field {name} holds control characters.")),
    }
}

fn expected(fields: &Fields) -> S3Result<Expected> {
    let is_about_bytes = |name: &str| {
        name == "content-md5" || name.starts_with("x-amz-checksum-") || name == "x-amz-sdk-checksum-algorithm"
    };
    let mut headers = HeaderMap::new();
    for (name, value) in fields.iter().filter(|(name, _)| is_about_bytes(name)) {
        let header = (HeaderName::try_from(name), HeaderValue::try_from(value));
        let (Ok(name), Ok(value)) = header else {
            return Err(s3_error!(InvalidArgument, "The field {name} is no header."));
        };
        headers.insert(name, value);
    }
    Expected::parse(&headers, None)
}
