//! Large files go to storage in parts: signed as their turn comes, listed after a reload, joined by `complete`.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Database, Guest, Large, PART_BYTES, TestApp, exactly, film, photo, sha256};

on_both_databases![
    three_parts_become_one_photo,
    large_files_go_in_parts_by_themselves,
    a_reload_goes_on_with_what_is_stored,
    what_is_missing_is_named,
    storage_takes_only_what_was_signed,
    parts_without_a_hash_go_too,
    complete_may_be_repeated,
    a_complete_that_was_cut_short_is_made_good,
    many_at_once_begin_one_upload_and_save_one_photo,
    a_stranger_finds_nothing,
    an_aborted_upload_begins_anew,
    an_upload_that_storage_has_dropped_begins_anew,
    deleting_removes_the_parts,
    an_ended_invitation_leaves_no_parts,
    another_file_is_not_the_same_upload,
    impossible_parts_are_refused,
    a_batch_holds_files_of_every_kind,
    what_has_arrived_has_no_parts,
];

async fn three_parts_become_one_photo(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let large = guest.sign_large("film.jpg", film(1)).await;
    // In any order, and one of them twice.
    for number in [3, 1, 2, 1] {
        guest.put_part(&large, number).await;
    }
    guest.complete(large.id).await.is(200, &format!(r#"{{"id":{},"saved":true}}"#, large.id));
    let image = guest.settled(large.id).await;
    assert_eq!((&image["state"], &image["size"]), (&json!("ready"), &json!(large.bytes.len())), "{image}");
    assert_eq!((&image["sha256"], &image["file_type"]), (&json!(sha256(&large.bytes)), &json!("image/jpeg")));
    assert!(guest.download(large.id).await == large.bytes);
    assert_eq!(app.store().open_uploads().await, Vec::<String>::new());
}

async fn large_files_go_in_parts_by_themselves(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let limit = 64 << 20;
    for (body, parts) in [
        (json!({"size": limit}), None),
        (json!({"size": limit + 1}), Some(9)),
        (json!({"size": limit + 1, "multipart": false}), None),
        (json!({"size": 1, "multipart": true}), Some(1)),
        (json!({"size": PART_BYTES + 1, "multipart": "true"}), Some(2)),
        (json!({"multipart": false}), None),
    ] {
        let mut body = body;
        body["filename"] = json!("a.jpg");
        let answer = guest.policy(&body).await.json(200);
        let plan = parts.map_or(Value::Null, |parts| json!({"part_size": PART_BYTES, "parts": parts}));
        assert_eq!((&answer["multipart"], answer["url"].is_null()), (&plan, parts.is_some()), "{body}");
        assert!(answer["file_id"].is_i64() && answer["filename"].is_string(), "{answer}");
    }
    guest.policy(&json!({"filename": "a.jpg", "multipart": true})).await.legacy_error(400, "invalid_value", "message");
    let wrong = json!({"filename": "a.jpg", "size": 1, "multipart": "perhaps"});
    guest.policy(&wrong).await.legacy_error(400, "invalid_value", "message");
    assert_eq!(app.store().open_uploads().await, Vec::<String>::new(), "nothing is begun before a part is sent");
}

async fn a_reload_goes_on_with_what_is_stored(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let first = guest.sign_large("film.jpg", film(1)).await;
    assert_eq!(guest.stored_parts(first.id).await, Vec::<u64>::new());
    guest.put_part(&first, 2).await;
    let listed = guest.parts(first.id).await.json(200);
    assert_eq!((&listed["part_size"], &listed["parts"]), (&json!(PART_BYTES), &json!(3)));
    assert_eq!((&listed["stored"][0]["number"], &listed["stored"][0]["size"]), (&json!(2), &json!(PART_BYTES)));
    assert!(listed["stored"][0]["etag"].as_str().is_some_and(|etag| etag.len() > 30), "{listed}");

    let again = guest.sign_large("film.jpg", film(1)).await;
    assert_eq!(again.id, first.id, "the same bytes go on, by their hash");
    let by_id = guest.policy(&json!({"file_id": first.id, "size": film(1).len()})).await.json(200);
    assert_eq!((&by_id["file_id"], &by_id["multipart"]["parts"]), (&json!(first.id), &json!(3)));
    assert_ne!(guest.sign_large("film.jpg", film(2)).await.id, first.id);
    for number in [1, 3] {
        guest.put_part(&again, number).await;
    }
    guest.complete(first.id).await.json(200);
    assert!(guest.download(first.id).await == first.bytes);
}

async fn what_is_missing_is_named(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let large = guest.sign_large("film.jpg", film(1)).await;
    let detail = guest.complete(large.id).await.legacy_error(409, "not_uploaded", "detail");
    assert!(detail.contains("3 of its 3 parts"), "{detail}");
    guest.put_part(&large, 1).await;
    guest.put_part(&large, 3).await;
    let detail = guest.complete(large.id).await.legacy_error(409, "not_uploaded", "detail");
    assert!(detail.contains("1 of its 3 parts"), "{detail}");
    assert_eq!(guest.stored_parts(large.id).await, [1, 3], "what is there stays");
    guest.put_part(&large, 2).await;
    guest.complete(large.id).await.json(200);
    assert!(guest.download(large.id).await == large.bytes);
}

async fn storage_takes_only_what_was_signed(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let large = guest.sign_large("film.jpg", film(1)).await;
    let mut other = large.part(1).to_vec();
    other[0] ^= 1;
    for (bytes, hash) in [
        (&other[..], sha256(large.part(1))),
        (large.part(3), sha256(large.part(3))),
        (&large.bytes[..=PART_BYTES], sha256(&large.bytes[..=PART_BYTES])),
    ] {
        let answer = guest.put_part_as(large.id, 1, &hash, bytes).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
    }
    assert_eq!(guest.stored_parts(large.id).await, Vec::<u64>::new());
    guest.put_parts(&large).await;
    guest.complete(large.id).await.json(200);
    assert!(guest.download(large.id).await == large.bytes);
}

async fn parts_without_a_hash_go_too(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let bytes = film(1);
    let body = json!({"filename": "film.jpg", "size": bytes.len(), "multipart": true});
    let id = guest.policy(&body).await.json(200)["file_id"].as_i64().unwrap();
    let wanted = json!([{"number": 1}, {"number": 2}, {"number": 3, "sha256": sha256(b"not looked at")}]);
    let signed = guest.sign_parts(id, &wanted).await.json(200);
    for (item, part) in signed["parts"].as_array().unwrap().iter().zip(bytes.chunks(PART_BYTES)) {
        assert_eq!(item["headers"], json!({}));
        let answer = guest.client.call(http::Method::PUT, item["url"].as_str().unwrap()).body(part.to_vec());
        assert_eq!(answer.send().await.unwrap().status(), 200);
    }
    guest.complete(id).await.json(200);
    assert_eq!(guest.settled(id).await["sha256"], sha256(&bytes));
}

async fn complete_may_be_repeated(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let large = guest.sign_large("film.jpg", film(1)).await;
    guest.put_parts(&large).await;
    for _ in 0..3 {
        guest.complete(large.id).await.is(200, &format!(r#"{{"id":{},"saved":true}}"#, large.id));
    }
    assert_eq!(photos(&app).await, 1);
    let answer = guest.policy(&exactly("film.jpg", "image/jpeg", &large.bytes)).await.json(200);
    assert!(answer["file_id"].as_i64().is_some_and(|id| id != large.id), "it has arrived: {answer}");
}

/// Storage has joined the parts, and the server stopped before it wrote that down.
async fn a_complete_that_was_cut_short_is_made_good(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let large = guest.sign_large("film.jpg", film(1)).await;
    guest.put_parts(&large).await;
    guest.complete(large.id).await.json(200);
    app.damage_rows("UPDATE images SET state = 'pending', photo_key = NULL, sha256 = NULL").await;
    assert_eq!(guest.stored_parts(large.id).await, [1, 2, 3], "nothing is left to send");
    assert_eq!(guest.sign_large("film.jpg", film(1)).await.id, large.id);
    guest.complete(large.id).await.json(200);
    assert!(guest.download(large.id).await == large.bytes);
}

async fn many_at_once_begin_one_upload_and_save_one_photo(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let large = guest.sign_large("film.jpg", film(1)).await;
    let part = json!([{"number": 1, "sha256": sha256(large.part(1))}]);
    for answer in join_all((0..6).map(|_| guest.sign_parts(large.id, &part))).await {
        answer.json(200);
    }
    assert_eq!(app.store().open_uploads().await.len(), 1);
    guest.put_parts(&large).await;
    for answer in join_all((0..6).map(|_| guest.complete(large.id))).await {
        answer.is(200, &format!(r#"{{"id":{},"saved":true}}"#, large.id));
    }
    assert_eq!(photos(&app).await, 1);
    assert_eq!(app.owner().invitations().await[0]["image_count"], 1);
    assert!(guest.download(large.id).await == large.bytes);
}

async fn a_stranger_finds_nothing(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let (victim, stranger) =
        (app.owner().invite("victim@example.com").await, app.owner().invite("stranger@example.com").await);
    let large = victim.sign_large("film.jpg", film(1)).await;
    victim.put_part(&large, 1).await;
    let parts = json!([{"number": 2, "sha256": sha256(large.part(2))}]);
    for id in [large.id, 999_999, i64::MAX] {
        stranger.sign_parts(id, &parts).await.legacy_error(404, "not_found", "detail");
        stranger.parts(id).await.legacy_error(404, "not_found", "detail");
        stranger.abort_parts(id).await.legacy_error(404, "not_found", "detail");
        stranger.complete(id).await.legacy_error(404, "not_found", "detail");
        let body = json!({"file_id": id, "size": large.bytes.len(), "multipart": true});
        stranger.policy(&body).await.legacy_error(404, "not_found", "message");
    }
    assert_eq!(victim.stored_parts(large.id).await, [1]);
    // The same bytes are theirs, and another upload.
    let own = stranger.sign_large("film.jpg", film(1)).await;
    assert_ne!(own.id, large.id);
    assert_eq!(stranger.stored_parts(own.id).await, Vec::<u64>::new());
    // A photo that goes in one PUT has no parts.
    let plain = victim.sign("a.jpg").await;
    victim.parts(plain.id).await.legacy_error(404, "not_found", "detail");
    victim.sign_parts(plain.id, &parts).await.legacy_error(404, "not_found", "detail");
}

async fn an_aborted_upload_begins_anew(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let large = guest.sign_large("film.jpg", film(1)).await;
    guest.abort_parts(large.id).await.is(204, "");
    guest.put_part(&large, 1).await;
    assert_eq!(app.store().open_uploads().await.len(), 1);
    for _ in 0..2 {
        guest.abort_parts(large.id).await.is(204, "");
        assert_eq!(app.store().open_uploads().await, Vec::<String>::new());
        assert_eq!(guest.stored_parts(large.id).await, Vec::<u64>::new());
    }
    assert_eq!(guest.image(large.id).await["state"], "pending");
    guest.put_parts(&large).await;
    guest.complete(large.id).await.json(200);
    assert!(guest.download(large.id).await == large.bytes);
}

/// A bucket's lifecycle rule aborts uploads that take too long.
async fn an_upload_that_storage_has_dropped_begins_anew(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let (large, other) = (guest.sign_large("film.jpg", film(1)).await, guest.sign_large("other.jpg", film(2)).await);
    guest.put_parts(&large).await;
    guest.put_parts(&other).await;
    assert_eq!(app.store().abort_uploads().await, 2);
    assert_eq!(guest.stored_parts(large.id).await, Vec::<u64>::new());
    let detail = guest.complete(other.id).await.legacy_error(409, "not_uploaded", "detail");
    assert!(detail.contains("3 of its 3 parts"), "{detail}");
    for large in [large, other] {
        guest.put_parts(&large).await;
        guest.complete(large.id).await.json(200);
        assert!(guest.download(large.id).await == large.bytes);
    }
}

async fn deleting_removes_the_parts(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let large = guest.sign_large("film.jpg", film(1)).await;
    guest.put_part(&large, 1).await;
    let late = guest.sign_parts(large.id, &json!([{"number": 2, "sha256": sha256(large.part(2))}])).await.json(200);
    guest.delete(large.id).await.is(204, "");
    assert_eq!(app.store().open_uploads().await, Vec::<String>::new());
    let put = guest.client.call(http::Method::PUT, late["parts"][0]["url"].as_str().unwrap());
    let checksum = late["parts"][0]["headers"]["x-amz-checksum-sha256"].as_str().unwrap();
    let put = put.header("x-amz-checksum-sha256", checksum).body(large.part(2).to_vec()).send().await.unwrap();
    assert_eq!(put.status(), 404);
    guest.parts(large.id).await.legacy_error(404, "not_found", "detail");
    assert_ne!(guest.sign_large("film.jpg", film(1)).await.id, large.id);
}

async fn an_ended_invitation_leaves_no_parts(on: Database) {
    let app = TestApp::start(on).await;
    let (ended, living) =
        (app.owner().invite("ended@example.com").await, app.owner().invite("living@example.com").await);
    let (gone, kept) = (begun(&ended, 1).await, begun(&living, 2).await);
    let saved = living.sign_large("saved.jpg", film(3)).await;
    living.put_parts(&saved).await;
    living.complete(saved.id).await.json(200);
    app.owner().revoke(&ended).await;
    app.let_pass(26);
    living.put_part(&kept, 2).await;
    // What nobody's upload id is known for, as a crash leaves it.
    app.damage_rows("UPDATE uploads SET upload_id = NULL WHERE upload_id IS NOT NULL AND image_id = 1").await;
    assert_eq!((gone.id, app.store().open_uploads().await.len()), (1, 2));
    app.sweep_until(async || app.store().open_uploads().await.len() == 1).await;
    assert_eq!(living.stored_parts(kept.id).await, [1, 2]);
    living.put_part(&kept, 3).await;
    living.complete(kept.id).await.json(200);
    for large in [kept, saved] {
        assert!(living.download(large.id).await == large.bytes);
    }
}

async fn another_file_is_not_the_same_upload(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let large = guest.sign_large("film.jpg", film(1)).await;
    for changed in [json!({"size": film(1).len() - 1}), json!({"sha256": sha256(b"another")})] {
        let mut body = exactly("film.jpg", "image/jpeg", &large.bytes);
        body.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        body["file_id"] = json!(large.id);
        guest.policy(&body).await.legacy_error(400, "invalid_value", "message");
    }
    // What was signed for one PUT may turn out to be large.
    let plain = guest.sign("film.jpg").await;
    let body = json!({"file_id": plain.id, "size": large.bytes.len(), "multipart": true});
    assert_eq!(guest.policy(&body).await.json(200)["multipart"]["parts"], 3);
    assert_eq!(guest.stored_parts(plain.id).await, Vec::<u64>::new());
}

async fn impossible_parts_are_refused(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let large = guest.sign_large("film.jpg", film(1)).await;
    for parts in [
        json!(null),
        json!("1"),
        json!([1]),
        json!([{}]),
        json!([{"number": 0}]),
        json!([{"number": 4}]),
        json!([{"number": -1}]),
        json!([{"number": i64::MAX}]),
        json!([{"number": 1, "sha256": "short"}]),
        json!([{"number": 1}, {"number": 1.5}]),
    ] {
        guest.sign_parts(large.id, &parts).await.legacy_error(400, "invalid_value", "detail");
    }
    for many in [0, 101] {
        let parts = json!(vec![json!({"number": 1}); many]);
        guest.sign_parts(large.id, &parts).await.legacy_error(400, "too_many_parts", "detail");
    }
    assert_eq!(app.store().open_uploads().await, Vec::<String>::new());
    let hundred = json!(vec![json!({"number": 1, "sha256": sha256(b"")}); 100]);
    assert_eq!(guest.sign_parts(large.id, &hundred).await.json(200)["parts"].as_array().unwrap().len(), 100);
    let without = guest.sign_parts(large.id, &json!([{"number": 1}])).await;
    without.legacy_error(400, "invalid_value", "detail");
}

async fn a_batch_holds_files_of_every_kind(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let large = guest.sign_large("film.jpg", film(1)).await;
    let files = json!([
        exactly("small.jpg", "image/jpeg", &photo(1)),
        {"filename": "new.jpg", "size": 65 << 20},
        {"filename": "film.jpg", "size": film(1).len(), "sha256": sha256(&film(1)), "multipart": true},
        {"filename": "nothing.jpg", "multipart": true},
        {"filename": "", "size": 1},
    ]);
    let answer = guest.policy(&json!({"files": files})).await.json(200);
    let files = answer["files"].as_array().unwrap();
    assert_eq!((files[0]["url"].is_string(), &files[0]["multipart"]), (true, &Value::Null));
    assert_eq!((files[1]["url"].is_string(), &files[1]["multipart"]["parts"]), (false, &json!(9)));
    assert_eq!((&files[2]["file_id"], &files[2]["multipart"]["parts"]), (&json!(large.id), &json!(3)));
    assert_eq!((&files[3]["code"], &files[4]["code"]), (&json!("invalid_value"), &json!("filename_required")));

    guest.put_parts(&large).await;
    let files = json!([{"file": files[1]["file_id"]}, {"file": large.id}]);
    let answer = guest.complete_with(&json!({"files": files})).await.json(200);
    assert_eq!(answer["files"][0]["code"], "not_uploaded");
    assert_eq!(answer["files"][1], json!({"id": large.id, "saved": true}));
}

async fn what_has_arrived_has_no_parts(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let large = guest.sign_large("film.jpg", film(1)).await;
    guest.put_parts(&large).await;
    guest.complete(large.id).await.json(200);
    guest.parts(large.id).await.legacy_error(409, "already_uploaded", "detail");
    guest.sign_parts(large.id, &json!([{"number": 1}])).await.legacy_error(409, "already_uploaded", "detail");
    guest.abort_parts(large.id).await.legacy_error(409, "already_uploaded", "detail");
    assert!(guest.download(large.id).await == large.bytes);
}

async fn begun(guest: &Guest, number: u64) -> Large {
    let large = guest.sign_large("film.jpg", film(number)).await;
    guest.put_part(&large, 1).await;
    large
}

async fn photos(app: &TestApp) -> usize {
    app.store().keys().await.iter().filter(|key| key.starts_with("photos/")).count()
}
