//! Object storage, by S3's protocol: the embedded store in this process, or an external server.
//!
//! Every request is presigned in the query, sent, and its answer read; which of the two stores answers is decided in
//! [`Storage::open`]. Whole photos pass through here as streams, and only where the server looks at them itself: ingest,
//! `hasty check`, copies without a place. What goes between a browser and storage does not.

mod bucket;
pub mod key;
mod limits;
mod links;
mod listing;
pub mod multipart;
mod objects;
mod spool;

use std::time::{Duration, Instant};

use axum::body::Body;
pub use bucket::IfMissing;
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Body as _;
pub use links::Links;
pub use listing::Listed;
pub use objects::ObjectHead;
use rusty_s3::signing::sign;
use s3_store::Store;
pub use spool::{SpoolError, Spooled};
use tracing::Instrument;
use url::Url;

use crate::clock::Clock;
use crate::config::Config;
use crate::{telemetry, traces};

/// How long the server's own signatures hold.
const OWN_TTL: Duration = Duration::from_secs(300);
/// Answers that are read whole (XML, a head of a file) are never longer: a listing has 1000 keys of at most 1024 bytes,
/// each of which may take three letters.
const ANSWER_LIMIT_BYTES: usize = 4 << 20;

pub struct Storage {
    server: Server,
    bucket: String,
    region: String,
    access_key_id: String,
    secret_access_key: String,
    clock: Clock,
}

enum Server {
    /// The store in this process; browsers reach it at the address of the page itself.
    Embedded(Store),
    External {
        client: reqwest::Client,
        endpoint: Url,
        public_endpoint: Url,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("storage cannot be reached: {0}")]
    Unreachable(String),
    #[error("storage answered {status} {code} to {call}")]
    Refused { call: String, status: StatusCode, code: String },
    /// The object is not what it was when it was looked at (412 to a conditional copy).
    #[error("the object has changed")]
    Changed,
}

impl StorageError {
    /// Whether the same call may go through a little later. A full disk does not heal so soon.
    pub fn may_pass(&self) -> bool {
        match self {
            StorageError::Unreachable(_) => true,
            StorageError::Refused { status: StatusCode::INSUFFICIENT_STORAGE, .. } | StorageError::Changed => false,
            StorageError::Refused { status, .. } => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
        }
    }

    fn is_server_error(&self) -> bool {
        matches!(self, StorageError::Refused { status, .. } if status.is_server_error())
    }
}

/// What an upload must be; only what is known can be signed, and what is signed is enforced.
pub struct PutConditions {
    pub content_length: Option<u64>,
    pub content_type: Option<String>,
    /// Base64, as in `x-amz-checksum-sha256`.
    pub checksum_sha256: Option<String>,
}

impl Storage {
    pub fn embedded(store: Store, config: &Config, key_pair: (String, String), clock: Clock) -> Storage {
        Storage::over(Server::Embedded(store), config, key_pair, clock)
    }

    pub fn external(
        endpoint: Url,
        config: &Config,
        key_pair: (String, String),
        clock: Clock,
    ) -> anyhow::Result<Storage> {
        let client = reqwest::Client::builder().connect_timeout(limits::CALL).build()?;
        let public_endpoint = config.s3_public_endpoint.clone().unwrap_or_else(|| endpoint.clone());
        Ok(Storage::over(Server::External { client, endpoint, public_endpoint }, config, key_pair, clock))
    }

    fn over(
        server: Server,
        config: &Config,
        (access_key_id, secret_access_key): (String, String),
        clock: Clock,
    ) -> Storage {
        let (bucket, region) = (config.s3_bucket.clone(), config.s3_region.clone());
        Storage { server, bucket, region, access_key_id, secret_access_key, clock }
    }

    pub fn store(&self) -> Option<&Store> {
        match &self.server {
            Server::Embedded(store) => Some(store),
            Server::External { .. } => None,
        }
    }

    /// The origin that a page must be allowed to reach besides its own.
    pub fn external_origin(&self) -> Option<String> {
        match &self.server {
            Server::Embedded(_) => None,
            Server::External { public_endpoint, .. } => Some(public_endpoint.origin().ascii_serialization()),
        }
    }

    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// A link that lets a browser PUT one object; `page` is the origin that the browser sees the server at.
    pub fn presign_put(&self, page: &Url, key: &str, conditions: &PutConditions, ttl: Duration) -> Url {
        let length = conditions.content_length.map(|length| length.to_string());
        let headers = [
            ("content-length", length.as_deref()),
            ("content-type", conditions.content_type.as_deref()),
            ("x-amz-checksum-sha256", conditions.checksum_sha256.as_deref()),
        ];
        let headers: Vec<_> = headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        self.presign(Method::PUT, self.object_url(self.browser_endpoint(page), key), &[], &headers, ttl)
    }

    /// As [`Links::get`], for a browser to save under a name: the value of a Content-Disposition.
    pub fn presign_download(&self, page: &Url, key: &str, disposition: &str, ttl: Duration) -> Url {
        let query = [("response-content-disposition", disposition)];
        self.presign(Method::GET, self.object_url(self.browser_endpoint(page), key), &query, &[], ttl)
    }

    async fn call(
        &self,
        method: Method,
        url: Url,
        query: &[(&str, &str)],
        headers: &[(&'static str, String)],
        body: Bytes,
    ) -> Result<(StatusCode, HeaderMap, Bytes), StorageError> {
        self.send(self.request(method, url, query, headers, body)?).await
    }

    fn request(
        &self,
        method: Method,
        url: Url,
        query: &[(&str, &str)],
        headers: &[(&'static str, String)],
        body: Bytes,
    ) -> Result<Request<Bytes>, StorageError> {
        let signed: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).filter(is_signable).collect();
        let url = self.presign(method.clone(), url, query, &signed, OWN_TTL);
        let mut request = Request::builder().method(method).uri(url.as_str());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if !body.is_empty() {
            request = request.header(CONTENT_LENGTH, body.len());
        }
        request.body(body).map_err(|error| StorageError::Unreachable(error.to_string()))
    }

    /// Sends a request as it is, its signature included.
    pub async fn send(&self, request: Request<Bytes>) -> Result<(StatusCode, HeaderMap, Bytes), StorageError> {
        self.send_body(request.map(Body::from)).await
    }

    async fn send_body(&self, request: Request<Body>) -> Result<(StatusCode, HeaderMap, Bytes), StorageError> {
        let (head, body) = self.open(request).await?.into_parts();
        let body = Limited::new(body, ANSWER_LIMIT_BYTES).collect().await;
        let body = body.map_err(|error| StorageError::Unreachable(error.to_string()))?.to_bytes();
        Ok((head.status, head.headers, body))
    }

    /// The answer with its body still to come.
    async fn open(&self, request: Request<Body>) -> Result<http::Response<Body>, StorageError> {
        let (method, began) = (call_name(&request), Instant::now());
        let answer = self.exchange(request).instrument(traces::storage_call(method)).await;
        let outcome = match &answer {
            Ok(answer) if answer.status().is_server_error() => "failed",
            Ok(_) => "answered",
            Err(_) => "unreachable",
        };
        telemetry::storage_called(method, outcome, began.elapsed());
        answer
    }

    async fn exchange(&self, mut request: Request<Body>) -> Result<http::Response<Body>, StorageError> {
        match &self.server {
            Server::External { client, .. } => {
                let limit = limits::of(&request);
                let mut request = reqwest::Request::try_from(request.map(for_client)).map_err(unreachable)?;
                *request.timeout_mut() = limit;
                let answer = match limit {
                    Some(_) => client.execute(request).await.map_err(unreachable)?,
                    None => limits::heard(client.execute(request)).await?.map_err(unreachable)?,
                };
                let answer = http::Response::from(answer).map(Body::new);
                Ok(if limit.is_none() { answer.map(limits::never_silent) } else { answer })
            }
            Server::Embedded(store) => {
                let host = HeaderValue::from_static(EMBEDDED_HOST);
                request.headers_mut().insert(HeaderName::from_static("host"), host);
                Ok(store.call(request).await.map(Body::new))
            }
        }
    }

    fn presign(
        &self,
        method: Method,
        url: Url,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        ttl: Duration,
    ) -> Url {
        sign(
            &self.clock.timestamp(),
            s3_method(&method),
            url,
            &self.access_key_id,
            &self.secret_access_key,
            None,
            &self.region,
            ttl.as_secs(),
            query.iter().copied(),
            headers.iter().copied(),
        )
    }

    fn browser_endpoint<'a>(&'a self, page: &'a Url) -> &'a Url {
        match &self.server {
            Server::Embedded(_) => page,
            Server::External { public_endpoint, .. } => public_endpoint,
        }
    }

    fn own_endpoint(&self) -> Url {
        match &self.server {
            Server::Embedded(_) => Url::parse(&format!("http://{EMBEDDED_HOST}")).expect("a constant URL"),
            Server::External { endpoint, .. } => endpoint.clone(),
        }
    }

    fn bucket_url(&self) -> Url {
        let mut url = self.own_endpoint();
        url.set_path(&format!("/{}", self.bucket));
        url
    }

    /// Our keys hold letters, digits, `/`, `-` and `.` only, so that the path needs no escapes.
    fn object_url(&self, endpoint: impl std::borrow::Borrow<Url>, key: &str) -> Url {
        let mut url = endpoint.borrow().clone();
        url.set_path(&format!("/{}/{key}", self.bucket));
        url
    }
}

/// The name that in-process requests are signed for; no socket has it.
const EMBEDDED_HOST: &str = "embedded.invalid";

/// Ranges and conditions stay outside of the signature, as browsers send them.
fn is_signable((name, _): &(&str, &str)) -> bool {
    *name == "content-type" || *name == "content-md5" || name.starts_with("x-amz-")
}

fn refused(call: &str, status: StatusCode, body: &[u8]) -> StorageError {
    let text = String::from_utf8_lossy(body);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    StorageError::Refused { call: call.to_owned(), status, code: code.chars().take(64).collect() }
}

fn unreachable(error: reqwest::Error) -> StorageError {
    // The URL holds a signature.
    StorageError::Unreachable(format!("{:#}", anyhow::Error::new(error.without_url())))
}

fn for_client(body: Body) -> reqwest::Body {
    if body.is_end_stream() { reqwest::Body::default() } else { reqwest::Body::wrap_stream(body.into_data_stream()) }
}

/// As figures name it.
fn call_name(request: &Request<Body>) -> &'static str {
    match *request.method() {
        Method::PUT if request.headers().contains_key("x-amz-copy-source") => "COPY",
        Method::PUT => "PUT",
        Method::HEAD => "HEAD",
        Method::DELETE => "DELETE",
        Method::POST => "POST",
        _ => "GET",
    }
}

fn s3_method(method: &Method) -> rusty_s3::Method {
    match *method {
        Method::HEAD => rusty_s3::Method::Head,
        Method::PUT => rusty_s3::Method::Put,
        Method::DELETE => rusty_s3::Method::Delete,
        Method::POST => rusty_s3::Method::Post,
        _ => rusty_s3::Method::Get,
    }
}
