//! `POST /api/invitation/`.

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{Call, Database, TestApp, keys};

on_both_databases![
    answers_exactly_the_originals_keys,
    times_are_utc_with_six_decimals,
    ends_after_seven_days,
    the_life_of_invitations_is_configured,
    the_same_email_gets_the_same_token_and_more_time,
    an_expired_invitation_lives_again,
    many_at_once_make_one,
    two_addresses_get_two_tokens,
    an_email_is_required_and_must_be_one,
    an_email_of_100_characters_is_the_longest,
    what_cannot_be_read_is_a_conflict,
    only_the_owner_invites,
    all_names_of_the_url_are_one,
    fields_that_are_not_for_clients_are_ignored,
    a_revoked_address_gets_another_token,
];

async fn answers_exactly_the_originals_keys(on: Database) {
    let app = TestApp::start(on).await;
    let answer = app.owner().invite_with(&json!({"email": "guest@example.com"})).await;
    let invitation = answer.json(201);
    let text = |key: &str| invitation[key].as_str().unwrap_or_else(|| panic!("{key}: {invitation}")).to_owned();
    let (token, created_at, updated_at, expires_at) =
        (text("token"), text("created_at"), text("updated_at"), text("expires_at"));
    let url = app.url();
    answer.is(
        201,
        &format!(
            r#"{{"token":"{token}","email":"guest@example.com","created_at":"{created_at}","updated_at":"{updated_at}","expires_at":"{expires_at}","upload_link":"{url}api/upload/?access_token={token}"}}"#
        ),
    );
    assert!(uuid::Uuid::parse_str(&token).is_ok_and(|uuid| uuid.to_string() == token), "{token}");
    let location = answer.header("location");
    assert!(location.starts_with("/api/invitation/") && location.ends_with('/') && !location.contains(&token));
    assert_eq!(app.owner().get(location).answer().await.json(200)["token"], token);
}

async fn times_are_utc_with_six_decimals(on: Database) {
    let app = TestApp::start(on).await;
    let invitation = app.owner().invite_with(&json!({"email": "guest@example.com"})).await.json(201);
    for key in ["created_at", "updated_at", "expires_at"] {
        let text = invitation[key].as_str().unwrap();
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, "0000-00-00T00:00:00.000000Z", "{key}");
    }
}

async fn ends_after_seven_days(on: Database) {
    let app = TestApp::start(on).await;
    let before = app.now();
    let invitation = app.owner().invite_with(&json!({"email": "guest@example.com"})).await.json(201);
    let after = app.now();
    let expected = SignedDuration::from_hours(7 * 24);
    let expires_at = time(&invitation["expires_at"]);
    assert!(expires_at >= before + expected - SignedDuration::from_micros(1), "{invitation}");
    assert!(expires_at <= after + expected, "{invitation}");
    assert_eq!(invitation["created_at"], invitation["updated_at"]);
}

async fn the_life_of_invitations_is_configured(on: Database) {
    let app = TestApp::with(on, &["--invitation-days", "2"]).await;
    let guest = app.owner().invite("guest@example.com").await;
    app.move_clock(47);
    guest.get("/api/images/").answer().await.is(200, "[]");
    app.move_clock(1);
    guest.get("/api/images/").answer().await.legacy_error(403, "token_expired", "detail");
}

async fn the_same_email_gets_the_same_token_and_more_time(on: Database) {
    let app = TestApp::start(on).await;
    let first = app.owner().invite_with(&json!({"email": "guest@example.com"})).await.json(201);
    app.move_clock(30);
    for email in ["guest@example.com", "Guest@Example.COM", "GUEST@EXAMPLE.COM", "  guest@example.com "] {
        let again = app.owner().invite_with(&json!({"email": email})).await.json(201);
        assert_eq!(again["token"], first["token"], "{email}");
        assert_eq!(again["created_at"], first["created_at"], "{email}");
        let gained = time(&again["expires_at"]).duration_since(time(&first["expires_at"]));
        assert!(gained >= SignedDuration::from_hours(30), "{email}: {gained}");
        assert!(time(&again["updated_at"]) > time(&first["updated_at"]), "{email}");
    }
    assert_eq!(app.owner().invitations().await.len(), 1);
}

async fn an_expired_invitation_lives_again(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    app.move_clock(7 * 24);
    let ended = guest.get("/api/images/").answer().await;
    assert_eq!(ended.legacy_error(403, "token_expired", "detail"), "access_token has expired");

    let again = app.owner().invite("guest@example.com").await;
    assert_eq!(again.token, guest.token);
    guest.get("/api/images/").answer().await.is(200, "[]");
}

async fn many_at_once_make_one(on: Database) {
    let app = TestApp::start(on).await;
    let owner = app.owner();
    let bodies: Vec<_> =
        (0..24).map(|n| json!({"email": if n % 2 == 0 { "guest@example.com" } else { "GUEST@example.com" }})).collect();
    let answers = join_all(bodies.iter().map(|body| owner.invite_with(body))).await;
    let made: Vec<Value> = answers.iter().map(|answer| answer.json(201)).collect();
    assert!(made.iter().all(|one| one["token"] == made[0]["token"]), "{made:?}");
    assert!(made.iter().all(|one| one["created_at"] == made[0]["created_at"]), "{made:?}");
    assert_eq!(owner.invitations().await.len(), 1);
}

async fn two_addresses_get_two_tokens(on: Database) {
    let app = TestApp::start(on).await;
    let (one, other) = (app.owner().invite("one@example.com").await, app.owner().invite("other@example.com").await);
    assert_ne!(one.token, other.token);
    assert_eq!(app.owner().invitations().await.len(), 2);
}

async fn an_email_is_required_and_must_be_one(on: Database) {
    let app = TestApp::start(on).await;
    let bodies = [
        json!({}),
        json!({"mail": "guest@example.com"}),
        json!({"email": null}),
        json!({"email": ""}),
        json!({"email": " \t "}),
        json!({"email": "guest"}),
        json!({"email": "guest@"}),
        json!({"email": "@example.com"}),
        json!({"email": "guest@example"}),
        json!({"email": "guest@@example.com"}),
        json!({"email": "guest example@example.com"}),
        json!({"email": "guest@example.com, other@example.com"}),
        json!({"email": "<script>@example.com"}),
        json!({"email": "guest@example.com\r\nBcc: other@example.com"}),
        json!({"email": "guest\u{0}@example.com"}),
        json!({"email": 1}),
        json!({"email": true}),
        json!({"email": ["guest@example.com"]}),
        json!({"email": {"address": "guest@example.com"}}),
        json!(["guest@example.com"]),
        json!("guest@example.com"),
        json!(7),
        json!(null),
    ];
    for body in &bodies {
        let answer = app.owner().invite_with(body).await;
        assert_eq!(answer.status, 409, "{body}: {}", answer.text());
        let code = answer.json(409)["code"].as_str().unwrap().to_owned();
        answer.legacy_error(409, &code, "error_message");
    }
    assert_eq!(app.owner().invitations().await.len(), 0);
}

async fn an_email_of_100_characters_is_the_longest(on: Database) {
    let app = TestApp::start(on).await;
    let of_length = |length: usize| format!("guest@{}.{}.com", "a".repeat(50), "b".repeat(length - 61));
    let (longest, too_long) = (of_length(100), of_length(101));
    assert_eq!((longest.len(), too_long.len()), (100, 101));
    app.owner().invite_with(&json!({"email": longest})).await.json(201);
    let answer = app.owner().invite_with(&json!({"email": too_long})).await;
    answer.legacy_error(409, "invalid_email", "error_message");
}

async fn what_cannot_be_read_is_a_conflict(on: Database) {
    let app = TestApp::start(on).await;
    for (content_type, body) in [
        ("application/json", "{"),
        ("application/json", r#"{"email": "guest@example.com""#),
        ("application/json", "email=guest@example.com"),
        ("application/json", ""),
        ("text/plain", r#"{"email": "guest@example.com"}"#),
        ("application/xml", "<email>guest@example.com</email>"),
        ("multipart/form-data", "no boundary"),
        ("application/x-www-form-urlencoded", ""),
    ] {
        let call = app.owner().post("/api/invitation/").header("content-type", content_type).body(body);
        let answer = call.answer().await;
        assert_eq!(answer.status, 409, "{content_type} {body}: {}", answer.text());
        let code = answer.json(409)["code"].as_str().unwrap().to_owned();
        answer.legacy_error(409, &code, "error_message");
    }
}

async fn only_the_owner_invites(on: Database) {
    let app = TestApp::start(on).await;
    let body = json!({"email": "guest@example.com"});
    let guest = app.owner().invite("guest@example.com").await;
    for key in [None, Some("wrong"), Some(""), Some(guest.token.as_str()), Some("ключ")] {
        let call = app.client().post("/api/invitation/").json(&body);
        let call = match key {
            Some(key) => call.header("authorization", format!("Bearer {key}").as_bytes()),
            None => call,
        };
        call.answer().await.legacy_error(401, "not_signed_in", "error_message");
    }
    assert_eq!(app.owner().invitations().await.len(), 1);
}

async fn all_names_of_the_url_are_one(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for path in ["/api/invitation", "/api/invitations/", "/api/invitations", "/invitation/", "/invitation"] {
        let call = app.owner().post(path).json(&json!({"email": "guest@example.com"}));
        assert_eq!(call.answer().await.json(201)["token"], guest.token.as_str(), "{path}");
    }
}

async fn fields_that_are_not_for_clients_are_ignored(on: Database) {
    let app = TestApp::start(on).await;
    let body = json!({
        "email": "guest@example.com", "token": "00000000-0000-4000-8000-000000000000", "id": 77, "public_id": "x",
        "created_at": "2001-01-01T00:00:00Z", "revoked_at": "2001-01-01T00:00:00Z", "image_count": 9, "total_bytes": 9,
    });
    let invitation = app.owner().invite_with(&body).await.json(201);
    assert_ne!(invitation["token"], body["token"]);
    assert_ne!(time(&invitation["created_at"]), time(&body["created_at"]));
    let seen = &app.owner().invitations().await[0];
    assert_eq!((&seen["revoked_at"], &seen["image_count"], &seen["total_bytes"]), (&Value::Null, &json!(0), &json!(0)));
    assert_eq!(keys(&invitation).len(), 6);
}

async fn a_revoked_address_gets_another_token(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    app.owner().revoke(&guest).await;
    let again = app.owner().invite("guest@example.com").await;
    assert_ne!(again.token, guest.token);
    let ended = guest.get("/api/images/").answer().await;
    assert_eq!(ended.legacy_error(403, "token_expired", "detail"), "access_token has expired");
    again.get("/api/images/").answer().await.is(200, "[]");
}

fn time(text: &Value) -> Timestamp {
    text.as_str().unwrap().parse().unwrap()
}
