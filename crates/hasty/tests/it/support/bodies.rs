//! The three kinds of body, which every endpoint takes as equals.

use serde_json::Value;

#[derive(Clone, Copy, Debug)]
pub enum BodyType {
    Json,
    Form,
    Multipart,
}

pub const EVERY_BODY_TYPE: [BodyType; 3] = [BodyType::Json, BodyType::Form, BodyType::Multipart];

const BOUNDARY: &str = "----hasty-test-boundary";

impl BodyType {
    /// The content type and the body.
    pub fn write(self, fields: &[(&str, &str)]) -> (String, String) {
        match self {
            BodyType::Json => {
                let object = fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
                ("application/json".to_owned(), Value::Object(object.collect()).to_string())
            }
            BodyType::Form => {
                let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                ("application/x-www-form-urlencoded".to_owned(), form)
            }
            BodyType::Multipart => (format!("multipart/form-data; boundary={BOUNDARY}"), multipart(fields)),
        }
    }
}

/// RFC 7578.
fn multipart(fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    fields.iter().map(part).chain([format!("--{BOUNDARY}--\r\n")]).collect()
}
