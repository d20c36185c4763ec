//! What the server tells of itself: its log, and figures that Prometheus reads.
//!
//! Figures count what this instance does; whoever has several adds them up. Their names follow Prometheus's naming: a
//! unit and, for what only grows, `_total` at the end.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use anyhow::{Context, Result};
use http::{Method, StatusCode};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{LogFormat, Watch};
use crate::traces::Traces;

/// The protocol layer logs whole requests, with their signatures; spans for a collector are no part of the log.
const NOT_LOGGED: [&str; 2] = ["s3s=off", "hasty::traces=off"];
/// Bounds of the histograms: from a read in SQLite to a large photo on a busy machine.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// A stranger may make up others without end, and each label is kept for good.
const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

const REQUESTS: &str = "hasty_http_requests_total";
const REQUEST_SECONDS: &str = "hasty_http_request_duration_seconds";
const IMAGES: &str = "hasty_images_total";
const IMAGE_BYTES: &str = "hasty_image_bytes_total";
const INGEST_SECONDS: &str = "hasty_ingest_duration_seconds";
const STORAGE_SECONDS: &str = "hasty_storage_call_duration_seconds";
const DATABASE_SECONDS: &str = "hasty_database_transaction_duration_seconds";
const JOBS: &str = "hasty_jobs";
const OLDEST_JOB_SECONDS: &str = "hasty_oldest_job_age_seconds";
const DATA_FREE_BYTES: &str = "hasty_data_free_bytes";
const READY: &str = "hasty_ready";

/// Writes the log to standard error, and sends traces where a collector is configured.
pub fn start(watch: &Watch) -> Result<Option<Traces>> {
    let mut filter = EnvFilter::try_new(&watch.log)
        .with_context(|| format!("HASTY_LOG: use such as hasty=debug,info, not {:?}", watch.log))?;
    for directive in NOT_LOGGED {
        filter = filter.add_directive(directive.parse()?);
    }
    let log = tracing_subscriber::fmt::layer().with_writer(stderr);
    let log = match watch.log_format {
        LogFormat::Text => log.with_ansi(stderr().is_terminal()).boxed(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let traces = watch.otlp_endpoint.as_ref().map(Traces::to).transpose()?;
    let layer = traces.as_ref().map(Traces::layer);
    tracing_subscriber::registry().with(log.with_filter(filter)).with(layer).init();
    Ok(traces)
}

/// Counts from now on; before, and where this is never called, nothing is counted.
pub fn start_figures() -> Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)?;
    let handle = builder.install_recorder().context("cannot count")?;
    describe_counter!(REQUESTS, "Requests that were answered, by method, route and status; the embedded store's too");
    describe_histogram!(REQUEST_SECONDS, Unit::Seconds, "Until the answer's head, by method and route");
    describe_counter!(IMAGES, "What happened to images: signed (again, too), uploaded, ready, rejected, deleted");
    describe_counter!(IMAGE_BYTES, Unit::Bytes, "Bytes of the photos that have arrived");
    describe_histogram!(INGEST_SECONDS, Unit::Seconds, "One attempt to examine a photo, by its outcome");
    describe_histogram!(STORAGE_SECONDS, Unit::Seconds, "Until the answer's head, by method and outcome");
    describe_histogram!(DATABASE_SECONDS, Unit::Seconds, "One transaction, its waiting included, by kind and outcome");
    describe_gauge!(JOBS, "Background work in the database: waiting (or under way), given_up");
    describe_gauge!(OLDEST_JOB_SECONDS, Unit::Seconds, "How long the oldest waiting background work has been there");
    describe_gauge!(DATA_FREE_BYTES, Unit::Bytes, "Room on the disk of the data folder");
    describe_gauge!(READY, "1 where /readyz answers 200");
    Ok(handle)
}

pub fn request_answered(method: &Method, route: &str, status: StatusCode, took: Duration) {
    let method = if METHODS.contains(method) { method.as_str().to_owned() } else { "other".to_owned() };
    let route = route.to_owned();
    histogram!(REQUEST_SECONDS, "method" => method.clone(), "route" => route.clone()).record(took);
    counter!(REQUESTS, "method" => method, "route" => route, "status" => status.as_str().to_owned()).increment(1);
}

/// `event`: signed, uploaded, ready, rejected or deleted.
pub fn images_became(event: &'static str, count: u64) {
    counter!(IMAGES, "event" => event).increment(count);
}

pub fn bytes_arrived(size_bytes: u64) {
    counter!(IMAGE_BYTES).increment(size_bytes);
}

pub fn ingest_ended(outcome: &'static str, took: Duration) {
    histogram!(INGEST_SECONDS, "outcome" => outcome).record(took);
}

pub fn storage_called(method: &'static str, outcome: &'static str, took: Duration) {
    histogram!(STORAGE_SECONDS, "method" => method, "outcome" => outcome).record(took);
}

pub fn transaction_ended(kind: &'static str, outcome: &'static str, took: Duration) {
    histogram!(DATABASE_SECONDS, "kind" => kind, "outcome" => outcome).record(took);
}

/// What is looked up when somebody asks; `None` is not known.
pub struct Now {
    pub is_ready: bool,
    pub waiting_jobs: Option<u64>,
    pub given_up_jobs: Option<u64>,
    pub oldest_job: Option<Duration>,
    pub data_free_bytes: Option<u64>,
}

pub fn look(now: &Now) {
    // What is not known is not a number: the last value would say that all is as it was.
    let known = |value: Option<f64>| value.unwrap_or(f64::NAN);
    for (state, count) in [("waiting", now.waiting_jobs), ("given_up", now.given_up_jobs)] {
        gauge!(JOBS, "state" => state).set(known(count.map(|count| count as f64)));
    }
    gauge!(READY).set(f64::from(u8::from(now.is_ready)));
    gauge!(OLDEST_JOB_SECONDS).set(known(now.oldest_job.map(|age| age.as_secs_f64())));
    gauge!(DATA_FREE_BYTES).set(known(now.data_free_bytes.map(|bytes| bytes as f64)));
}
