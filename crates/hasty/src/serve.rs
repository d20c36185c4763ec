//! Serving: connections with limits, background jobs, and a stop that lets what runs finish.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::body::Body;
use hyper::body::{Body as _, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tower::ServiceBuilder;
use tower_http::timeout::TimeoutBody;
use tower_http::trace::TraceLayer;

use crate::app::App;
use crate::domain::doctor::{self, Finding, Level};
use crate::http::{Caller, Http, figures};
use crate::{jobs, telemetry};

/// A client must send its whole request head in this time.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
/// A body may take as long as it needs, while something arrives.
const BODY_IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// Connections at once; more wait in the kernel's queue.
const CONNECTION_LIMIT: usize = 4096;
/// What is sent must be taken in this time: whoever reads nothing keeps no connection.
const SEND_TIMEOUT: Duration = Duration::from_secs(120);
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves until `shutdown` is ready, or what is served was moved elsewhere, which is an error; then finishes what runs, for
/// 30 seconds at most.
pub async fn serve(app: App, listener: TcpListener, shutdown: impl Future<Output = ()>) -> Result<()> {
    let app = Arc::new(app);
    app.check_database().await?;
    app.prepare_bucket().await?;
    doctor::at_start(&app, &mut log_finding).await;
    let figures = serve_figures(&app).await?;
    // Once nothing is in the way of serving: whatever starts again and again must not use up the jobs' attempts.
    let jobs = jobs::start(app.clone());
    let http = Http::new(app.clone());
    let connections = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(CONNECTION_LIMIT));
    let (mut shutdown, mut moved) = (pin!(shutdown), pin!(app.until_moved()));
    let ended = loop {
        // At the limit the stop must be heard too.
        let accept = async {
            let slot = slots.clone().acquire_owned().await;
            (listener.accept().await, slot)
        };
        let (accepted, slot) = tokio::select! {
            accepted = accept => accepted,
            () = &mut shutdown => break Ok(()),
            reason = &mut moved => break Err(reason),
        };
        match accepted {
            Ok((stream, peer)) => spawn_connection(&connections, http.clone(), stream, peer, slot?),
            Err(error) => {
                // Out of file descriptors, mostly: others end meanwhile.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    };
    drop(listener);
    figures.inspect(JoinHandle::abort);
    tracing::info!("stopping: finishing what runs");
    app.watching.end();
    let stop_all = async { tokio::join!(jobs.stop(), connections.shutdown()) };
    if tokio::time::timeout(STOP_TIMEOUT, stop_all).await.is_err() {
        tracing::warn!("some requests did not end in {} s", STOP_TIMEOUT.as_secs());
    }
    ended
}

fn log_finding(Finding { part, level, what, fix }: Finding) {
    match level {
        Level::Ok => tracing::debug!(%part, "{what}"),
        Level::Warning => tracing::warn!(%part, fix, "{what}"),
        Level::Failure => tracing::error!(%part, fix, "{what}"),
    }
}

/// Where the configuration asks for them.
async fn serve_figures(app: &Arc<App>) -> Result<Option<JoinHandle<()>>> {
    let Some(address) = app.config.watch.metrics_listen else { return Ok(None) };
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address} for figures (HASTY_METRICS_LISTEN)"))?;
    tracing::info!("figures for Prometheus are at http://{}/metrics", listener.local_addr()?);
    let handle = telemetry::start_figures()?;
    Ok(Some(tokio::spawn(figures::serve(app.clone(), listener, handle))))
}

fn spawn_connection(
    connections: &GracefulShutdown,
    http: Http,
    stream: TcpStream,
    peer: SocketAddr,
    slot: tokio::sync::OwnedSemaphorePermit,
) {
    // Small answers go out at once.
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = rustix::net::sockopt::set_tcp_user_timeout(&stream, SEND_TIMEOUT.as_millis() as u32);
    let app = http.app.clone();
    let received = move |request: http::Request<Incoming>| {
        let caller = Caller::of(peer, request.headers(), &app.config.trusted_proxies);
        let mut request = request.map(while_it_arrives);
        request.extensions_mut().insert(caller);
        request
    };
    let answer = tower::service_fn(move |request| http.clone().answer(request));
    let service = ServiceBuilder::new()
        .map_request(received)
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .service(answer);
    // Only HTTP/1: telling it from HTTP/2 by the first bytes would wait for these without a limit.
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    let connection =
        builder.serve_connection(TokioIo::new(stream), hyper_util::service::TowerToHyperService::new(service));
    let connection = connections.watch(connection.into_owned());
    tokio::spawn(async move {
        let _slot = slot;
        if let Err(error) = connection.await {
            tracing::debug!(error, "a connection ended early");
        }
    });
}

/// A body that ends when nothing of it arrives for too long. One that has ended already keeps its length of 0, without
/// which S3 asks for a Content-Length.
fn while_it_arrives(body: Incoming) -> Body {
    if body.is_end_stream() { Body::empty() } else { Body::new(TimeoutBody::new(BODY_IDLE_TIMEOUT, body)) }
}

/// The query holds tokens and signatures: it stays out of the log.
fn span<B>(request: &http::Request<B>) -> tracing::Span {
    let caller = request.extensions().get::<Caller>();
    let (id, from) = (caller.map(|caller| &caller.request_id), caller.map(|caller| caller.address));
    let id = id.and_then(|id| id.to_str().ok());
    let from = from.map(tracing::field::display);
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id, from)
}
