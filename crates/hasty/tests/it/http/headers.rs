//! The headers that every answer carries.

use http::Method;
use serde_json::json;

use crate::support::{Answer, Call, Database, S3_KEY_PAIR, TestApp, photo};

on_both_databases![
    every_answer_of_ours_is_hardened,
    an_external_store_may_be_reached_by_the_page,
    what_the_store_serves_never_runs,
    answers_are_not_kept_by_caches,
];

async fn every_answer_of_ours_is_hardened(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let answers = [
        app.client().get(&guest.link).answer().await,
        app.client().get("/api/upload/?access_token=wrong").answer().await,
        app.client().get("/").answer().await,
        app.client().get("/healthz").answer().await,
        app.client().get("/api/nothing").answer().await,
        app.client().get("/assets/none").answer().await,
        app.client().get("/api/invitation/").answer().await,
        app.owner().invite_with(&json!({})).await,
        guest.get("/api/images/").answer().await,
        guest.policy(&json!({})).await,
        guest.call(Method::PUT, "/api/images/").answer().await,
        guest.call(Method::OPTIONS, "/api/images/").answer().await,
    ];
    let policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
                  img-src 'self' blob: data:; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
                  base-uri 'none'; frame-ancestors 'none'";
    for answer in &answers {
        is_hardened(answer, policy);
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{}", answer.text());
    }
    let admin = app.client().get("/admin/").answer().await;
    is_hardened(&admin, policy);
    assert_eq!(admin.header("referrer-policy"), "strict-origin");
}

async fn an_external_store_may_be_reached_by_the_page(on: Database) {
    let store = TestApp::start(Database::Sqlite).await;
    let (endpoint, (id, secret)) = (store.url(), S3_KEY_PAIR);
    let flags = [
        "--s3-endpoint",
        endpoint.as_str(),
        "--s3-access-key-id",
        id,
        "--s3-secret-access-key",
        secret,
        "--s3-public-endpoint",
        "https://s3.example.com",
    ];
    let app = TestApp::with(on, &flags).await;
    let policy = app.client().get("/admin/").answer().await.header("content-security-policy").to_owned();
    assert!(policy.contains("img-src 'self' blob: data: https://s3.example.com;"), "{policy}");
    assert!(policy.contains("connect-src 'self' https://s3.example.com;"), "{policy}");
    let guest = app.owner().invite("guest@example.com").await;
    assert_eq!(guest.sign("a.jpg").await.url.origin().ascii_serialization(), "https://s3.example.com");
    // What browsers have kept of the worker, with the policy that it came with, is asked for no more.
    let elsewhere = store.owner().invite("guest@example.com").await;
    let pages = [app.client().get(&guest.link).answer().await, store.client().get(&elsewhere.link).answer().await];
    let [policy, other] = pages.map(|page| page.text().split("\"policy\":\"").nth(1).unwrap()[..8].to_owned());
    assert_ne!(policy, other);
}

async fn what_the_store_serves_never_runs(on: Database) {
    // Ingest would keep none but the last of these.
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for (content_type, bytes, served_as) in [
        ("text/html", &b"<script>alert(1)</script>"[..], "application/octet-stream"),
        ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "application/octet-stream"),
        ("application/javascript", b"alert(1)", "application/octet-stream"),
        ("image/jpeg", &photo(1), "image/jpeg"),
    ] {
        let id = guest.upload("a", content_type, bytes).await;
        let image = guest.image(id).await;
        let answer = app.client().get(image["image_link"].as_str().unwrap()).answer().await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, served_as));
        assert_eq!(image["file_type"], served_as);
        never_runs(&answer);
        let refused = app.client().get(&answer_path(&image)).answer().await;
        assert_eq!(refused.status, 403);
        never_runs(&refused);
    }
    never_runs(&app.client().get("/hasty-media/").answer().await);
}

async fn answers_are_not_kept_by_caches(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for answer in [
        guest.get("/api/images/").answer().await,
        app.client().get(&guest.link).answer().await,
        guest.policy(&json!({"filename": "a.jpg"})).await,
        app.owner().get("/api/invitation/").answer().await,
    ] {
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[track_caller]
fn is_hardened(answer: &Answer, policy: &str) {
    assert_eq!(answer.header("content-security-policy"), policy, "{}", answer.text());
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{}", answer.text());
    assert_eq!(answer.header("access-control-allow-origin"), "", "{}", answer.text());
}

#[track_caller]
fn never_runs(answer: &Answer) {
    assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'", "{}", answer.text());
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{}", answer.text());
}

/// Where the photo lies, without a signature.
fn answer_path(image: &serde_json::Value) -> String {
    image["image_link"].as_str().unwrap().split('?').next().unwrap().to_owned()
}
