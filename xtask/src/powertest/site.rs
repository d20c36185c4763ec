//! The server as its clients reach it: the API with a key, the embedded store with signed requests.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use rusty_s3::{Method, signing::sign};
use serde_json::Value;
use ureq::{
    Agent,
    http::{HeaderMap, Request},
};
use url::Url;

const REGION: &str = "us-east-1";
const SIGNED_FOR_SECS: u64 = 600;
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Above the largest object.
const LARGEST_ANSWER_BYTES: u64 = 64 << 20;

pub(super) struct Site {
    url: Url,
    pub(super) owner_key: String,
    key_id: String,
    secret_key: String,
    agent: Agent,
    acknowledged: AtomicUsize,
    is_cut: AtomicBool,
}

/// One request, ready to be sent.
pub(super) type Call = Request<Vec<u8>>;

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Site {
    /// `data` holds the keys that the server has made.
    pub(super) fn open(url: &str, data: &Path) -> Result<Self> {
        let key = |name: &str| {
            fs::read_to_string(data.join(name)).map(|key| key.trim().to_owned()).with_context(|| name.to_owned())
        };
        let pair = key("s3-key")?;
        let (key_id, secret_key) = pair.split_once(':').context("s3-key holds no pair")?;
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let config = config.timeout_global(Some(LONGEST_WAIT)).max_idle_connections_per_host(64);
        Ok(Self {
            url: url.parse()?,
            owner_key: key("owner-key")?,
            key_id: key_id.to_owned(),
            secret_key: secret_key.to_owned(),
            agent: config.build().into(),
            acknowledged: AtomicUsize::new(0),
            is_cut: AtomicBool::new(false),
        })
    }

    /// A call of the API, by whom this key or token makes known.
    pub(super) fn api(&self, method: &str, path: &str, bearer: &str, body: &Value) -> Result<Call> {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let call = Request::builder().method(method).uri(self.url.join(path)?.as_str());
        let call = call.header("content-type", "application/json").header("authorization", format!("Bearer {bearer}"));
        Ok(call.body(body)?)
    }

    /// A presigned request to the store. `headers` are signed, in the order of their names.
    pub(super) fn s3(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Call> {
        let (url, query, signed) = (self.url.join(path)?, query.iter().copied(), headers.iter().copied());
        let (id, secret) = (&self.key_id, &self.secret_key);
        let url = sign(&now(), method, url, id, secret, None, REGION, SIGNED_FOR_SECS, query, signed);
        let call = Request::builder().method(method.to_str()).uri(url.as_str());
        let call = headers.iter().fold(call, |call, (name, value)| call.header(*name, *value));
        Ok(call.body(body)?)
    }

    /// Sends a write. After an error nobody knows whether it was done.
    pub(super) fn write(&self, call: Call) -> Result<Answer> {
        let line = line(&call);
        let answer = self.ask(call)?;
        ensure!(answer.is_success(), "{line} answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        ensure!(!self.is_cut(), "{line} was answered while the power was cut");
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
        Ok(answer)
    }

    /// Sends anything, and answers whatever comes back.
    pub(super) fn ask(&self, call: Call) -> Result<Answer> {
        let line = line(&call);
        let response = self.agent.run(call).with_context(|| line.clone())?;
        let (head, body) = response.into_parts();
        let body = body.into_with_config().limit(LARGEST_ANSWER_BYTES).read_to_vec().with_context(|| line.clone())?;
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// The power is about to be cut: an acknowledgement from here on counts for nothing. To a sync that is under way at
    /// that moment Linux may answer success, and drop what it was to write (seen with 6.18 and ext4).
    pub(super) fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::SeqCst)
    }

    /// How many writes were acknowledged since this was asked last.
    pub(super) fn take_acknowledged(&self) -> usize {
        self.acknowledged.swap(0, Ordering::Relaxed)
    }
}

/// Without the query, which holds a signature.
fn line(call: &Call) -> String {
    format!("{} {}", call.method(), call.uri().path())
}

#[expect(clippy::disallowed_methods, reason = "a signature bears the date of its making")]
fn now() -> Timestamp {
    Timestamp::now()
}

impl Answer {
    /// S3 may fail after the head of its answer was sent.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status) && !String::from_utf8_lossy(&self.body).contains("<Error>")
    }

    pub(super) fn json(&self) -> Result<Value> {
        let text = || format!("{} {}", self.status, String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).with_context(text)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The texts of all elements of this name. What is asked for here holds no entities.
    pub(super) fn elements(&self, name: &str) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.body);
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        text.split(&open).skip(1).filter_map(|rest| Some(rest.split_once(&close)?.0.to_owned())).collect()
    }
}
