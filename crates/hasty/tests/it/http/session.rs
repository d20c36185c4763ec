//! `/api/session/`: the owner's page trades the key for a cookie.

use http::Method;
use reqwest::RequestBuilder;
use serde_json::json;

use crate::support::{Call, Database, OWNER_KEY, TestApp, photo};

on_both_databases![
    the_key_becomes_a_cookie_that_no_script_reads,
    the_cookie_is_secure_behind_https,
    the_cookie_does_what_the_key_does,
    a_wrong_key_gets_no_cookie,
    a_forged_or_old_cookie_is_none,
    a_write_from_a_foreign_page_is_refused,
    a_token_outranks_the_cookie,
    signing_out_clears_the_cookie,
];

async fn the_key_becomes_a_cookie_that_no_script_reads(on: Database) {
    let app = TestApp::start(on).await;
    let answer = app.client().post("/api/session/").json(&json!({"key": OWNER_KEY})).answer().await;
    answer.is(204, "");
    let cookie = answer.header("set-cookie");
    let attributes: Vec<_> = cookie.split("; ").skip(1).collect();
    assert!(cookie.starts_with("hasty_session="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(attributes.contains(&attribute), "{cookie}");
    }
    assert!(!attributes.contains(&"Secure") && !cookie.contains("Domain"), "{cookie}");
    assert!(!cookie.contains(OWNER_KEY));
}

async fn the_cookie_is_secure_behind_https(on: Database) {
    let app = TestApp::with(on, &["--public-url", "https://photos.example.com"]).await;
    let answer = app.client().post("/api/session/").json(&json!({"key": OWNER_KEY})).answer().await;
    assert!(answer.header("set-cookie").split("; ").any(|attribute| attribute == "Secure"));
    let cookie = sign_in(&app).await;
    let invite = |origin: &'static str| {
        let call = app.client().post("/api/invitation/").header("cookie", &cookie).header("origin", origin);
        call.json(&json!({"email": "guest@example.com"}))
    };
    invite("https://photos.example.com").answer().await.json(201);
    invite("http://photos.example.com").answer().await.error(403, "foreign_origin");
}

async fn the_cookie_does_what_the_key_does(on: Database) {
    let app = TestApp::start(on).await;
    let cookie = format!("other=1; {}; another=2", sign_in(&app).await);
    let call = |method: Method, path: &str| app.client().call(method, path).header("cookie", &cookie);
    let made =
        call(Method::POST, "/api/invitation/").json(&json!({"email": "guest@example.com"})).answer().await.json(201);
    let guest = app.owner().guest_of(&made);
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    call(Method::GET, "/api/invitation/").answer().await.json(200);
    assert_eq!(call(Method::GET, "/api/images/").answer().await.json(200)[0]["id"], id);
    call(Method::GET, &format!("/api/images/{id}/")).answer().await.json(200);
    let path = format!("/api/invitation/{}/", app.owner().invitation_id(&guest).await);
    call(Method::DELETE, &path).answer().await.is(204, "");
}

async fn a_wrong_key_gets_no_cookie(on: Database) {
    let app = TestApp::start(on).await;
    for body in [
        json!({"key": "wrong"}),
        json!({"key": ""}),
        json!({}),
        json!({"key": null}),
        json!({"key": format!("{OWNER_KEY}x")}),
        json!({"key": OWNER_KEY.to_uppercase()}),
        json!({"key": "ключ"}),
    ] {
        let answer = app.client().post("/api/session/").json(&body).answer().await;
        answer.legacy_error(401, "not_signed_in", "detail");
        assert_eq!(answer.header("set-cookie"), "", "{body}");
    }
    app.client().post("/api/session/").json(&json!({"key": [OWNER_KEY]})).answer().await.is_refused();
}

async fn a_forged_or_old_cookie_is_none(on: Database) {
    let app = TestApp::start(on).await;
    let cookie = sign_in(&app).await;
    let (expires, mac) = cookie.trim_start_matches("hasty_session=").split_once('.').unwrap();
    let later = expires.parse::<i64>().unwrap() + 1;
    for forged in [
        format!("{later}.{mac}"),
        format!("{expires}."),
        format!("{expires}.{}", "0".repeat(mac.len())),
        mac.to_owned(),
        String::new(),
        "x.y".into(),
        format!("-1.{mac}"),
        OWNER_KEY.to_owned(),
    ] {
        let call = app.client().get("/api/invitation/").header("cookie", format!("hasty_session={forged}"));
        call.answer().await.legacy_error(401, "not_signed_in", "detail");
    }
    let list = || app.client().get("/api/invitation/").header("cookie", &cookie);
    list().answer().await.json(200);
    app.move_clock(30 * 24 + 1);
    list().answer().await.legacy_error(401, "not_signed_in", "detail");
}

async fn a_write_from_a_foreign_page_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let cookie = sign_in(&app).await;
    let guest = app.owner().invite("guest@example.com").await;
    let one = format!("/api/invitation/{}/", app.owner().invitation_id(&guest).await);
    let port = app.address.port();
    let writes = |origin: &str| -> Vec<RequestBuilder> {
        [(Method::POST, "/api/invitation/"), (Method::PATCH, &one), (Method::DELETE, &one)]
            .map(|(method, path)| {
                let call = app.client().call(method, path).header("cookie", &cookie).header("origin", origin);
                call.json(&json!({"email": "guest@example.com", "title": "foreign"}))
            })
            .into()
    };
    for origin in [
        "https://evil.example.com",
        "null",
        "",
        "http://127.0.0.1:1",
        &format!("https://127.0.0.1:{port}"),
        &format!("http://127.0.0.1:{port}.evil.example.com"),
    ] {
        for write in writes(origin) {
            write.answer().await.error(403, "foreign_origin");
        }
    }
    let call =
        app.client().get("/api/invitation/").header("cookie", &cookie).header("origin", "https://evil.example.com");
    let read = call.answer().await;
    assert_eq!((read.json(200)[0]["title"].as_str(), read.header("access-control-allow-origin")), (None, ""));
    for (write, status) in writes(&format!("http://127.0.0.1:{port}")).into_iter().zip([201, 200, 204]) {
        assert_eq!(write.answer().await.status, status);
    }
}

async fn a_token_outranks_the_cookie(on: Database) {
    let app = TestApp::start(on).await;
    let cookie = sign_in(&app).await;
    let (one, other) = (app.owner().invite("one@example.com").await, app.owner().invite("other@example.com").await);
    let (a, b) = (one.sign("a.jpg").await.id, other.sign("b.jpg").await.id);
    let get = |path: String| app.client().get(&path).header("cookie", &cookie);
    let seen = get(format!("/api/images/?access_token={}", one.token)).answer().await.json(200);
    assert_eq!((seen.as_array().unwrap().len(), &seen[0]["id"]), (1, &json!(a)));
    get(format!("/api/images/{b}/?access_token={}", one.token)).answer().await.error(404, "not_found");
    let as_bearer = get(format!("/api/images/{b}/")).bearer_auth(&one.token);
    as_bearer.answer().await.error(404, "not_found");
    get("/api/images/?access_token=wrong".into()).answer().await.error(403, "token_unknown");
    get("/api/invitation/".into()).bearer_auth("wrong").answer().await.error(401, "not_signed_in");
    get(format!("/api/images/{b}/")).answer().await.json(200);
}

async fn signing_out_clears_the_cookie(on: Database) {
    let app = TestApp::start(on).await;
    let cookie = sign_in(&app).await;
    let answer = app.client().delete("/api/session/").header("cookie", &cookie).answer().await;
    answer.is(204, "");
    let cleared = answer.header("set-cookie");
    assert!(
        cleared.starts_with("hasty_session=;") && cleared.contains("Max-Age=0") && cleared.contains("Path=/"),
        "{cleared}"
    );
}

/// Answers the cookie, as a browser would send it.
async fn sign_in(app: &TestApp) -> String {
    let answer = app.client().post("/api/session/").json(&json!({"key": OWNER_KEY})).answer().await;
    answer.is(204, "");
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}
