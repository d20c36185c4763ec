//! What a client says of a photo. A claim, never a fact: fixed fields, of fixed shapes and bounded lengths.
//!
//! Whatever `metadata::Metadata` can hold is accepted: no odd value in a photo may keep the photo from arriving.

use jiff::civil::DateTime;
use metadata::limits;
use serde_json::{Map, Value};

use crate::error::Error;

/// The fields of `metadata`, in the order in which they are answered.
pub const FIELDS: [(&str, Shape); 31] = [
    ("make", TEXT),
    ("model", TEXT),
    ("xDimension", Shape::Integer),
    ("yDimension", Shape::Integer),
    ("orientation", Shape::Integer),
    ("software", TEXT),
    ("flash", TEXT),
    ("metering_mode", TEXT),
    ("saturation", TEXT),
    ("sharpness", TEXT),
    ("contrast", TEXT),
    ("x_resolution", TEXT),
    ("y_resolution", TEXT),
    ("aperture_value", TEXT),
    ("focal_length", TEXT),
    ("exif_version", TEXT),
    ("taken_at", Shape::LocalTime),
    ("latitude", Shape::Real { min: -90.0, max: 90.0 }),
    ("longitude", Shape::Real { min: -180.0, max: 180.0 }),
    ("altitude", Shape::Real { min: -f64::MAX, max: f64::MAX }),
    ("lens", TEXT),
    ("iso", Shape::Integer),
    ("exposure_time", TEXT),
    ("width", Shape::Integer),
    ("height", Shape::Integer),
    ("lens_make", TEXT),
    ("title", TITLE),
    ("caption", Shape::Text { chars: limits::CAPTION_CHARS }),
    ("creator", TITLE),
    ("keywords", Shape::Keywords),
    ("rating", Shape::Real { min: *limits::RATING.start(), max: *limits::RATING.end() }),
];

/// How many of [`FIELDS`] are those of the original's API.
pub const LEGACY_FIELDS: usize = 16;

#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Text {
        /// At most so many.
        chars: usize,
    },
    /// A list of texts.
    Keywords,
    Integer,
    Real {
        min: f64,
        max: f64,
    },
    /// `YYYY-MM-DDTHH:MM:SS[.ffffff][±HH:MM]`: the camera's clock, with an offset only where the file states one.
    LocalTime,
}

const TEXT: Shape = Shape::Text { chars: limits::TEXT_CHARS };
const TITLE: Shape = Shape::Text { chars: limits::TITLE_CHARS };
const KEYWORD: Shape = Shape::Text { chars: limits::KEYWORD_CHARS };

/// The known fields that were given; unknown ones are ignored, null and empty ones say nothing.
pub fn parse(given: &Map<String, Value>) -> Result<Map<String, Value>, Error> {
    let mut claim = Map::new();
    for (name, shape) in FIELDS {
        match given.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.trim().is_empty() => {}
            Some(Value::Array(list)) if list.is_empty() && matches!(shape, Shape::Keywords) => {}
            Some(value) => {
                let value = shape.read(value).ok_or_else(|| Error::InvalidValue(shape.complaint(name)))?;
                claim.insert(name.to_owned(), value);
            }
        }
    }
    Ok(claim)
}

/// The fields of a stored claim or reading.
pub fn stored(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

/// The fields of both; where both say something, that of `over`.
pub fn merge(mut fields: Map<String, Value>, over: Map<String, Value>) -> Map<String, Value> {
    fields.extend(over);
    fields
}

impl Shape {
    /// A form sends every value as text, and some clients send numbers for texts: both are understood.
    fn read(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Shape::Text { chars }, Value::String(text)) => is_text(text, chars).then(|| text.trim().into()),
            (Shape::Text { .. }, Value::Number(number)) => Some(number.to_string().into()),
            (Shape::Keywords, Value::Array(list)) if list.len() <= limits::KEYWORDS => {
                list.iter().map(|text| KEYWORD.read(text)).collect::<Option<Vec<_>>>().map(Value::Array)
            }
            (Shape::Keywords, text @ Value::String(_)) => Some(vec![KEYWORD.read(text)?].into()),
            (Shape::Integer, Value::String(text)) => integer(text.trim().parse().ok()?),
            (Shape::Integer, Value::Number(number)) => integer(number.as_i64()?),
            (Shape::Real { min, max }, Value::String(text)) => real(text.trim().parse().ok()?, min, max),
            (Shape::Real { min, max }, Value::Number(number)) => {
                // As it was given: 4 stays 4, and does not become 4.0.
                real(number.as_f64()?, min, max).map(|_| value.clone())
            }
            (Shape::LocalTime, Value::String(text)) => is_local_time(text.trim()).then(|| text.trim().into()),
            _ => None,
        }
    }

    fn complaint(self, name: &str) -> String {
        match self {
            Shape::Text { chars } => format!("{name}: a text of at most {chars} characters is expected"),
            Shape::Keywords => {
                let (most, chars) = (limits::KEYWORDS, limits::KEYWORD_CHARS);
                format!("{name}: a list of at most {most} texts of at most {chars} characters is expected")
            }
            Shape::Integer => format!("{name}: an integer from 0 to {} is expected", u32::MAX),
            Shape::Real { max: f64::MAX, .. } => format!("{name}: a number is expected"),
            Shape::Real { min, max } => format!("{name}: a number from {min} to {max} is expected"),
            Shape::LocalTime => format!("{name}: a time like 2026-01-02T03:04:05 is expected"),
        }
    }
}

/// PostgreSQL's text holds no NUL.
fn is_text(text: &str, chars: usize) -> bool {
    text.chars().count() <= chars && !text.contains('\0')
}

fn integer(number: i64) -> Option<Value> {
    (0..=i64::from(u32::MAX)).contains(&number).then(|| number.into())
}

fn real(number: f64, min: f64, max: f64) -> Option<Value> {
    (min..=max).contains(&number).then(|| number.into())
}

fn is_local_time(text: &str) -> bool {
    let offset_at = text.get(19..).and_then(|rest| rest.find(['+', '-'])).map_or(text.len(), |at| 19 + at);
    let (time, offset) = text.split_at(offset_at);
    let shaped = time.len() >= 19 && time.len() <= 26 && time.as_bytes()[10] == b'T' && text.is_ascii();
    shaped && time.parse::<DateTime>().is_ok() && (offset.is_empty() || is_offset(offset.as_bytes()))
}

fn is_offset(offset: &[u8]) -> bool {
    matches!(offset, [b'+' | b'-', h1 @ b'0'..=b'1', h2, b':', m1 @ b'0'..=b'5', m2]
        if h2.is_ascii_digit() && m2.is_ascii_digit() && (*h1, *h2) <= (b'1', b'4') && (*m1, *m2) <= (b'5', b'9'))
}
