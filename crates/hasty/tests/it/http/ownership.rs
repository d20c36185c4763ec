//! Somebody else's thing is the same as a thing that does not exist.

use serde_json::{Value, json};

use crate::support::{Call, Database, TestApp, photo};

on_both_databases![
    a_guest_sees_only_their_own,
    a_guest_completes_only_their_own,
    a_guest_signs_again_only_their_own,
    a_foreign_item_leaves_the_rest_of_a_batch_alone,
];

async fn a_guest_sees_only_their_own(on: Database) {
    let app = TestApp::start(on).await;
    let (victim, stranger) =
        (app.owner().invite("victim@example.com").await, app.owner().invite("stranger@example.com").await);
    let (uploaded, pending) = (victim.upload_jpeg("a.jpg", &photo(1)).await, victim.sign("b.jpg").await.id);
    stranger.get("/api/images/").answer().await.is(200, "[]");
    stranger.get("/api/images/?limit=10").answer().await.is(200, "[]");
    for id in [uploaded, pending] {
        let foreign = stranger.get(&format!("/api/images/{id}/")).answer().await;
        let unknown = stranger.get("/api/images/999999/").answer().await;
        assert_eq!(foreign.legacy_error(404, "not_found", "detail"), "Not found.");
        assert_eq!(foreign.text(), unknown.text());
    }
    assert_eq!(victim.images().await.len(), 2);
}

async fn a_guest_completes_only_their_own(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let (victim, stranger) =
        (app.owner().invite("victim@example.com").await, app.owner().invite("stranger@example.com").await);
    let uploaded = victim.upload_jpeg("a.jpg", &photo(1)).await;
    let pending = victim.sign("b.jpg").await;
    victim.put(&pending, &photo(2)).await;
    for id in [uploaded, pending.id] {
        let before = victim.image(id).await["updated"].clone();
        let body = json!({"file": id, "metadata": {"make": "Stranger's"}});
        let answer = stranger.complete_with(&body).await;
        assert_eq!(answer.legacy_error(404, "not_found", "detail"), "Not found.");
        stranger.policy(&body).await.legacy_error(404, "not_found", "detail");
        let after = victim.image(id).await;
        assert_eq!((&after["make"], &after["updated"]), (&Value::Null, &before));
    }
    assert_eq!(victim.image(pending.id).await["uploaded"], false);
}

async fn a_guest_signs_again_only_their_own(on: Database) {
    let app = TestApp::start(on).await;
    let (victim, stranger) =
        (app.owner().invite("victim@example.com").await, app.owner().invite("stranger@example.com").await);
    let (uploaded, pending) = (victim.upload_jpeg("a.jpg", &photo(1)).await, victim.sign("b.jpg").await.id);
    for id in [uploaded, pending] {
        stranger.policy(&json!({"filename": "a.jpg", "file_id": id})).await.legacy_error(404, "not_found", "message");
        let batch = stranger.policy(&json!({"files": [{"filename": "a.jpg", "file_id": id}]})).await.json(200);
        assert_eq!((&batch["files"][0]["code"], &batch["files"][0]["url"]), (&json!("not_found"), &Value::Null));
    }
    assert_eq!(stranger.images().await, Vec::<Value>::new());
}

async fn a_foreign_item_leaves_the_rest_of_a_batch_alone(on: Database) {
    let app = TestApp::start(on).await;
    let (victim, stranger) =
        (app.owner().invite("victim@example.com").await, app.owner().invite("stranger@example.com").await);
    let foreign = victim.sign("a.jpg").await;
    victim.put(&foreign, &photo(1)).await;
    let own = stranger.sign("b.jpg").await;
    stranger.put(&own, &photo(2)).await;
    let files = json!([{"file": foreign.id}, {"file": own.id}, {"file": 999_999}]);
    let answer = stranger.complete_with(&json!({"files": files})).await.json(200);
    assert_eq!((&answer["files"][0]["status"], &answer["files"][0]["code"]), (&json!(404), &json!("not_found")));
    assert_eq!(answer["files"][0], answer["files"][2]);
    assert_eq!(answer["files"][1], json!({"id": own.id, "saved": true}));
    assert_eq!(victim.image(foreign.id).await["uploaded"], false);
}
