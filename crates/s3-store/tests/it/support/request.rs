//! Building, signing and sending one request.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use jiff::Timestamp;

use super::client::S3Client;
use super::sigv4::{self, Signing, canonical_query, encode};

pub type TestBody = BoxBody<Bytes, Infallible>;

/// Presigned for an hour, as a guest's requests are, unless the test says otherwise.
pub struct Request<'a> {
    client: &'a S3Client,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    signed: Vec<(String, String)>,
    unsigned: Vec<(String, String)>,
    body: Vec<u8>,
    expires_secs: u64,
    time: Timestamp,
}

impl<'a> Request<'a> {
    pub fn new(client: &'a S3Client, method: Method, path: &str) -> Request<'a> {
        Request {
            client,
            method,
            path: encode(path, "/"),
            query: Vec::new(),
            signed: Vec::new(),
            unsigned: Vec::new(),
            body: Vec::new(),
            expires_secs: 3600,
            time: now(),
        }
    }

    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A header that the signature covers.
    pub fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.signed.push((name.to_owned(), value.to_string()));
        self
    }

    /// A header that is added behind the signer's back.
    pub fn unsigned_header(mut self, name: &str, value: impl ToString) -> Self {
        self.unsigned.push((name.to_owned(), value.to_string()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub fn expires(mut self, after: Duration) -> Self {
        self.expires_secs = after.as_secs();
        self
    }

    pub fn signed_ago(mut self, ago: Duration) -> Self {
        self.time = now() - ago;
        self
    }

    pub fn at(mut self, time: Timestamp) -> Self {
        self.time = time;
        self
    }

    /// The path and query of the presigned URL.
    pub fn target(&self) -> String {
        let mut headers = self.signed.clone();
        headers.push(("host".to_owned(), self.client.addr.to_string()));
        let (method, path, query, time) = (self.method.as_str(), self.path.as_str(), self.query.clone(), self.time);
        let query = Signing { method, path, query, headers, time }.presign(self.expires_secs);
        format!("{path}?{query}")
    }

    /// Sends it with the signature in the URL.
    pub async fn send(self) -> Answer {
        self.try_send().await.expect("an answer")
    }

    /// As `send`; `None` where the connection ends before the answer.
    pub async fn try_send(self) -> Option<Answer> {
        let target = self.target();
        let headers = self.signed.iter().chain(&self.unsigned).cloned().collect();
        try_send(self.client, self.method, &target, headers, self.body).await
    }

    /// Sends it with the signature in the Authorization header, and the hash of the body where no other is given.
    pub async fn send_header_signed(mut self) -> Answer {
        if !self.signed.iter().any(|(name, _)| name == "x-amz-content-sha256") {
            let sha256 = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&self.body));
            self.signed.push(("x-amz-content-sha256".to_owned(), sha256));
        }
        let authorization = self.authorize().authorization;
        let mut headers: Vec<_> = self.signed.iter().chain(&self.unsigned).cloned().collect();
        headers.push(("authorization".to_owned(), authorization));
        let target = match canonical_query(&self.query) {
            query if query.is_empty() => self.path.clone(),
            query => format!("{}?{query}", self.path),
        };
        send(self.client, self.method, &target, headers, self.body).await
    }

    /// Adds the date and signs the headers.
    pub fn authorize(&mut self) -> sigv4::HeaderSignature {
        if !self.signed.iter().any(|(name, _)| name == "x-amz-date") {
            self.signed.push(("x-amz-date".to_owned(), sigv4::amz_date(self.time)));
        }
        let mut headers = self.signed.clone();
        headers.push(("host".to_owned(), self.client.addr.to_string()));
        let (method, path, query, time) = (self.method.as_str(), self.path.as_str(), self.query.clone(), self.time);
        Signing { method, path, query, headers, time }.authorize()
    }

    pub fn time(&self) -> Timestamp {
        self.time
    }
}

/// Sends what is there, signed or not.
pub async fn send(
    client: &S3Client,
    method: Method,
    target: &str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> Answer {
    try_send(client, method, target, headers, body).await.expect("an answer")
}

/// `None` where the connection ends before the answer.
async fn try_send(
    client: &S3Client,
    method: Method,
    target: &str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> Option<Answer> {
    let mut request = http::Request::builder().method(method).uri(format!("http://{}{target}", client.addr));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(body)).boxed()).expect("a request");
    let (parts, body) = client.http.request(request).await.ok()?.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    Some(Answer { status: parts.status, headers: parts.headers, body })
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("text")).unwrap_or_default()
    }

    /// The status and S3's error code.
    pub fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.first("Code"))
    }

    /// The text of the first element of this name.
    pub fn first(&self, element: &str) -> String {
        self.all(element).into_iter().next().unwrap_or_default()
    }

    /// The texts of all elements of this name.
    pub fn all(&self, element: &str) -> Vec<String> {
        let text = self.text();
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let inner = text.split(&open).skip(1).filter_map(|rest| Some(rest.split_once(&close)?.0));
        inner.map(unescape).collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "a signature bears the date of its making")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

fn unescape(xml: &str) -> String {
    let entities = [("&quot;", "\""), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    entities.iter().fold(xml.to_owned(), |text, (entity, character)| text.replace(entity, character))
}
