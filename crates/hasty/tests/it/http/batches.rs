//! `{"files": [...]}` for policy and complete: an answer for each, and what is wrong with one never hurts another.

use serde_json::{Value, json};

use crate::support::{Database, TestApp, exactly, photo, signed};

on_both_databases![
    signs_and_completes_many_in_order,
    each_wrong_file_has_an_error_of_its_own,
    each_wrong_completion_has_an_error_of_its_own,
    holds_1_to_500_files,
    files_must_be_a_list,
    the_same_file_twice_in_a_batch_is_saved_once,
    batches_that_meet_do_not_wait_for_each_other,
];

async fn signs_and_completes_many_in_order(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let photos: Vec<_> = (0..8).map(photo).collect();
    let files: Vec<_> =
        photos.iter().enumerate().map(|(n, bytes)| exactly(&format!("{n}.jpg"), "image/jpeg", bytes)).collect();
    let answer = guest.policy(&json!({"files": files})).await.json(200);
    let items = answer["files"].as_array().unwrap();
    assert_eq!(items.len(), 8);
    for (n, (item, bytes)) in items.iter().zip(&photos).enumerate() {
        let signed = signed(item);
        assert_eq!(guest.image(signed.id).await["name"], format!("{n}.jpg"));
        assert_eq!(guest.put(&signed, bytes).await.status, 200);
    }
    let completions: Vec<_> =
        items.iter().enumerate().map(|(n, item)| json!({"file": item["file_id"], "fileSize": 1, "fileType": "image/jpeg", "metadata": {"iso": n}})).collect();
    let completed = guest.complete_with(&json!({"files": completions})).await.json(200);
    for (n, item) in items.iter().enumerate() {
        let id = item["file_id"].as_i64().unwrap();
        assert_eq!(completed["files"][n], json!({"id": id, "saved": true}));
        assert_eq!(
            (guest.image(id).await["iso"].clone(), guest.download(id).await.as_ref()),
            (json!(n), photos[n].as_slice())
        );
    }
}

async fn each_wrong_file_has_an_error_of_its_own(on: Database) {
    let app = TestApp::with(on, &["--max-file-bytes", "1000"]).await;
    let guest = app.owner().invite("guest@example.com").await;
    let done = guest.upload_jpeg("done.jpg", b"small").await;
    let wrong = [
        (json!({}), 400, "filename_required"),
        (json!({"filename": ""}), 400, "filename_required"),
        (json!({"filename": "x".repeat(256)}), 400, "filename_too_long"),
        (json!({"filename": "a\u{0}b.jpg"}), 400, "invalid_value"),
        (json!({"filename": 7}), 400, "invalid_value"),
        (json!({"filename": "a.jpg", "size": "big"}), 400, "invalid_value"),
        (json!({"filename": "a.jpg", "size": -5}), 400, "invalid_value"),
        (json!({"filename": "a.jpg", "size": 0}), 400, "file_empty"),
        (json!({"filename": "a.jpg", "size": 1001}), 413, "file_too_large"),
        (json!({"filename": "a.jpg", "type": "nonsense"}), 400, "invalid_value"),
        (json!({"filename": "a.jpg", "sha256": "nonsense"}), 400, "invalid_value"),
        (json!({"filename": "a.jpg", "file_id": done}), 409, "already_uploaded"),
        (json!({"filename": "a.jpg", "file_id": 999_999}), 404, "not_found"),
        (json!("a.jpg"), 400, "invalid_value"),
        (json!(null), 400, "invalid_value"),
        (json!([]), 400, "invalid_value"),
    ];
    let good = json!({"filename": "good.jpg", "size": 5});
    let files: Vec<Value> = wrong.iter().flat_map(|(file, ..)| [good.clone(), file.clone()]).collect();
    let answer = guest.policy(&json!({"files": files})).await.json(200);
    for (n, (file, status, code)) in wrong.iter().enumerate() {
        assert_eq!(guest.put(&signed(&answer["files"][2 * n]), b"bytes").await.status, 200);
        let item = &answer["files"][2 * n + 1];
        assert_eq!((&item["status"], &item["code"]), (&json!(status), &json!(code)), "{file}");
        assert!(item["message"].as_str().is_some_and(|message| message.len() > 3), "{item}");
        assert_eq!(item["url"], Value::Null);
    }
    assert_eq!(guest.images().await.len(), wrong.len() + 1);
}

async fn each_wrong_completion_has_an_error_of_its_own(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let (sent, never_sent) = (guest.sign("a.jpg").await, guest.sign("b.jpg").await);
    guest.put(&sent, &photo(1)).await;
    let wrong = [
        (json!({"file": never_sent.id}), 409, "not_uploaded"),
        (json!({"file": 999_999}), 404, "not_found"),
        (json!({"file": "abc"}), 404, "not_found"),
        (json!({"file": sent.id, "metadata": {"iso": "fast"}}), 400, "invalid_value"),
        (json!({"file": sent.id, "metadata": []}), 400, "invalid_value"),
        (json!({}), 400, "invalid_value"),
        (json!(7), 400, "invalid_value"),
        (json!("x"), 400, "invalid_value"),
    ];
    let mut files: Vec<Value> = wrong.iter().map(|(file, ..)| file.clone()).collect();
    files.push(json!({"file": sent.id, "metadata": {"iso": 100}}));
    let answer = guest.complete_with(&json!({"files": files})).await.json(200);
    for (n, (file, status, code)) in wrong.iter().enumerate() {
        let item = &answer["files"][n];
        assert_eq!((&item["status"], &item["code"]), (&json!(status), &json!(code)), "{file}");
        assert!(item["message"].as_str().is_some_and(|message| message.len() > 3), "{item}");
    }
    assert_eq!(answer["files"][wrong.len()], json!({"id": sent.id, "saved": true}));
    assert_eq!(guest.image(sent.id).await["iso"], 100);
}

async fn holds_1_to_500_files(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let files = |count: usize| json!({"files": vec![json!({"filename": "a.jpg", "file": 999_999}); count]});
    for count in [0, 501] {
        guest.policy(&files(count)).await.legacy_error(400, "too_many_files", "message");
        guest.complete_with(&files(count)).await.legacy_error(400, "too_many_files", "detail");
    }
    assert_eq!(guest.images().await.len(), 0);
    for count in [1, 500] {
        assert_eq!(guest.policy(&files(count)).await.json(200)["files"].as_array().unwrap().len(), count);
        assert_eq!(guest.complete_with(&files(count)).await.json(200)["files"].as_array().unwrap().len(), count);
    }
    assert_eq!(guest.images().await.len(), 501);
}

async fn files_must_be_a_list(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for files in [json!({"filename": "a.jpg"}), json!("a.jpg"), json!(7), json!(null), json!(true)] {
        guest.policy(&json!({"files": files})).await.legacy_error(400, "invalid_value", "message");
        guest.complete_with(&json!({"files": files})).await.legacy_error(400, "invalid_value", "detail");
    }
}

async fn the_same_file_twice_in_a_batch_is_saved_once(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let sent = guest.sign("a.jpg").await;
    guest.put(&sent, &photo(1)).await;
    let files = vec![json!({"file": sent.id}); 5];
    let answer = guest.complete_with(&json!({"files": files})).await.json(200);
    assert!(
        answer["files"].as_array().unwrap().iter().all(|item| *item == json!({"id": sent.id, "saved": true})),
        "{answer}"
    );
    assert_eq!(app.owner().invitations().await[0]["image_count"], 1);
    assert_eq!(guest.download(sent.id).await, photo(1));
}

/// Two tabs sign the same files again, in opposite orders, at the same time.
async fn batches_that_meet_do_not_wait_for_each_other(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let mut ids = Vec::new();
    for n in 0..40 {
        ids.push(guest.sign(&format!("{n}.jpg")).await.id);
    }
    for _ in 0..5 {
        let batch = |ids: Vec<i64>| json!({"files": ids.iter().map(|id| json!({"file_id": id})).collect::<Vec<_>>()});
        let (there, back) = (batch(ids.clone()), batch(ids.iter().rev().copied().collect()));
        let (there, back) = tokio::join!(guest.policy(&there), guest.policy(&back));
        for (answer, ids) in [(there, ids.clone()), (back, ids.iter().rev().copied().collect())] {
            let signed: Vec<_> =
                answer.json(200)["files"].as_array().unwrap().iter().map(|item| signed(item).id).collect();
            assert_eq!(signed, ids);
        }
    }
}
