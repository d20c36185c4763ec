//! What the running program tells of itself: its log and its figures.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Attribute;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::support::{Call, Client, Hasty, OWNER_KEY, Owner, photo};

#[tokio::test]
async fn a_log_in_json_names_each_request_as_its_answer_does() {
    let data = TempDir::new().unwrap();
    let environment =
        [("HASTY_LOG", "debug,s3s=off"), ("HASTY_LOG_FORMAT", "json"), ("HASTY_TRUSTED_PROXIES", "127.0.0.1")];
    let (mut hasty, url, _) = Hasty::start(data.path(), &environment).await;
    let client = Client::new(url);
    let own = client.get("/healthz").answer().await.header("x-request-id").to_owned();
    let proxied = client.get("/readyz").header("x-request-id", "from-the-proxy").header("x-forwarded-for", "192.0.2.7");
    assert_eq!(proxied.answer().await.header("x-request-id"), "from-the-proxy");
    let (_, log) = hasty.stop().await;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (path, id, from) in [("/healthz", own.as_str(), "127.0.0.1"), ("/readyz", "from-the-proxy", "192.0.2.7")] {
        let is_that = |line: &&Value| line["span"]["path"] == path;
        let line = lines.iter().find(is_that).unwrap_or_else(|| panic!("{path}: {log}"));
        assert_eq!((&line["span"]["id"], &line["span"]["from"]), (&json!(id), &json!(from)), "{line}");
    }
}

#[tokio::test]
async fn prometheus_reads_what_was_done_on_an_address_of_its_own() {
    let data = TempDir::new().unwrap();
    let environment = [("HASTY_OWNER_KEY", OWNER_KEY), ("HASTY_METRICS_LISTEN", "127.0.0.1:0")];
    let (hasty, url, _) = Hasty::start(data.path(), &environment).await;
    let client = Client::new(url);
    let guest = Owner::new(client.clone(), OWNER_KEY).invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    guest.settled(id).await;
    guest.get("/api/images/999/").answer().await.error(404, "not_found");
    client.get("/metrics").answer().await.error(404, "not_found");

    client.call("MADE_UP".parse().unwrap(), "/healthz").answer().await.error(405, "method_not_allowed");
    client.call("MADEUP".parse().unwrap(), "/healthz").answer().await.error(405, "method_not_allowed");

    let figures = Client::new(hasty.figures_url().await);
    assert_eq!(figures.get("/other").answer().await.status, 404);
    let answer = figures.get("/metrics").answer().await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    for line in [
        r#"hasty_http_requests_total{method="POST",route="/api/files/complete",status="200"} 1"#,
        r#"hasty_http_requests_total{method="GET",route="/api/images/{id}",status="404"} 1"#,
        r#"hasty_http_requests_total{method="PUT",route="store",status="200"} 1"#,
        r#"hasty_http_request_duration_seconds_count{method="POST",route="/api/files/complete"} 1"#,
        r#"hasty_http_requests_total{method="other",route="/healthz",status="405"} 2"#,
        r#"hasty_images_total{event="signed"} 1"#,
        r#"hasty_images_total{event="uploaded"} 1"#,
        r#"hasty_images_total{event="ready"} 1"#,
        r#"hasty_ingest_duration_seconds_count{outcome="ready"} 1"#,
        r#"hasty_jobs{state="waiting"} 0"#,
        r#"hasty_jobs{state="given_up"} 0"#,
        "hasty_oldest_job_age_seconds 0",
        "hasty_ready 1",
        &format!("hasty_image_bytes_total {}", photo(1).len()),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    for name in ["hasty_storage_call_duration_seconds_bucket", "hasty_database_transaction_duration_seconds_sum"] {
        assert!(text.contains(name), "{name}: {text}");
    }
    for (file, words) in DOCUMENTS {
        for name in figures_named(words) {
            assert!(text.contains(&format!("# TYPE {name} ")), "{file} names {name}: {text}");
        }
    }
    assert!(
        text.contains("hasty_data_free_bytes ") && !text.contains(&guest.token) && !text.contains("MADE"),
        "{text}"
    );
}

/// What a collector has been sent.
type Sent = Arc<Mutex<Vec<ExportTraceServiceRequest>>>;

async fn collector() -> (String, Sent) {
    let sent = Sent::default();
    let heard = sent.clone();
    let take = async move |body: Bytes| heard.lock().unwrap().push(ExportTraceServiceRequest::decode(body).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, Router::new().route("/v1/traces", post(take))).await });
    (url, sent)
}

fn spans(sent: &Sent) -> Vec<Span> {
    let all = sent.lock().unwrap().clone();
    all.into_iter().flat_map(|sent| sent.resource_spans).flat_map(|of| of.scope_spans).flat_map(|of| of.spans).collect()
}

fn attributes(span: &Span) -> HashMap<&str, String> {
    let text = |value: &Attribute| match value {
        Attribute::StringValue(text) => text.clone(),
        Attribute::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let value = |pair: &opentelemetry_proto::tonic::common::v1::KeyValue| pair.value.as_ref()?.value.as_ref().map(text);
    span.attributes.iter().filter_map(|pair| Some((pair.key.as_str(), value(pair)?))).collect()
}

#[tokio::test]
async fn a_collector_gets_a_trace_of_each_request_and_of_each_photo_examined() {
    let (collector, sent) = collector().await;
    let data = TempDir::new().unwrap();
    let environment = [
        ("HASTY_OWNER_KEY", OWNER_KEY),
        ("HASTY_OTLP_ENDPOINT", collector.as_str()),
        ("HASTY_TRUSTED_PROXIES", "127.0.0.1"),
        ("HASTY_LOG", "debug"),
    ];
    let (mut hasty, url, _) = Hasty::start(data.path(), &environment).await;
    let client = Client::new(url);
    let guest = Owner::new(client.clone(), OWNER_KEY).invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    guest.settled(id).await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let list = client.get(&format!("/api/images/?access_token={}&limit=1", guest.token));
    let list = list.header("traceparent", &format!("00-{trace}-b7ad6b7169203331-01"));
    assert_eq!(list.header("x-request-id", "from-the-proxy").answer().await.status, 200);
    let (_, log) = hasty.stop().await;

    let spans = spans(&sent);
    let named =
        |name: &str| spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:#?}"));
    let below = |span: &Span| {
        let mut names: Vec<_> =
            spans.iter().filter(|one| one.parent_span_id == span.span_id).map(|one| &*one.name).collect();
        names.dedup();
        names
    };
    let listed = named("GET /api/images");
    assert_eq!((hex::encode(&listed.trace_id), below(listed)), (trace.to_owned(), vec!["read"]));
    for (name, value) in [
        ("http.request.method", "GET"),
        ("http.route", "/api/images"),
        ("http.response.status_code", "200"),
        ("url.path", "/api/images/"),
        ("client.address", "127.0.0.1"),
        ("request_id", "from-the-proxy"),
    ] {
        assert_eq!(attributes(listed).get(name).map(String::as_str), Some(value), "{name}: {listed:#?}");
    }
    let ingest = named("ingest");
    assert_eq!(below(ingest), ["receive", "examine", "store", "preview", "publish"]);
    assert_eq!(attributes(ingest)["outcome"], "ready");
    assert_eq!(below(named("publish")), ["write"]);
    assert!(below(named("POST /api/files/complete")).contains(&"S3 COPY"));
    let services = sent.lock().unwrap()[0].resource_spans[0].resource.clone();
    assert!(format!("{services:?}").contains("\"hasty\""), "{services:?}");
    for secret in [&guest.token, OWNER_KEY, "X-Amz-Signature"] {
        assert!(!format!("{spans:?}").contains(secret), "{spans:#?}");
    }
    assert!(!log.contains("otel."), "traces are no part of the log: {log}");
}

#[tokio::test]
async fn a_server_whose_collector_is_away_serves_and_stops_as_ever() {
    // A port that only root can listen at.
    let environment = [("HASTY_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_BSP_SCHEDULE_DELAY", "10")];
    let data = TempDir::new().unwrap();
    let (mut hasty, url, _) = Hasty::start(data.path(), &environment).await;
    assert_eq!(Client::new(url).get("/readyz").answer().await.status, 200);
    let (status, log) = hasty.stop().await;
    assert!(status.success(), "{log}");
    assert!(log.contains("will be lost"), "{log}");
}

/// Where operators read of figures.
const DOCUMENTS: [(&str, &str); 2] = [
    ("README.md", include_str!("../../../../README.md")),
    ("grafana.json", include_str!("../../../../deploy/grafana.json")),
];

fn figures_named(words: &str) -> Vec<&str> {
    let names = words.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let figures = names.filter(|name| name.starts_with("hasty_") && !name.starts_with("hasty_media"));
    figures
        .map(|name| ["_bucket", "_count", "_sum"].iter().fold(name, |name, end| name.strip_suffix(end).unwrap_or(name)))
        .collect()
}
