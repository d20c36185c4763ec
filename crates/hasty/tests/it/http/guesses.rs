//! Whoever tries keys and tokens that are none is slowed down, and hurts nobody else.

use http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Call, Database, OWNER_KEY, TestApp};

on_both_databases![
    wrong_keys_end_with_429_for_a_minute,
    wrong_tokens_end_with_429_and_guests_go_on,
    behind_a_trusted_proxy_each_caller_counts_alone,
];

const ALLOWED: usize = 60;

async fn wrong_keys_end_with_429_for_a_minute(on: Database) {
    let app = TestApp::start(on).await;
    let opened = app.client().post("/api/session/").json(&json!({"key": OWNER_KEY})).answer().await;
    let cookie = opened.header("set-cookie").split(';').next().unwrap().to_owned();
    for number in 0..ALLOWED {
        let wrong = format!("not-the-key-{number}");
        match number % 2 {
            0 => app.client().post("/api/session/").json(&json!({"key": wrong})).answer().await,
            _ => app.client().get("/api/stats/").bearer_auth(wrong).answer().await,
        }
        .error(401, "not_signed_in");
    }
    let again = app.client().get("/api/stats/").bearer_auth("not-the-key").answer().await;
    again.error(429, "too_many_guesses");
    assert_eq!(again.header("retry-after"), "60");
    app.client().get("/api/images/").bearer_auth(OWNER_KEY).answer().await.error(429, "too_many_guesses");
    let right = app.client().post("/api/session/").json(&json!({"key": OWNER_KEY})).answer().await;
    right.error(429, "too_many_guesses");
    app.client().get("/api/stats/").header("cookie", cookie).answer().await.json(200);

    app.let_pass(1);
    app.client().get("/api/stats/").bearer_auth("not-the-key").answer().await.error(401, "not_signed_in");
    app.client().get("/api/stats/").bearer_auth(OWNER_KEY).answer().await.json(200);
}

async fn wrong_tokens_end_with_429_and_guests_go_on(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let guess = || app.client().get("/api/images/").bearer_auth(Uuid::new_v4());
    for _ in 0..ALLOWED {
        guess().answer().await.error(403, "token_unknown");
    }
    guess().answer().await.error(429, "too_many_guesses");
    let in_query = format!("/api/images/?access_token={}", Uuid::new_v4());
    app.client().get(&in_query).answer().await.error(429, "too_many_guesses");
    guest.sign("a.jpg").await;
    assert_eq!(guest.images().await.len(), 1);
}

async fn behind_a_trusted_proxy_each_caller_counts_alone(on: Database) {
    for (flags, expected) in [(&["--trusted-proxies", "10.0.0.0/8,127.0.0.1"][..], 403), (&[], 429)] {
        let app = TestApp::with(on, flags).await;
        let guess =
            |from: &str| app.client().get("/api/images/").bearer_auth(Uuid::new_v4()).header("x-forwarded-for", from);
        for _ in 0..=ALLOWED {
            guess("203.0.113.9, 198.51.100.1, 10.1.1.1").answer().await;
        }
        let same = guess("198.51.100.1").answer().await.status;
        assert_eq!(same, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(guess("198.51.100.2").answer().await.status, expected, "{flags:?}");
    }
}
