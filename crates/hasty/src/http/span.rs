//! The span of a request, for a collector of traces.

use std::collections::HashMap;

use http::{Request, StatusCode};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::field::Empty;
use tracing::{Span, debug_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::caller::{Caller, TRACE_PARENT};
use crate::traces;

/// A request that comes in, as part of the trace that a trusted proxy has begun. Its query is left out: it holds tokens.
pub fn request<B>(request: &Request<B>) -> Span {
    let caller = request.extensions().get::<Caller>();
    let span = debug_span!(
        target: traces::TARGET,
        "request",
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %request.method(),
        http.route = Empty,
        http.response.status_code = Empty,
        url.path = request.uri().path(),
        client.address = caller.map(|caller| display(caller.address)),
        request_id = caller.and_then(|caller| caller.request_id.to_str().ok()),
    );
    let parent = caller.and_then(|caller| caller.trace_parent.as_ref()?.to_str().ok());
    if let Some(parent) = parent.filter(|_| !span.is_disabled()) {
        let headers = HashMap::from([(TRACE_PARENT.to_string(), parent.to_owned())]);
        // A span that is not sampled takes no parent.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&headers));
    }
    span
}

pub fn answered(span: &Span, method: &str, route: &str, status: StatusCode) {
    if span.is_disabled() {
        return;
    }
    // A field of this span would come too late: it has begun.
    span.context().span().update_name(format!("{method} {route}"));
    span.record("http.route", route);
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}
