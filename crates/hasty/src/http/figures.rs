//! `/metrics`, on an address of its own: figures in Prometheus's text format, for whoever may reach that address.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::health;
use crate::app::App;
use crate::db::jobs;
use crate::error::Error;
use crate::telemetry::{self, Now};

/// Few ask, and each for so long.
const ASKING_AT_ONCE: usize = 8;
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// What does not answer in this time is not known: Prometheus waits for ten seconds.
const LOOK_TIMEOUT: Duration = Duration::from_secs(2);
/// What is counted is gathered until then, whoever asks or not.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Answers whoever connects, until it is dropped.
pub async fn serve(app: Arc<App>, listener: TcpListener, handle: PrometheusHandle) {
    let mut answers = JoinSet::new();
    let mut upkeep = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        tokio::select! {
            accepted = listener.accept(), if answers.len() < ASKING_AT_ONCE => match accepted {
                Ok((stream, _)) => {
                    let (app, handle) = (app.clone(), handle.clone());
                    answers.spawn(async move { timeout(ANSWER_TIMEOUT, answer(&app, stream, &handle)).await });
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection for figures");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            },
            _ = answers.join_next(), if !answers.is_empty() => {}
            _ = upkeep.tick() => handle.run_upkeep(),
        }
    }
}

async fn answer(app: &App, stream: TcpStream, handle: &PrometheusHandle) -> hyper::Result<()> {
    let service = hyper::service::service_fn(async |request: Request<Incoming>| {
        let is_known = request.uri().path() == "/metrics" && request.method() == Method::GET;
        let (status, text) = if is_known { (StatusCode::OK, render(app, handle).await) } else { not_found() };
        let answer =
            Response::builder().status(status).header(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
        Ok::<_, Infallible>(answer.body(Body::from(text)).unwrap_or_default())
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).keep_alive(false).serve_connection(TokioIo::new(stream), service).await
}

fn not_found() -> (StatusCode, String) {
    (StatusCode::NOT_FOUND, "GET /metrics\n".into())
}

async fn render(app: &App, handle: &PrometheusHandle) -> String {
    telemetry::look(&now(app).await);
    handle.run_upkeep();
    handle.render()
}

/// What is not to be had soon is not known: figures are asked for when something is wrong.
async fn now(app: &App) -> Now {
    let look = app.db.read(|tx| jobs::backlog(tx).map_err(Error::from));
    let (backlog, ready) = tokio::join!(timeout(LOOK_TIMEOUT, look), timeout(LOOK_TIMEOUT, health::check(app)));
    let backlog: Option<jobs::Backlog> = backlog.ok().and_then(Result::ok);
    let oldest = backlog.as_ref().and_then(|backlog| backlog.oldest_created_at);
    let age_micros = oldest.map(|created_at| (app.clock.now().0 - created_at.0).max(0).unsigned_abs());
    let disk = rustix::fs::statvfs(&app.config.place.data_dir).ok();
    Now {
        is_ready: matches!(ready, Ok(Ok(()))),
        waiting_jobs: backlog.as_ref().map(|backlog| backlog.waiting),
        given_up_jobs: backlog.as_ref().map(|backlog| backlog.given_up),
        oldest_job: backlog.is_some().then(|| Duration::from_micros(age_micros.unwrap_or(0))),
        data_free_bytes: disk.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
    }
}
