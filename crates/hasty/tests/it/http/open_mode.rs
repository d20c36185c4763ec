//! `HASTY_OPEN_INVITATIONS`: everybody may invite, and nothing else.

use serde_json::json;

use crate::support::{Call, Database, TestApp};

on_both_databases![everybody_invites_in_open_mode_and_may_do_no_more, open_mode_is_for_this_machine_unless_forced];

async fn everybody_invites_in_open_mode_and_may_do_no_more(on: Database) {
    let app = TestApp::with(on, &["--open-invitations", "true"]).await;
    let body = json!({"email": "guest@example.com"});
    let first = app.client().post("/api/invitation/").json(&body).answer().await.json(201);
    let again = app.client().post("/invitation").json(&body).answer().await.json(201);
    assert_eq!(first["token"], again["token"]);
    app.client().post("/api/invitation/").json(&json!({})).answer().await.legacy_error(
        409,
        "invalid_email",
        "error_message",
    );

    // What is kept of the photos that an invitation has, only its owner changes.
    let less = json!({"email": "guest@example.com", "location": "strip"});
    app.client().post("/api/invitation/").json(&less).answer().await.json(201);
    assert_eq!(app.owner().invitations().await[0]["location"], "keep");
    app.owner().invite_with(&less).await.json(201);
    assert_eq!(app.owner().invitations().await[0]["location"], "strip");

    let id = app.owner().invitations().await[0]["id"].as_str().unwrap().to_owned();
    app.client().get("/api/invitation/").answer().await.legacy_error(401, "not_signed_in", "detail");
    app.client().get(&format!("/api/invitation/{id}/")).answer().await.error(401, "not_signed_in");
    app.client().delete(&format!("/api/invitation/{id}/")).answer().await.error(401, "not_signed_in");
}

async fn open_mode_is_for_this_machine_unless_forced(on: Database) {
    let public = ["--public-url", "https://photos.example.com", "--open-invitations"];
    let refused = TestApp::try_with(on, &[&public[..], &["true"]].concat()).await.map(drop).unwrap_err();
    assert!(format!("{refused:#}").contains("HASTY_OPEN_INVITATIONS"), "{refused:#}");

    let app = TestApp::with(on, &[&public[..], &["force"]].concat()).await;
    app.client().post("/api/invitation/").json(&json!({"email": "guest@example.com"})).answer().await.json(201);

    for local in ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"] {
        let app = TestApp::with(on, &["--public-url", local, "--open-invitations", "true"]).await;
        app.client().post("/api/invitation/").json(&json!({"email": "guest@example.com"})).answer().await.json(201);
    }
}
