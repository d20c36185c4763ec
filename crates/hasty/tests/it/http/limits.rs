//! Work is bounded: bodies, heads, and how long a client may take to send them.

use std::time::Duration;

use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Call, Client, Database, Guest, TestApp};

on_both_databases![
    a_body_over_the_limit_is_refused,
    a_body_without_files_is_small,
    a_body_of_countless_values_is_not_even_parsed,
    a_stop_lets_what_runs_finish,
];

async fn a_body_over_the_limit_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let body = |size: usize| format!(r#"{{"filename":"a.jpg","padding":"{}"}}"#, "x".repeat(size));
    let send = async |path: &str, size: usize| {
        let call = guest.call(Method::POST, path).header("content-type", "application/json");
        call.body(body(size)).answer().await
    };
    send("/api/files/policy/", 4_000_000).await.json(200);
    for path in ["/api/files/policy/", "/api/files/complete/"] {
        for size in [4 << 20, 5_000_000, 40_000_000] {
            send(path, size).await.legacy_error(413, "body_too_large", "detail");
        }
    }
    let invite = app.owner().post("/api/invitation/").header("content-type", "application/json").body(body(5_000_000));
    invite.answer().await.legacy_error(413, "body_too_large", "error_message");
    assert_eq!(guest.images().await.len(), 1);
}

async fn a_body_without_files_is_small(on: Database) {
    let app = TestApp::start(on).await;
    let long = json!({"key": "x", "email": "guest@example.com", "padding": "x".repeat(70_000)});
    app.client().post("/api/session/").json(&long).answer().await.error(413, "body_too_large");
    app.owner().post("/api/invitation/").json(&long).answer().await.error(413, "body_too_large");
    assert_eq!(app.owner().get("/api/invitation/").answer().await.json(200), json!([]));
}

/// Parsed, such a body would take a hundred times its own size.
async fn a_body_of_countless_values_is_not_even_parsed(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for value in [json!(vec![0; 60_000]), json!(vec![json!({"": 0}); 60_000])] {
        let body = json!({"filename": "a.jpg", "padding": value});
        guest.policy(&body).await.error(400, "parse_error");
    }
    assert!(guest.images().await.is_empty());
}

async fn a_stop_lets_what_runs_finish(on: Database) {
    let mut app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let body = json!({"filename": "a.jpg"}).to_string();
    let mut running = begin_policy(&app, &guest, body.len()).await;

    let stopped = app.begin_stop();
    // New connections are refused from now on.
    while TcpStream::connect(app.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    running.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    running.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\"file_id\":1,"), "{answer}");
    stopped.await.unwrap().unwrap();
}

/// A client that sends a head slowly, or nothing at all, is not waited for.
#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let app = TestApp::start(Database::Sqlite).await;
    let starts: [&[u8]; 5] =
        [b"", b"G", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"PRI * HT", b"GET /healthz HTTP/1.1\r\n"];
    for start in starts {
        let mut connection = TcpStream::connect(app.address).await.unwrap();
        connection.write_all(start).await.unwrap();
        // Connections are accepted in their order: once this one has its answer, the server waits for the other.
        Client::new(app.url()).get("/healthz").answer().await.is(200, r#"{"status":"ok"}"#);
        let rest = until_the_server_ends_it(&mut connection).await;
        assert!(rest.is_some(), "still open: {:?}", String::from_utf8_lossy(start));
    }
    app.client().get("/healthz").answer().await.is(200, r#"{"status":"ok"}"#);
}

#[tokio::test]
async fn a_body_that_stops_coming_is_not_waited_for() {
    let app = TestApp::start(Database::Sqlite).await;
    let guest = app.owner().invite("guest@example.com").await;
    let mut running = begin_policy(&app, &guest, 1000).await;
    running.write_all(b"{\"filename\":").await.unwrap();
    let answer = until_the_server_ends_it(&mut running).await.expect("still open");
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_eq!(guest.images().await.len(), 0);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let app = TestApp::start(Database::Sqlite).await;
    let long = "x".repeat(1_000_000);
    let mut connection = TcpStream::connect(app.address).await.unwrap();
    let head = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\nX-Long: {long}\r\n\r\n", app.address);
    // The server may close before it has taken all of it.
    drop(connection.write_all(head.as_bytes()).await);
    let mut answer = Vec::new();
    drop(connection.read_to_end(&mut answer).await);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
    app.client().get("/healthz").answer().await.is(200, r#"{"status":"ok"}"#);
}

/// What the server still says, if it ends the connection within twenty minutes. They pass in leaps, with real time after
/// each: only that brings the end from one socket to the other.
async fn until_the_server_ends_it(connection: &mut TcpStream) -> Option<Vec<u8>> {
    let mut rest = Vec::new();
    for _ in 0..20 {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(60)).await;
        tokio::time::resume();
        if tokio::time::timeout(Duration::from_millis(500), connection.read_to_end(&mut rest)).await.is_ok() {
            return Some(rest);
        }
    }
    None
}

/// A policy whose body the server waits for.
async fn begin_policy(app: &TestApp, guest: &Guest, length: usize) -> TcpStream {
    let mut connection = TcpStream::connect(app.address).await.unwrap();
    let head = format!(
        "POST /api/files/policy/ HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n",
        app.address, guest.token
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut went_on = [0; 25];
    connection.read_exact(&mut went_on).await.unwrap();
    assert_eq!(str::from_utf8(&went_on).unwrap(), "HTTP/1.1 100 Continue\r\n\r\n");
    connection
}
