//! A guest's token: missing, unknown, expired, revoked; in the query or as a bearer.

use http::Method;
use serde_json::json;

use crate::support::{Call, Database, TestApp};

on_both_databases![
    the_token_is_checked_before_everything_else,
    any_text_that_is_no_token_is_unknown,
    the_token_goes_in_the_query_or_as_a_bearer,
    an_expired_token_says_so_everywhere,
    a_revoked_token_says_so_everywhere,
    a_token_works_to_its_last_moment,
    no_file_holds_a_token,
];

const GUARDED: [&str; 8] = [
    "/api/files/policy/",
    "/api/files/complete/",
    "/api/files/parts/",
    "/api/files/1/parts/",
    "/api/images/",
    "/api/images/1/",
    "/api/files/policy",
    "/api/images",
];

const METHODS: [Method; 6] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

async fn the_token_is_checked_before_everything_else(on: Database) {
    let app = TestApp::start(on).await;
    for path in GUARDED {
        for method in METHODS {
            for query in ["", "?access_token=", "?access_token=&access_token="] {
                let call = app.client().call(method.clone(), &format!("{path}{query}"));
                let answer = call.header("content-type", "text/plain").body("no JSON").answer().await;
                let detail = answer.legacy_error(403, "token_missing", "detail");
                assert_eq!(detail, "access_token cannot be None", "{method} {path}");
            }
            let unknown = app.client().call(method.clone(), path).bearer_auth(uuid::Uuid::new_v4());
            let answer = unknown.header("content-type", "application/json").body("{").answer().await;
            let detail = answer.legacy_error(403, "token_unknown", "detail");
            assert_eq!(detail, "No such access_token", "{method} {path}");
        }
    }
    let head = app.client().call(Method::HEAD, "/api/images/").answer().await;
    head.is(403, "");
}

async fn any_text_that_is_no_token_is_unknown(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let long = "x".repeat(4000);
    let almost = guest.token.replace(&guest.token[..1], "z");
    for text in [
        "x",
        "0",
        "None",
        "null",
        "-1",
        "' OR 1=1 --",
        "<script>",
        "жетон",
        "令牌",
        "رمز",
        "🎟",
        "a\u{0}b",
        "%",
        "\u{202e}abc",
        &almost,
        &long,
        "00000000-0000-0000-0000-000000000000",
    ] {
        let mut url = app.url().join("/api/images/").unwrap();
        url.query_pairs_mut().append_pair("access_token", text);
        let in_query = app.client().get(url.as_str()).answer().await;
        assert_eq!(in_query.legacy_error(403, "token_unknown", "detail"), "No such access_token", "{text}");
        let Ok(value) = http::HeaderValue::from_bytes(format!("Bearer {text}").as_bytes()) else { continue };
        let as_bearer = app.client().get("/api/images/").header("authorization", value).answer().await;
        assert_eq!(as_bearer.legacy_error(403, "token_unknown", "detail"), "No such access_token", "{text}");
    }
    let not_unicode = app.client().get("/api/images/?access_token=%ff%fe%00").answer().await;
    not_unicode.legacy_error(403, "token_unknown", "detail");
    for scheme in ["Basic abc", "Bearer", "Bearer ", "bearer", "Token x", ""] {
        let answer = app.client().get("/api/images/").header("authorization", scheme).answer().await;
        assert_eq!(answer.legacy_error(403, "token_missing", "detail"), "access_token cannot be None", "{scheme}");
    }
}

async fn the_token_goes_in_the_query_or_as_a_bearer(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let (path, token) = ("/api/images/", guest.token.as_str());
    app.client().get(&format!("{path}?access_token={token}")).answer().await.is(200, "[]");
    app.client().get(&format!("{path}?a=b&access_token={token}&c")).answer().await.is(200, "[]");
    app.client().get(path).header("authorization", format!("Bearer {token}")).answer().await.is(200, "[]");
    app.client().get(path).header("authorization", format!("bearer {token}")).answer().await.is(200, "[]");
    app.client().get(&format!("{path}?access_token={token}")).bearer_auth(token).answer().await.is(200, "[]");
    app.client().get(&format!("{path}?access_token=")).bearer_auth(token).answer().await.is(200, "[]");

    let policy = app.client().post(&format!("/api/files/policy/?access_token={token}"));
    policy.json(&json!({"filename": "a.jpg"})).answer().await.json(200);
    let complete = app.client().post(&format!("/api/files/complete?access_token={token}"));
    complete.json(&json!({})).answer().await.is(200, "{}");
}

async fn an_expired_token_says_so_everywhere(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    app.move_clock(7 * 24 + 1);
    for path in GUARDED {
        for method in METHODS {
            let answer = guest.call(method, path).answer().await;
            assert_eq!(answer.legacy_error(403, "token_expired", "detail"), "access_token has expired", "{path}");
        }
    }
}

async fn a_revoked_token_says_so_everywhere(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    app.owner().revoke(&guest).await;
    for path in GUARDED {
        let answer = app.client().post(&format!("{path}?access_token={}", guest.token)).answer().await;
        assert_eq!(answer.legacy_error(403, "token_expired", "detail"), "access_token has expired", "{path}");
    }
}

async fn a_token_works_to_its_last_moment(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    app.move_clock(7 * 24 - 1);
    guest.get("/api/images/").answer().await.is(200, "[]");
    app.move_clock(1);
    guest.get("/api/images/").answer().await.legacy_error(403, "token_expired", "detail");
}

async fn no_file_holds_a_token(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    guest.upload_jpeg("a.jpg", &crate::support::photo(1)).await;
    let (mut folders, mut files) = (vec![app.data_dir().to_owned()], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            let found = bytes.windows(guest.token.len()).any(|window| window == guest.token.as_bytes());
            assert!(!found, "{}", entry.path().display());
            files += 1;
        }
    }
    assert!(files > 0);
    assert!(app.store().keys().await.iter().all(|key| !key.contains(&guest.token)));
}
