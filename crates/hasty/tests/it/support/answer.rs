//! An answer of the server: status and body are asserted together.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap_or("(not UTF-8)")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Exactly this status and this text.
    #[track_caller]
    pub fn is(&self, status: u16, text: &str) {
        assert_eq!((self.status.as_u16(), self.text()), (status, text));
    }

    /// This status and a JSON body, which is answered.
    #[track_caller]
    pub fn json(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/json", "{}", self.text());
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// This status and an error as every error is: JSON with this `code` and a `message` for people. Answers the body.
    #[track_caller]
    pub fn error(&self, status: u16, code: &str) -> Value {
        let body = self.json(status);
        assert_eq!(body["code"], code, "{body}");
        assert!(body["message"].as_str().is_some_and(|message| message.len() > 3), "{body}");
        body
    }

    /// An error whose message stands under the original's key too.
    #[track_caller]
    pub fn legacy_error(&self, status: u16, code: &str, key: &str) -> String {
        let body = self.error(status, code);
        assert_eq!(body[key], body["message"], "{body}");
        body[key].as_str().unwrap().to_owned()
    }

    /// Refused: a 4xx as every error is.
    #[track_caller]
    pub fn is_refused(&self) {
        assert!(self.status.is_client_error(), "{} {}", self.status, self.text());
        let code = self.json(self.status.as_u16())["code"].as_str().unwrap_or_default().to_owned();
        assert!(!code.is_empty(), "{}", self.text());
        self.error(self.status.as_u16(), &code);
    }
}

/// The keys of a JSON object, in the order in which they stand.
#[track_caller]
pub fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap_or_else(|| panic!("no object: {object}")).keys().map(String::as_str).collect()
}
