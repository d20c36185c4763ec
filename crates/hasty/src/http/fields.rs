//! Typed values out of a request's fields. Forms send text for everything, so numbers may come as text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::domain::claim;
use crate::error::Error;

/// A text, or `None` where the field is missing or null.
pub fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Error> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.contains('\0') => Ok(Some(text)),
        Some(_) => Err(Error::InvalidValue(format!("{name}: a text without NUL is expected"))),
    }
}

/// A short text of the owner's or a device's, bounded like every text that is kept.
pub fn short_text(fields: &Map<String, Value>, name: &str, limit: usize) -> Result<Option<String>, Error> {
    match text(fields, name)? {
        Some(text) if text.chars().count() > limit => {
            Err(Error::InvalidValue(format!("{name}: at most {limit} characters are expected")))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

/// A whole number of at least 0, or `None` where the field is missing, null or empty.
pub fn integer(fields: &Map<String, Value>, name: &str) -> Result<Option<i64>, Error> {
    let number = match fields.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(Value::Number(number)) => number.as_i64(),
        Some(_) => None,
    };
    let number = number.filter(|number| *number >= 0);
    number.map(Some).ok_or_else(|| Error::InvalidValue(format!("{name}: a whole number of at least 0 is expected")))
}

/// Yes or no, or `None` where the field is missing, null or empty.
pub fn truth(fields: &Map<String, Value>, name: &str) -> Result<Option<bool>, Error> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(truth)) => Ok(Some(*truth)),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) if text == "true" => Ok(Some(true)),
        Some(Value::String(text)) if text == "false" => Ok(Some(false)),
        Some(_) => Err(Error::InvalidValue(format!("{name}: true or false is expected"))),
    }
}

/// A SHA-256, as 64 hex digits or as base64.
pub fn sha256(fields: &Map<String, Value>, name: &str) -> Result<Option<[u8; 32]>, Error> {
    let Some(text) = text(fields, name)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let bytes = if text.len() == 64 { hex::decode(text).ok() } else { STANDARD.decode(text).ok() };
    let digest = bytes.and_then(|bytes| bytes.try_into().ok());
    digest.map(Some).ok_or_else(|| Error::InvalidValue(format!("{name}: a SHA-256 in hex or base64 is expected")))
}

/// A MIME type, as it may stand in a header.
pub fn mime_type(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, Error> {
    let Some(text) = text(fields, name)?.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let is_token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
    };
    let essence = text.split(';').next().unwrap_or_default().trim();
    match essence.split_once('/') {
        Some((kind, subtype)) if is_token(kind) && is_token(subtype) && essence.len() <= 100 => {
            Ok(Some(essence.to_ascii_lowercase()))
        }
        _ => Err(Error::InvalidValue(format!("{name}: a MIME type like image/jpeg is expected"))),
    }
}

/// `metadata`, or `meta_data` as the original's clients say: an object, or a text that holds one.
pub fn metadata(fields: &Map<String, Value>) -> Result<Map<String, Value>, Error> {
    let invalid = || Error::InvalidValue("metadata: an object is expected".into());
    let given = fields.get("metadata").filter(|value| !value.is_null()).or_else(|| fields.get("meta_data"));
    match given {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(given)) => claim::parse(given),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(Map::new()),
        Some(Value::String(text)) => match serde_json::from_str(text).map_err(|_| invalid())? {
            Value::Object(given) => claim::parse(&given),
            _ => Err(invalid()),
        },
        Some(_) => Err(invalid()),
    }
}

/// Headers that a client is to set, as an object.
pub fn headers(headers: &[(&'static str, String)]) -> Value {
    Value::Object(headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect())
}
