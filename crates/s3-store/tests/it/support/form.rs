//! An HTML form that uploads a file, with a policy signed after the specification.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html>

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::request::{Answer, now, send};
use super::sigv4::{amz_date, credential, sign_policy};
use super::{BUCKET, TestStore};

const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

/// A form whose policy names every field, unless the test says otherwise.
pub struct Form<'a> {
    store: &'a TestStore,
    fields: Vec<(String, String)>,
    unsigned: Vec<(String, String)>,
    conditions: Vec<Value>,
    policy: Option<String>,
    expires: Timestamp,
    signed: Timestamp,
    file_name: String,
    file: Vec<u8>,
    after: String,
    headers: Vec<(String, String)>,
    path: String,
}

impl<'a> Form<'a> {
    pub fn new(store: &'a TestStore, key: &str) -> Form<'a> {
        let form = Form {
            store,
            fields: Vec::new(),
            unsigned: Vec::new(),
            conditions: vec![json!({ "bucket": BUCKET })],
            policy: None,
            expires: now() + Duration::from_secs(3600),
            signed: now(),
            file_name: "photo.jpg".to_owned(),
            file: b"bytes".to_vec(),
            after: String::new(),
            headers: Vec::new(),
            path: format!("/{BUCKET}"),
        };
        form.field("key", key)
    }

    /// A field, and the condition that it has this value.
    pub fn field(self, name: &str, value: &str) -> Self {
        self.free_field(name, value).condition(json!(["eq", format!("${name}"), value]))
    }

    /// A field that no condition names yet.
    pub fn free_field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A field put in behind the signer's back, after all others.
    pub fn forged_field(mut self, name: &str, value: &str) -> Self {
        self.unsigned.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn condition(mut self, condition: Value) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Takes out what was there.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.conditions.retain(|condition| !condition.to_string().contains(&format!("\"${name}\"")));
        self
    }

    /// Signs this text in place of the policy that the conditions make.
    pub fn policy(mut self, json: &str) -> Self {
        self.policy = Some(json.to_owned());
        self
    }

    pub fn expires(mut self, time: Timestamp) -> Self {
        self.expires = time;
        self
    }

    pub fn signed(mut self, time: Timestamp) -> Self {
        self.signed = time;
        self
    }

    pub fn file(mut self, name: &str, file: impl Into<Vec<u8>>) -> Self {
        (self.file_name, self.file) = (name.to_owned(), file.into());
        self
    }

    /// What follows the file: more fields, as the form's own text.
    pub fn after(mut self, after: &str) -> Self {
        self.after = after.to_owned();
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(mut self, path: &str) -> Self {
        self.path = path.to_owned();
        self
    }

    /// The fields in the order in which they are sent.
    pub fn fields(&self) -> Vec<(String, String)> {
        let own = [
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", credential(self.signed)),
            ("x-amz-date", amz_date(self.signed)),
        ];
        let mut conditions = self.conditions.clone();
        conditions.extend(own.iter().map(|(name, value)| json!({ *name: value })));
        let policy = json!({ "expiration": self.expires.to_string(), "conditions": conditions }).to_string();
        let policy = BASE64_STANDARD.encode(self.policy.as_ref().unwrap_or(&policy));
        let signature = sign_policy(self.signed, &policy);
        let own = own.into_iter().chain([("policy", policy), ("x-amz-signature", signature)]);
        let own = own.map(|(name, value)| (name.to_owned(), value));
        self.fields.iter().cloned().chain(own).chain(self.unsigned.clone()).collect()
    }

    /// Sends the fields as they are or as `change` makes them.
    pub async fn send_changed(self, change: impl FnOnce(&mut Vec<(String, String)>)) -> Answer {
        let mut fields = self.fields();
        change(&mut fields);
        let mut body = body(&fields, &self.file_name).into_bytes();
        body.extend(&self.file);
        body.extend(format!("\r\n{}--{BOUNDARY}--\r\n", self.after).into_bytes());
        let mut headers = self.headers.clone();
        headers.push(("content-type".to_owned(), content_type()));
        send(self.store, Method::POST, &self.path, headers, body).await
    }

    pub async fn send(self) -> Answer {
        self.send_changed(|_| {}).await
    }
}

pub fn content_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// A part of a form.
pub fn part(name: &str, value: &str) -> String {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

/// Everything up to the first byte of the file.
pub fn body(fields: &[(String, String)], file_name: &str) -> String {
    let fields: String = fields.iter().map(|(name, value)| part(name, value)).collect();
    let head = format!("form-data; name=\"file\"; filename=\"{file_name}\"\r\nContent-Type: text/html");
    format!("{fields}--{BOUNDARY}\r\nContent-Disposition: {head}\r\n\r\n")
}
