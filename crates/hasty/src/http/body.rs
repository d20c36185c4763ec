//! Request bodies: JSON, forms and multipart forms are equals, and all become one JSON object.

use std::time::Duration;

use axum::extract::{FromRequest, Multipart, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Map, Value};

use crate::error::Error;

/// Enough for 500 files with long names and metadata.
const BATCH_BYTES: usize = 4 << 20;
/// Enough for whatever names no list of files.
pub const SINGLE_BYTES: usize = 64 << 10;
/// Commas and brackets in a JSON body: parsed, each value takes some hundred bytes, however few it takes in the text.
/// 500 files with all their metadata have a third of this.
const JSON_MARKS: usize = 50_000;
/// A body this small arrives in this time even on a bad line; a slower sender holds a connection for nothing.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The fields of a request, whatever its content type, of a body of at most `LIMIT_BYTES`.
pub struct Fields<const LIMIT_BYTES: usize = BATCH_BYTES>(pub Map<String, Value>);

impl<S: Send + Sync, const LIMIT_BYTES: usize> FromRequest<S> for Fields<LIMIT_BYTES> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Fields<LIMIT_BYTES>, Error> {
        let (head, body) = request.into_parts();
        let content_type =
            head.headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let essence = content_type
            .as_deref()
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let collected = tokio::time::timeout(TIME_LIMIT, Limited::new(body, LIMIT_BYTES).collect()).await;
        let bytes = match collected.map_err(|_| Error::BodyTimeout)? {
            Ok(collected) => collected.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return Err(Error::BodyTooLarge { limit_bytes: LIMIT_BYTES });
            }
            Err(_) => return Err(Error::FormParse("The request body ended early.".into())),
        };
        let fields = match essence.as_str() {
            "" if bytes.is_empty() => Map::new(),
            "application/json" => json(&bytes)?,
            "application/x-www-form-urlencoded" => url::form_urlencoded::parse(&bytes)
                .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
                .collect(),
            "multipart/form-data" => multipart(Request::from_parts(head, axum::body::Body::from(bytes)), state).await?,
            _ => return Err(Error::UnsupportedMediaType(content_type.unwrap_or_default())),
        };
        Ok(Fields(fields))
    }
}

fn json(bytes: &Bytes) -> Result<Map<String, Value>, Error> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    if bytes.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count() > JSON_MARKS {
        return Err(Error::JsonParse("too many values".into()));
    }
    let parsed = serde_json::from_slice(bytes).or_else(|_| serde_json::from_slice(&without_half_pairs(bytes)));
    match parsed.map_err(|error| Error::JsonParse(error.to_string()))? {
        Value::Object(fields) => Ok(fields),
        other => Err(Error::InvalidValue(format!("Invalid data. Expected an object, but got {}.", kind(&other)))),
    }
}

/// With U+FFFD in place of each half of a surrogate pair: Windows allows halves in file names, and `JSON.stringify`
/// writes them as escapes that stand for no character. One such name must not cost a batch its other files.
fn without_half_pairs(json: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some((&byte, after)) = rest.split_first() {
        let taken = match (byte, escaped_unit(rest), escaped_unit(rest.get(6..).unwrap_or_default())) {
            (_, Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (_, Some(0xd800..=0xdfff), _) => {
                mended.extend_from_slice(b"\\ufffd");
                rest = &rest[6..];
                continue;
            }
            (b'\\', ..) if !after.is_empty() => 2,
            _ => 1,
        };
        mended.extend_from_slice(&rest[..taken]);
        rest = &rest[taken..];
    }
    mended
}

/// The UTF-16 code unit that these bytes begin with, as `\uXXXX`.
fn escaped_unit(json: &[u8]) -> Option<u16> {
    let digits = json.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

/// Text fields only: a photo goes to storage, never through here.
async fn multipart<S: Send + Sync>(request: Request, state: &S) -> Result<Map<String, Value>, Error> {
    let malformed = |text: String| Error::FormParse(format!("Multipart form parse error - {text}"));
    let mut form = Multipart::from_request(request, state).await.map_err(|error| malformed(error.body_text()))?;
    let mut fields = Map::new();
    while let Some(field) = form.next_field().await.map_err(|error| malformed(error.body_text()))? {
        let name = field.name().unwrap_or_default().to_owned();
        let value = field.text().await.map_err(|error| malformed(error.body_text()))?;
        fields.insert(name, value.into());
    }
    Ok(fields)
}

/// What a JSON value is, in words.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
