//! `GET /api/invitation/` and `GET/PATCH/DELETE /api/invitation/{id}/`: the owner looks, changes and revokes.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Call, Database, TestApp, keys, path_and_query, photo};

on_both_databases![
    lists_newest_first_with_all_keys,
    lists_in_pages,
    shows_changes_and_revokes,
    counts_what_arrived,
    title_message_and_end_can_be_given,
    impossible_ends_are_refused,
    unknown_ids_are_not_found,
    draws_the_link_as_a_qr_code,
    everything_is_the_owners_alone,
];

const KEYS: [&str; 15] = [
    "token",
    "email",
    "created_at",
    "updated_at",
    "expires_at",
    "upload_link",
    "id",
    "title",
    "message",
    "revoked_at",
    "location",
    "max_files",
    "max_bytes",
    "image_count",
    "total_bytes",
];

async fn lists_newest_first_with_all_keys(on: Database) {
    let app = TestApp::start(on).await;
    app.owner().get("/api/invitation/").answer().await.is(200, "[]");
    for email in ["a@example.com", "b@example.com", "c@example.com"] {
        app.owner().invite(email).await;
    }
    let list = app.owner().invitations().await;
    let emails: Vec<_> = list.iter().map(|one| one["email"].as_str().unwrap()).collect();
    assert_eq!(emails, ["c@example.com", "b@example.com", "a@example.com"]);
    for one in &list {
        assert_eq!(keys(one), KEYS);
        assert_ne!(one["id"], one["token"]);
    }
}

async fn lists_in_pages(on: Database) {
    let app = TestApp::start(on).await;
    for n in 0..5 {
        app.owner().invite(&format!("guest{n}@example.com")).await;
    }
    let (mut path, mut seen) = ("/api/invitation/?limit=2".to_owned(), Vec::new());
    loop {
        let answer = app.owner().get(&path).answer().await;
        let page = answer.json(200);
        assert!((1..=2).contains(&page.as_array().unwrap().len()), "{page}");
        seen.extend(page.as_array().unwrap().iter().map(|one| one["email"].as_str().unwrap().to_owned()));
        let Some(link) = answer.header("link").strip_suffix(">; rel=\"next\"") else { break };
        path = path_and_query(link.trim_start_matches('<'));
    }
    let expected: Vec<_> = (0..5).rev().map(|n| format!("guest{n}@example.com")).collect();
    assert_eq!(seen, expected);
}

async fn shows_changes_and_revokes(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let path = format!("/api/invitation/{}/", app.owner().invitation_id(&guest).await);
    let shown = app.owner().get(&path).answer().await.json(200);
    assert_eq!(keys(&shown), KEYS);
    assert_eq!(shown["token"], guest.token.as_str());

    let change = json!({"title": "Wedding", "message": "All of them, please", "expires_in_days": 30,
        "email": "other@example.com", "token": "x", "revoked_at": "2001-01-01T00:00:00Z", "image_count": 7});
    let changed = app.owner().call(Method::PATCH, &path).json(&change).answer().await.json(200);
    assert_eq!((&changed["title"], &changed["message"]), (&json!("Wedding"), &json!("All of them, please")));
    assert!(changed["expires_at"].as_str() > shown["expires_at"].as_str(), "{changed}");
    for kept in ["email", "token", "id", "created_at", "revoked_at", "image_count"] {
        assert_eq!(changed[kept], shown[kept], "{kept}");
    }
    let untouched = app.owner().call(Method::PATCH, &path).json(&json!({})).answer().await.json(200);
    assert_eq!((&untouched["title"], &untouched["expires_at"]), (&changed["title"], &changed["expires_at"]));

    app.owner().call(Method::DELETE, &path).answer().await.is(204, "");
    guest.get("/api/images/").answer().await.legacy_error(403, "token_expired", "detail");
    assert!(app.owner().get(&path).answer().await.json(200)["revoked_at"].is_string());
    app.owner().call(Method::PATCH, &path).json(&json!({"expires_in_days": 9})).answer().await.error(404, "not_found");
    guest.get("/api/images/").answer().await.legacy_error(403, "token_expired", "detail");
}

async fn counts_what_arrived(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let photos = [photo(1), photo(2)];
    let id = guest.upload_jpeg("a.jpg", &photos[0]).await;
    guest.upload_jpeg("b.jpg", &photos[1]).await;
    guest.complete(id).await.json(200);
    guest.sign("never-sent.jpg").await;
    let seen = &app.owner().invitations().await[0];
    let total: usize = photos.iter().map(Vec::len).sum();
    assert_eq!((&seen["image_count"], &seen["total_bytes"]), (&json!(2), &json!(total)));
}

async fn title_message_and_end_can_be_given(on: Database) {
    let app = TestApp::start(on).await;
    let body = json!({"email": "guest@example.com", "title": "Hochzeit 💒", "message": "نرجو الإرسال",
        "expires_at": "2099-01-02T03:04:05+02:00"});
    let made = app.owner().invite_with(&body).await.json(201);
    assert_eq!(made["expires_at"], "2099-01-02T01:04:05.000000Z");
    let seen = &app.owner().invitations().await[0];
    assert_eq!((&seen["title"], &seen["message"]), (&body["title"], &body["message"]));

    let again = json!({"email": "guest@example.com", "expires_in_days": 365});
    let again = app.owner().invite_with(&again).await.json(201);
    assert!(again["expires_at"].as_str() < made["expires_at"].as_str());
    assert_eq!(app.owner().invitations().await[0]["title"], body["title"]);
}

async fn impossible_ends_are_refused(on: Database) {
    let app = TestApp::start(on).await;
    for end in [
        json!({"expires_in_days": 0}),
        json!({"expires_in_days": 366}),
        json!({"expires_in_days": -1}),
        json!({"expires_in_days": 1e300}),
        json!({"expires_in_days": 9_223_372_036_854_775_807_i64}),
        json!({"expires_in_days": "soon"}),
        json!({"expires_in_days": [7]}),
        json!({"expires_at": "2001-01-02T03:04:05Z"}),
        json!({"expires_at": "tomorrow"}),
        json!({"expires_at": "99999-01-01T00:00:00Z"}),
        json!({"expires_at": 7}),
        json!({"title": "x".repeat(201)}),
        json!({"message": "x".repeat(2001)}),
        json!({"title": {"a": 1}}),
        json!({"message": "a\u{0}b"}),
    ] {
        let mut body = json!({"email": "guest@example.com"});
        body.as_object_mut().unwrap().extend(end.as_object().unwrap().clone());
        app.owner().invite_with(&body).await.is_refused();
    }
    assert_eq!(app.owner().invitations().await, Vec::<Value>::new());
}

async fn unknown_ids_are_not_found(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let unknown = uuid::Uuid::new_v4().to_string();
    for id in [unknown.as_str(), guest.token.as_str(), "1", "x", "..%2f", "%ff", "%00", "приглашение"] {
        for method in [Method::GET, Method::DELETE, Method::PATCH] {
            let call = app.owner().call(method.clone(), &format!("/api/invitation/{id}/")).json(&json!({}));
            call.answer().await.legacy_error(404, "not_found", "detail");
        }
    }
    guest.get("/api/images/").answer().await.is(200, "[]");
}

async fn draws_the_link_as_a_qr_code(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let path = format!("/api/invitation/{}/qr.svg", app.owner().invitation_id(&guest).await);
    let answer = app.owner().get(&path).answer().await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/svg+xml"));
    assert!(answer.text().contains("<svg"), "{}", answer.text());
    assert!(!answer.text().contains(&guest.token));
}

async fn everything_is_the_owners_alone(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = app.owner().invitation_id(&guest).await;
    let one = format!("/api/invitation/{id}/");
    let calls = [
        (Method::GET, "/api/invitation/".to_owned()),
        (Method::GET, one.clone()),
        (Method::PATCH, one.clone()),
        (Method::DELETE, one.clone()),
        (Method::GET, format!("{one}qr.svg")),
    ];
    for (method, path) in calls {
        let call = app.client().call(method.clone(), &path).json(&json!({"title": "mine"}));
        call.answer().await.legacy_error(401, "not_signed_in", "detail");
        let call = guest.call(method.clone(), &path).json(&json!({"title": "mine"}));
        call.answer().await.legacy_error(401, "not_signed_in", "detail");
        let query = format!("{path}?access_token={}", guest.token);
        app.client().call(method, &query).json(&json!({"title": "mine"})).answer().await.error(401, "not_signed_in");
    }
    assert_eq!(app.owner().get(&one).answer().await.json(200)["title"], Value::Null);
}
