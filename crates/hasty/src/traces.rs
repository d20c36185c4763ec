//! Traces: what each request and each photo's ingest did, and how long its parts took, for a collector that speaks
//! [OTLP](https://opentelemetry.io/docs/specs/otlp/) over HTTP. Attributes are named as OpenTelemetry's semantic
//! conventions name them.
//!
//! These spans have a target of their own: the log does not show them, and where no collector is configured, none is made.

use std::time::Duration;

use anyhow::{Context, Result};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::field::Empty;
use tracing::{Span, Subscriber, debug_span};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;
use url::Url;

/// Of all these spans, and of nothing else.
pub const TARGET: &str = "hasty::traces";
const LAST_EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// Where spans go. A thread of its own sends them, some seconds' worth at once; what a slow collector leaves behind is
/// dropped.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// `endpoint` is the collector's, such as `http://127.0.0.1:4318`. What else there is to choose is chosen by
    /// OpenTelemetry's own variables: OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS, OTEL_RESOURCE_ATTRIBUTES …
    pub fn to(endpoint: &Url) -> Result<Traces> {
        let url = format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'));
        let exporter = SpanExporter::builder().with_http().with_endpoint(url).build().context("cannot send traces")?;
        let mut resource = Resource::builder();
        if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name("hasty");
        }
        Ok(Traces(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build()))
    }

    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let layer = tracing_opentelemetry::layer().with_tracer(self.0.tracer("hasty"));
        let layer = layer.with_location(false).with_threads(false).with_target(false).with_tracked_inactivity(false);
        layer.with_filter(filter_fn(|metadata| metadata.target() == TARGET))
    }

    /// Sends what is still here. Blocks.
    pub fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST_EXPORT_TIMEOUT) {
            tracing::warn!(%error, "cannot send the last traces");
        }
    }
}

/// One transaction, its waiting included.
pub fn transaction(kind: &'static str, system: &'static str) -> Span {
    debug_span!(target: TARGET, "transaction", otel.name = kind, otel.kind = "client", db.system.name = system)
}

/// Until the answer's head.
pub fn storage_call(method: &'static str) -> Span {
    debug_span!(target: TARGET, "storage", otel.name = format_args!("S3 {method}"), otel.kind = "client", rpc.method = method)
}

pub fn ingest(image_id: i64) -> Span {
    debug_span!(target: TARGET, "ingest", image_id, outcome = Empty)
}

pub fn step(name: &'static str) -> Span {
    debug_span!(target: TARGET, "step", otel.name = name)
}
