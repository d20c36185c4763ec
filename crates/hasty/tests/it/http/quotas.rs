//! `max_files` and `max_bytes`: the most that an invitation takes.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Call, Database, Guest, TestApp, exactly, photo, signed};

on_both_databases![
    no_more_photos_than_the_invitation_takes,
    no_more_bytes_than_the_invitation_takes,
    what_is_here_already_needs_no_room,
    what_goes_makes_room,
    complete_decides_whatever_was_signed,
    the_owner_changes_and_lifts_a_quota,
    in_open_mode_strangers_change_no_quota,
    a_quota_is_a_whole_number,
];

async fn no_more_photos_than_the_invitation_takes(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = invite(&app, &json!({"max_files": 2})).await;
    guest.upload_jpeg("a.jpg", &photo(1)).await;
    let files: Vec<_> = (2..5).map(|n| exactly(&format!("{n}.jpg"), "image/jpeg", &photo(n))).collect();
    let answer = guest.policy(&json!({"files": files})).await.json(200);
    let first = signed(&answer["files"][0]);
    for refused in [&answer["files"][1], &answer["files"][2]] {
        assert_eq!((&refused["status"], &refused["code"]), (&json!(409), &json!("quota_files")), "{refused}");
        assert_eq!(refused["limit"], 2, "{refused}");
        assert!(refused["message"].as_str().unwrap().contains("at most 2 photos"), "{refused}");
    }
    guest.put(&first, &photo(2)).await;
    guest.complete(first.id).await.json(200);
    guest.policy(&exactly("c.jpg", "image/jpeg", &photo(3))).await.legacy_error(409, "quota_files", "message");
    guest.policy(&json!({"filename": "c.jpg"})).await.legacy_error(409, "quota_files", "message");
    assert_eq!(guest.images().await.len(), 2);
}

async fn no_more_bytes_than_the_invitation_takes(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let (first, second) = (photo(1), photo(2));
    let guest = invite(&app, &json!({"max_bytes": first.len() + second.len() - 1})).await;
    guest.upload_jpeg("a.jpg", &first).await;
    let refused = guest.policy(&exactly("b.jpg", "image/jpeg", &second)).await;
    refused.legacy_error(409, "quota_bytes", "message");
    assert_eq!(refused.json(409)["limit"], first.len() + second.len() - 1);

    // Who does not say how large it is, learns it at the end, and what is here stays.
    let unsized_file = guest.sign("b.jpg").await;
    guest.put(&unsized_file, &second).await;
    guest.complete(unsized_file.id).await.error(409, "quota_bytes");
    assert_eq!(guest.image(unsized_file.id).await["state"], "pending");
    assert_eq!(app.owner().stats().await["total"], json!({"images": 1, "bytes": first.len()}));
}

async fn what_is_here_already_needs_no_room(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = invite(&app, &json!({"max_files": 1, "max_bytes": photo(1).len()})).await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let again = guest.policy(&exactly("copy.jpg", "image/jpeg", &photo(1))).await.json(200);
    assert_eq!(again, json!({"duplicate_of": id}));
    guest.complete(id).await.json(200);
}

async fn what_goes_makes_room(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = invite(&app, &json!({"max_files": 1})).await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    guest.policy(&json!({"filename": "b.jpg"})).await.legacy_error(409, "quota_files", "message");
    guest.delete(id).await.is(204, "");
    guest.upload_jpeg("b.jpg", &photo(2)).await;
}

/// A guest asks for ten links while there is room for three, and completes all at once.
async fn complete_decides_whatever_was_signed(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = invite(&app, &json!({"max_files": 3})).await;
    let mut files = Vec::new();
    for n in 0..10 {
        let one = guest.sign(&format!("{n}.jpg")).await;
        guest.put(&one, &photo(n)).await;
        files.push(one.id);
    }
    let answers = futures::future::join_all(files.iter().map(|id| guest.complete(*id))).await;
    let arrived = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(arrived, 3, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.error(409, "quota_files");
    }
    assert_eq!(app.owner().stats().await["total"]["images"], 3);
    let (status, words) = app.run(&["stats", "--rebuild"]).await;
    assert_eq!(status, Some(0), "{words}");
}

async fn the_owner_changes_and_lifts_a_quota(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = invite(&app, &json!({"max_files": 1, "max_bytes": 1_000_000})).await;
    let path = format!("/api/invitation/{}/", app.owner().invitation_id(&guest).await);
    let change = async |body: Value| app.owner().call(Method::PATCH, &path).json(&body).answer().await.json(200);
    let quota = |invitation: &Value| (invitation["max_files"].clone(), invitation["max_bytes"].clone());
    assert_eq!(quota(&change(json!({"title": "Party"})).await), (json!(1), json!(1_000_000)));
    assert_eq!(quota(&change(json!({"max_files": 2})).await), (json!(2), json!(1_000_000)));
    assert_eq!(quota(&change(json!({"max_files": 0})).await), (Value::Null, json!(1_000_000)));
    // Inviting anew keeps what it does not name.
    invite(&app, &json!({"max_files": 7})).await;
    let shown = app.owner().get(&path).answer().await.json(200);
    assert_eq!(quota(&shown), (json!(7), json!(1_000_000)));
    let page = guest.get("/api/upload/").answer().await;
    assert!(page.text().contains(r#""max_files":7,"max_bytes":1000000"#), "{}", page.text());
}

async fn in_open_mode_strangers_change_no_quota(on: Database) {
    let app = TestApp::with(on, &["--open-invitations", "true"]).await;
    invite(&app, &json!({"max_files": 1})).await;
    let body = json!({"email": "guest@example.com", "max_files": 1000});
    app.client().call(Method::POST, "/api/invitation/").json(&body).answer().await.json(201);
    assert_eq!(app.owner().invitations().await[0]["max_files"], 1);
}

async fn a_quota_is_a_whole_number(on: Database) {
    let app = TestApp::start(on).await;
    for wrong in [json!(-1), json!("many"), json!(1.5), json!([])] {
        for name in ["max_files", "max_bytes"] {
            let body = json!({"email": "guest@example.com", name: wrong});
            app.owner().invite_with(&body).await.error(400, "invalid_value");
        }
    }
}

async fn invite(app: &TestApp, quota: &Value) -> Guest {
    let mut body = json!({"email": "guest@example.com"});
    body.as_object_mut().unwrap().extend(quota.as_object().unwrap().clone());
    let invitation = app.owner().invite_with(&body).await.json(201);
    app.owner().guest_of(&invitation)
}
