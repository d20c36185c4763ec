//! What the running program tells of itself: its log and its figures.

use serde_json::{Value, json};
use tempfile::TempDir;

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
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let environment = [("HASTY_OWNER_KEY", OWNER_KEY), ("HASTY_METRICS_LISTEN", free.as_str())];
    let (_hasty, url, _) = Hasty::start(data.path(), &environment).await;
    let client = Client::new(url);
    let guest = Owner::new(client.clone(), OWNER_KEY).invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    guest.settled(id).await;
    guest.get("/api/images/999/").answer().await.error(404, "not_found");
    client.get("/metrics").answer().await.error(404, "not_found");

    let figures = Client::new(format!("http://{free}").parse().unwrap());
    assert_eq!(figures.get("/other").answer().await.status, 404);
    let answer = figures.get("/metrics").answer().await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    for line in [
        r#"hasty_http_requests_total{method="POST",route="/api/files/complete",status="200"} 1"#,
        r#"hasty_http_requests_total{method="GET",route="/api/images/{id}",status="404"} 1"#,
        r#"hasty_http_requests_total{method="PUT",route="store",status="200"} 1"#,
        r#"hasty_http_request_duration_seconds_count{method="POST",route="/api/files/complete"} 1"#,
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
    assert!(text.contains("hasty_data_free_bytes ") && !text.contains(&guest.token), "{text}");
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
