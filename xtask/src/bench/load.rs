//! Sends calls over kept-alive connections, as fast as they are answered.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;
use ureq::{
    Agent,
    http::{Request, Response},
};

const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// One HTTP request.
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// Answers the next call, or none when there are no more. Every connection asks it.
pub(super) type Calls<'a> = dyn Fn() -> Option<Call> + Sync + 'a;

/// What was sent and answered with success.
pub(super) struct Load {
    pub(super) answered: usize,
    pub(super) elapsed: Duration,
}

/// Ends at so many calls, after so long, or when there are no more calls, whichever comes first. Any answer but a
/// success is an error.
pub(super) fn drive(connections: usize, most_calls: usize, limit: Duration, calls: &Calls) -> Result<Load> {
    let (sent, start) = (AtomicUsize::new(0), Instant::now());
    let connection = || {
        let (agent, mut answered) = (agent(), 0);
        while start.elapsed() < limit && sent.fetch_add(1, Ordering::Relaxed) < most_calls {
            let Some(call) = calls() else { break };
            send(&agent, call)?;
            answered += 1;
        }
        Ok(answered)
    };
    let answered = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(connection)).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a connection's thread panicked"))?).sum()
    });
    let answered: Result<usize> = answered;
    Ok(Load { answered: answered?, elapsed: start.elapsed() })
}

/// Sends one call and reads its JSON answer.
pub(super) fn ask(call: Call) -> Result<Value> {
    Ok(serde_json::from_slice(send(&agent(), call)?.body())?)
}

/// Sends one call and reads its answer as text.
pub(super) fn text(call: Call) -> Result<String> {
    Ok(String::from_utf8(send(&agent(), call)?.into_body())?)
}

/// Sends one call for a page of a list, and answers the path of the next from its `Link` header (RFC 8288).
pub(super) fn next_page(call: Call) -> Result<Option<String>> {
    let answer = send(&agent(), call)?;
    let Some(link) = answer.headers().get("link") else { return Ok(None) };
    let path = link.to_str()?.strip_prefix('<').and_then(|link| link.split_once(">; rel=\"next\""));
    Ok(Some(path.context("a link of another form")?.0.to_owned()))
}

fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
    config.timeout_global(Some(LONGEST_WAIT)).build().into()
}

fn send(agent: &Agent, call: Call) -> Result<Response<Vec<u8>>> {
    let line = format!("{} {}", call.method, call.url.split('?').next().unwrap_or_default());
    let mut request = Request::builder().method(call.method).uri(&call.url);
    for (name, value) in call.headers {
        request = request.header(name, value);
    }
    let (head, mut body) = agent.run(request.body(call.body)?).with_context(|| line.clone())?.into_parts();
    let (status, body) = (head.status, body.read_to_vec()?);
    ensure!(status.is_success(), "{line} answered {status}: {}", String::from_utf8_lossy(&body));
    Ok(Response::from_parts(head, body))
}
