//! Guests that upload without pause, and try again as the guest's page does.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, Scope},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ureq::{Agent, http::Request};

use crate::powertest::payload;

/// As long as a page is open, it tries again; nobody stands at a wedding for longer than this.
const PATIENCE: Duration = Duration::from_secs(300);
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// A photo whose completion was answered with success.
#[derive(Clone)]
pub(super) struct Acknowledged {
    pub(super) id: i64,
    pub(super) sha256: String,
}

pub(super) struct Guests {
    url: String,
    agent: Agent,
    tokens: Vec<String>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    acknowledged: Vec<Acknowledged>,
    errors: Vec<String>,
    longest_wait: Duration,
}

impl Guests {
    pub(super) fn invite(url: &str, owner_key: &str, count: usize) -> Result<Self> {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(ANSWER_TIMEOUT));
        let mut guests =
            Self { url: url.to_owned(), agent: config.build().into(), tokens: Vec::new(), seen: Mutex::default() };
        for number in 0..count {
            let body = json!({ "email": format!("guest{number}@example.com") });
            let (status, answer) = guests.post("/api/invitation/", owner_key, &body)?;
            let token = answer["token"].as_str().with_context(|| format!("{status}: {answer}"))?.to_owned();
            guests.tokens.push(token);
        }
        Ok(guests)
    }

    /// Begins; each guest ends with the photo that is under way when it is over.
    pub(super) fn upload<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, is_over: &'scope AtomicBool) {
        for (number, token) in self.tokens.iter().enumerate() {
            scope.spawn(move || {
                let mut rng = StdRng::seed_from_u64(number as u64);
                while !is_over.load(Ordering::SeqCst) {
                    let bytes = payload::random(&mut rng);
                    let start = Instant::now();
                    let sent = self.send(token, &bytes);
                    let mut seen = self.seen();
                    seen.longest_wait = seen.longest_wait.max(start.elapsed());
                    match sent {
                        Ok(photo) => seen.acknowledged.push(photo),
                        Err(error) => seen.errors.push(format!("{error:#}")),
                    }
                }
            });
        }
    }

    pub(super) fn acknowledged(&self) -> Vec<Acknowledged> {
        self.seen().acknowledged.clone()
    }

    pub(super) fn errors(&self) -> Vec<String> {
        self.seen().errors.clone()
    }

    /// Of a photo, from the choice to the answer that it is safe.
    pub(super) fn take_longest_wait(&self) -> Duration {
        std::mem::take(&mut self.seen().longest_wait)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Policy, PUT, completion: what fails and may still go through is tried again.
    fn send(&self, token: &str, bytes: &[u8]) -> Result<Acknowledged> {
        let sha256 = hex::encode(Sha256::digest(bytes));
        let file = json!({ "filename": "a.jpg", "size": bytes.len(), "type": "image/jpeg", "sha256": sha256 });
        let until = Instant::now() + PATIENCE;
        let policy = patiently(until, || self.post("/api/files/policy/", token, &file))?;
        if let Some(id) = policy["duplicate_of"].as_i64() {
            return Ok(Acknowledged { id, sha256 });
        }
        let id = policy["file_id"].as_i64().with_context(|| format!("no id: {policy}"))?;
        patiently(until, || self.put(&policy, bytes))?;
        patiently(until, || self.post("/api/files/complete/", token, &json!({ "file": id })))?;
        Ok(Acknowledged { id, sha256 })
    }

    fn post(&self, path: &str, bearer: &str, body: &Value) -> Result<(u16, Value)> {
        let call = Request::post(format!("{}{path}", self.url)).header("content-type", "application/json");
        let call = call.header("authorization", format!("Bearer {bearer}")).body(body.to_string().into_bytes())?;
        self.answer(call)
    }

    fn put(&self, policy: &Value, bytes: &[u8]) -> Result<(u16, Value)> {
        let mut call = Request::put(policy["url"].as_str().context("no url")?);
        for (name, value) in policy["headers"].as_object().into_iter().flatten() {
            call = call.header(name, value.as_str().unwrap_or_default());
        }
        self.answer(call.body(bytes.to_vec())?)
    }

    fn answer(&self, call: Request<Vec<u8>>) -> Result<(u16, Value)> {
        let line = format!("{} {}", call.method(), call.uri().path());
        let response = self.agent.run(call).with_context(|| line.clone())?;
        let status = response.status().as_u16();
        let text = response.into_body().read_to_string().with_context(|| line)?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }
}

/// Again and again, ever less often, while it may still go through: no answer, an overloaded server, a change meanwhile.
fn patiently(until: Instant, attempt: impl Fn() -> Result<(u16, Value)>) -> Result<Value> {
    let mut wait = FIRST_WAIT;
    loop {
        let failed = match attempt() {
            Ok((200..300, answer)) => return Ok(answer),
            Ok((status, answer)) if !matches!(status, 408 | 409 | 429 | 500..) => {
                anyhow::bail!("{status}: {answer}");
            }
            Ok((status, answer)) => anyhow::anyhow!("{status}: {answer}"),
            Err(error) => error,
        };
        if Instant::now() + wait > until {
            return Err(failed.context("given up"));
        }
        #[expect(clippy::disallowed_methods, reason = "a page waits, too")]
        thread::sleep(wait);
        wait = LONGEST_WAIT.min(wait * 2);
    }
}
