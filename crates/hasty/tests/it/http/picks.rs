//! What a guest has picked: any device can say what is missing.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Call, Database, Guest, TestApp, exactly, photo};

on_both_databases![
    what_is_picked_again_is_the_same_pick,
    a_pick_arrives_with_its_photo,
    a_photo_that_is_here_already_is_a_picks_too,
    files_of_one_name_and_size_may_come_in_any_order,
    what_is_taken_back_is_picked_no_more,
    what_is_rejected_is_missing_still,
    what_is_here_is_counted,
    what_is_verified_is_counted,
    what_is_not_wanted_is_forgotten,
    nobody_touches_the_picks_of_others,
    each_wrong_pick_has_an_error_of_its_own,
    picks_have_a_limit,
    an_ended_invitation_forgets_its_picks,
];

async fn what_is_picked_again_is_the_same_pick(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    stands(&guest, 0, 0, &[]).await;
    let album = [("a.jpg", 10, 0), ("b.jpg", 20, 0), ("b.jpg", 20, 1), ("写真 🌸.heic", 30, 0)];
    let ids = pick(&guest, &album).await;
    stands(&guest, 4, 0, &["a.jpg", "b.jpg", "b.jpg", "写真 🌸.heic"]).await;
    let mut again = album;
    again.reverse();
    assert_eq!(pick(&guest, &again).await, ids.iter().rev().copied().collect::<Vec<_>>());
    assert_ne!(pick(&guest, &[("a.jpg", 11, 0)]).await, ids[..1]);
    stands(&guest, 5, 0, &["a.jpg", "b.jpg", "b.jpg", "写真 🌸.heic", "a.jpg"]).await;
}

async fn a_pick_arrives_with_its_photo(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let ids = pick(&guest, &[("a.jpg", 10, 0), ("b.jpg", 20, 0)]).await;
    let signed = guest.sign("a.jpg").await;
    guest.complete_with(&json!({"file": signed.id, "pick": ids[0]})).await.error(409, "not_uploaded");
    stands(&guest, 2, 0, &["a.jpg", "b.jpg"]).await;
    guest.put(&signed, &photo(1)).await;
    for _ in 0..2 {
        guest.complete_with(&json!({"file": signed.id, "pick": ids[0]})).await.json(200);
        stands(&guest, 2, 1, &["b.jpg"]).await;
    }
    pick(&guest, &[("a.jpg", 10, 0), ("b.jpg", 20, 0)]).await;
    stands(&guest, 2, 1, &["b.jpg"]).await;
}

async fn a_photo_that_is_here_already_is_a_picks_too(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("IMG_1.JPG", &photo(1)).await;
    // Another device calls it otherwise.
    let ids = pick(&guest, &[("photo.jpg", 10, 0)]).await;
    let answer = guest.policy(&exactly("photo.jpg", "image/jpeg", &photo(1))).await.json(200);
    assert_eq!(answer, json!({"duplicate_of": id}));
    guest.complete_with(&json!({"files": [{"file": id, "pick": ids[0]}]})).await.json(200);
    stands(&guest, 1, 1, &[]).await;
}

async fn files_of_one_name_and_size_may_come_in_any_order(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let album = [("IMG_1.JPG", 10, 0), ("IMG_1.JPG", 10, 1)];
    let ids = pick(&guest, &album).await;
    let first = upload(&guest, 1, ids[0]).await;
    stands(&guest, 2, 1, &["IMG_1.JPG"]).await;

    // Picked again, the other one comes first.
    assert_eq!(pick(&guest, &album).await, ids);
    upload(&guest, 2, ids[0]).await;
    stands(&guest, 2, 2, &[]).await;
    guest.complete_with(&json!({"file": first, "pick": ids[1]})).await.json(200);
    stands(&guest, 2, 2, &[]).await;
}

async fn what_is_taken_back_is_picked_no_more(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let ids = pick(&guest, &[("a.jpg", 10, 0), ("b.jpg", 20, 0)]).await;
    let id = upload(&guest, 1, ids[0]).await;
    guest.delete(id).await.is(204, "");
    stands(&guest, 1, 0, &["b.jpg"]).await;
}

async fn what_is_rejected_is_missing_still(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let ids = pick(&guest, &[("a.jpg", 10, 0)]).await;
    let signed = guest.sign("a.jpg").await;
    guest.put(&signed, b"no photo at all").await;
    guest.complete_with(&json!({"file": signed.id, "pick": ids[0]})).await.json(200);
    assert_eq!(guest.settled(signed.id).await["state"], "rejected");
    stands(&guest, 1, 0, &["a.jpg"]).await;
    guest.complete_with(&json!({"file": signed.id, "pick": ids[0]})).await.json(200);
    stands(&guest, 1, 0, &["a.jpg"]).await;
}

async fn what_is_not_wanted_is_forgotten(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let ids = pick(&guest, &[("a.jpg", 1, 0), ("b.jpg", 2, 0), ("c.jpg", 3, 0), ("d.jpg", 4, 0)]).await;
    upload(&guest, 1, ids[0]).await;
    forget(&guest, &format!("?ids={},{},{}", ids[2], ids[0], ids[1])).await.is(204, "");
    stands(&guest, 2, 1, &["d.jpg"]).await;
    forget(&guest, "").await.is(204, "");
    stands(&guest, 1, 1, &[]).await;
    for wrong in ["?ids=", "?ids=x", "?ids=1,,2", &format!("?ids=1{}", ",1".repeat(500))] {
        forget(&guest, wrong).await.error(400, "invalid_value");
    }
}

async fn nobody_touches_the_picks_of_others(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let (guest, other) = (app.owner().invite("guest@example.com").await, app.owner().invite("b@example.com").await);
    let ids = pick(&guest, &[("a.jpg", 10, 0)]).await;
    stands(&other, 0, 0, &[]).await;
    forget(&other, &format!("?ids={}", ids[0])).await.is(204, "");
    forget(&other, "").await.is(204, "");
    upload(&other, 1, ids[0]).await;
    stands(&guest, 1, 0, &["a.jpg"]).await;
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let answer = app.client().call(method, "/api/picks/").answer().await;
        answer.error(403, "token_missing");
    }
}

async fn each_wrong_pick_has_an_error_of_its_own(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let wrong = [
        (json!({}), "filename_required"),
        (json!({"name": " ", "size": 1}), "filename_required"),
        (json!({"name": "x".repeat(256), "size": 1}), "invalid_value"),
        (json!({"name": "a\u{0}.jpg", "size": 1}), "invalid_value"),
        (json!({"name": "a.jpg"}), "invalid_value"),
        (json!({"name": "a.jpg", "size": -1}), "invalid_value"),
        (json!({"name": "a.jpg", "size": 1, "nth": 10_000}), "invalid_value"),
        (json!("a.jpg"), "invalid_value"),
    ];
    let good = json!({"name": "good.jpg", "size": 5});
    let files: Vec<_> = wrong.iter().flat_map(|(item, _)| [good.clone(), item.clone()]).collect();
    let answer = guest.post("/api/picks/", &json!({"files": files})).await.json(200);
    for (n, (item, code)) in wrong.iter().enumerate() {
        assert_eq!(answer["files"][2 * n], answer["files"][0]);
        assert_eq!(answer["files"][2 * n + 1]["code"], *code, "{item}");
    }
    stands(&guest, 1, 0, &["good.jpg"]).await;
    guest.post("/api/picks/", &json!({"files": []})).await.error(400, "too_many_files");
    guest.post("/api/picks/", &json!({"files": vec![good; 501]})).await.error(400, "too_many_files");
    guest.post("/api/picks/", &json!({})).await.error(400, "invalid_value");
}

async fn picks_have_a_limit(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for hundreds in 0..40 {
        let album: Vec<_> = (0..500).map(|nth| ("a.jpg", hundreds, nth)).collect();
        pick(&guest, &album).await;
    }
    let one = json!({"files": [{"name": "b.jpg", "size": 1}]});
    guest.post("/api/picks/", &one).await.error(409, "too_many_picks");
    let standing = guest.get("/api/picks/").answer().await.json(200);
    assert_eq!((&standing["picked"], standing["missing"].as_array().unwrap().len()), (&json!(20_000), 100));
}

async fn an_ended_invitation_forgets_its_picks(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let ids = pick(&guest, &[("a.jpg", 10, 0), ("b.jpg", 20, 0)]).await;
    upload(&guest, 1, ids[0]).await;
    app.let_pass(24 * 20);
    app.owner().invite("guest@example.com").await;
    stands(&guest, 2, 1, &["b.jpg"]).await;
    app.let_pass(24 * 38);
    // The same sweep removes the upload, afterwards.
    app.sweep_until(async || app.store().keys().await.iter().all(|key| !key.starts_with("incoming/"))).await;
    app.owner().invite("guest@example.com").await;
    stands(&guest, 0, 0, &[]).await;
    assert_eq!(guest.images().await.len(), 1);
}

/// Answers the ids of picks with these names, sizes and places among their like.
async fn pick(guest: &Guest, files: &[(&str, i64, i64)]) -> Vec<i64> {
    let files: Vec<_> = files.iter().map(|(name, size, nth)| json!({"name": name, "size": size, "nth": nth})).collect();
    let answer = guest.post("/api/picks/", &json!({"files": files})).await.json(200);
    answer["files"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

async fn upload(guest: &Guest, number: u64, pick: i64) -> i64 {
    let signed = guest.sign_exactly("a.jpg", "image/jpeg", &photo(number)).await;
    guest.put(&signed, &photo(number)).await;
    guest.complete_with(&json!({"file": signed.id, "pick": pick})).await.json(200);
    signed.id
}

async fn forget(guest: &Guest, query: &str) -> Answer {
    guest.call(Method::DELETE, &format!("/api/picks/{query}")).answer().await
}

#[track_caller]
fn names(missing: &Value) -> Vec<&str> {
    missing.as_array().unwrap().iter().map(|pick| pick["name"].as_str().unwrap()).collect()
}

async fn what_is_here_is_counted(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let (guest, other) = (app.owner().invite("guest@example.com").await, app.owner().invite("b@example.com").await);
    holds(&guest, 0, 0).await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    guest.upload_jpeg("b.jpg", &photo(2)).await;
    guest.sign("never sent.jpg").await;
    other.upload_jpeg("foreign.jpg", &photo(3)).await;
    holds(&guest, 2, 0).await;
    guest.delete(id).await.is(204, "");
    holds(&guest, 1, 0).await;
}

async fn what_is_verified_is_counted(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let photos = [guest.upload_jpeg("a.jpg", &photo(1)).await, guest.upload_jpeg("b.jpg", &photo(2)).await];
    let signed = guest.sign("c.jpg").await;
    guest.put(&signed, b"no photo at all").await;
    guest.complete(signed.id).await.json(200);
    for id in [photos[0], photos[1], signed.id] {
        guest.settled(id).await;
    }
    holds(&guest, 2, 2).await;
}

async fn stands(guest: &Guest, picked: i64, arrived: i64, missing: &[&str]) {
    let standing = guest.get("/api/picks/").answer().await.json(200);
    assert_eq!((&standing["picked"], &standing["arrived"]), (&json!(picked), &json!(arrived)), "{standing}");
    assert_eq!(names(&standing["missing"]), missing);
}

/// What the API and the page are told of the photos that are here.
async fn holds(guest: &Guest, stored: i64, verified: i64) {
    let standing = guest.get("/api/picks/").answer().await.json(200);
    assert_eq!((&standing["stored"], &standing["verified"]), (&json!(stored), &json!(verified)), "{standing}");
    let page = guest.get("/api/upload/").answer().await;
    assert!(page.text().contains(&format!(r#""stored":{stored},"verified":{verified}"#)), "{}", page.text());
}
