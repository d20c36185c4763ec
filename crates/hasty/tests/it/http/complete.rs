//! `POST /api/files/complete/`: a file has arrived, and what its guest knows of it.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Database, TestApp, external, photo, sha256};

on_both_databases![
    answers_the_id_and_saved,
    without_a_file_there_is_nothing_to_do,
    what_is_not_in_storage_is_not_uploaded,
    size_and_type_are_those_of_storage,
    takes_what_the_browser_read,
    metadata_may_be_text_or_bear_the_originals_name,
    absent_fields_keep_their_value,
    unknown_files_are_not_found,
    values_of_the_wrong_shape_are_refused,
    is_idempotent,
    many_at_once_save_one,
    the_policy_url_completes_too,
    an_empty_object_is_no_photo,
    what_is_too_large_is_rejected_and_goes,
    fields_that_are_not_for_clients_are_ignored,
];

/// Metadata that is text.
const TEXTS: [&str; 15] = [
    "make",
    "model",
    "software",
    "flash",
    "metering_mode",
    "saturation",
    "sharpness",
    "contrast",
    "x_resolution",
    "y_resolution",
    "aperture_value",
    "focal_length",
    "exif_version",
    "lens",
    "exposure_time",
];

/// Metadata that is a whole number.
const NUMBERS: [&str; 6] = ["xDimension", "yDimension", "orientation", "iso", "width", "height"];

async fn answers_the_id_and_saved(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign("a.jpg").await;
    guest.put(&signed, &photo(1)).await;
    let body = json!({"file": signed.id, "fileSize": 10, "fileType": "image/jpeg", "uploaded": false, "meta_data": {}});
    guest.complete_with(&body).await.is(200, &format!(r#"{{"id":{},"saved":true}}"#, signed.id));
    let image = guest.image(signed.id).await;
    assert_eq!((&image["uploaded"], &image["state"]), (&json!(true), &json!("uploaded")));
    assert_eq!(guest.download(signed.id).await, photo(1));
}

async fn without_a_file_there_is_nothing_to_do(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for body in [json!({}), json!({"file": null}), json!({"file": ""}), json!({"fileSize": 10, "uploaded": true})] {
        guest.complete_with(&body).await.is(200, "{}");
    }
    let without_a_body = guest.call(http::Method::POST, "/api/files/complete/").send().await.unwrap();
    assert_eq!((without_a_body.status().as_u16(), without_a_body.text().await.unwrap().as_str()), (200, "{}"));
}

async fn what_is_not_in_storage_is_not_uploaded(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign("a.jpg").await;
    let body = json!({"file": signed.id, "uploaded": true, "fileSize": 10, "metadata": {"make": "Example"}});
    let detail = guest.complete_with(&body).await.legacy_error(409, "not_uploaded", "detail");
    assert!(detail.contains("not uploaded"), "{detail}");
    let image = guest.image(signed.id).await;
    assert_eq!((&image["uploaded"], &image["image_link"], &image["make"]), (&json!(false), &Value::Null, &Value::Null));
}

async fn size_and_type_are_those_of_storage(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let bytes = photo(1);
    let signed = guest.sign_with(&json!({"filename": "a.png", "type": "image/png"})).await;
    assert_eq!(guest.put(&signed, &bytes).await.status, 200);
    guest.complete_with(&json!({"file": signed.id, "fileSize": 1, "fileType": "text/html"})).await.json(200);
    let image = guest.image(signed.id).await;
    assert_eq!((&image["size"], &image["file_type"]), (&json!(bytes.len()), &json!("image/jpeg")));
    let link = image["image_link"].as_str().unwrap();
    assert!(link.split('?').next().unwrap().ends_with(".jpg"), "{link}");
    let answer = guest.client.get(link).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/jpeg");
}

async fn takes_what_the_browser_read(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let metadata = all_metadata();
    guest.complete_with(&json!({"file": id, "metadata": metadata})).await.json(200);
    let image = guest.image(id).await;
    for (name, value) in metadata.as_object().unwrap() {
        assert_eq!(&image[name], value, "{name}");
    }
}

async fn metadata_may_be_text_or_bear_the_originals_name(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    for (n, key) in ["metadata", "meta_data"].into_iter().enumerate() {
        for (m, as_text) in [false, true].into_iter().enumerate() {
            let make = format!("Maker {n}{m}");
            let metadata = json!({"make": make, "xDimension": "4032", "orientation": n + 1, "x_resolution": 72, "unknown": {"a": [1]}});
            let metadata = if as_text { json!(metadata.to_string()) } else { metadata };
            guest.complete_with(&json!({"file": id, key: metadata})).await.json(200);
            let image = guest.image(id).await;
            assert_eq!((&image["make"], &image["xDimension"]), (&json!(make), &json!(4032)), "{key}");
            assert_eq!((&image["orientation"], &image["x_resolution"]), (&json!(n + 1), &json!("72")), "{key}");
        }
    }
    let body = json!({"file": id, "metadata": null, "meta_data": {"make": "Last"}});
    guest.complete_with(&body).await.json(200);
    assert_eq!(guest.image(id).await["make"], "Last");
}

async fn absent_fields_keep_their_value(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    guest.complete_with(&json!({"file": id, "metadata": {"make": "One", "model": "Two", "iso": 100}})).await.json(200);
    guest.complete_with(&json!({"file": id, "metadata": {"model": "Three", "make": null, "iso": ""}})).await.json(200);
    guest.complete_with(&json!({"file": id})).await.json(200);
    let image = guest.image(id).await;
    assert_eq!((&image["make"], &image["model"], &image["iso"]), (&json!("One"), &json!("Three"), &json!(100)));
}

async fn unknown_files_are_not_found(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for file in [
        json!(1),
        json!(999_999_999),
        json!("1"),
        json!(-1),
        json!("abc"),
        json!("写"),
        json!(i64::MAX),
        json!("9".repeat(40)),
        json!(1.5),
    ] {
        let answer = guest.complete_with(&json!({"file": file})).await;
        assert_eq!(answer.legacy_error(404, "not_found", "detail"), "Not found.", "{file}");
    }
    for file in [json!([1]), json!({"id": 1}), json!(true)] {
        guest.complete_with(&json!({"file": file})).await.is_refused();
    }
}

async fn values_of_the_wrong_shape_are_refused(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    guest.complete_with(&json!({"file": id, "metadata": {"make": "Kept"}})).await.json(200);
    let before = without_link(guest.image(id).await);
    for metadata in &wrong_metadata() {
        let answer = guest.complete_with(&json!({"file": id, "metadata": metadata})).await;
        assert_eq!(answer.status, 400, "{metadata}");
        answer.legacy_error(400, "invalid_value", "detail");
    }
    for metadata in [json!([]), json!(7), json!(true), json!("no JSON"), json!("[]"), json!("7")] {
        let answer = guest.complete_with(&json!({"file": id, "metadata": metadata})).await;
        answer.legacy_error(400, "invalid_value", "detail");
    }
    for body in [
        json!({"file": id, "fileSize": -1}),
        json!({"file": id, "fileSize": "big"}),
        json!({"file": id, "fileType": 7}),
        json!({"file": id, "fileType": "x".repeat(256)}),
    ] {
        guest.complete_with(&body).await.legacy_error(400, "invalid_value", "detail");
    }
    assert_eq!(without_link(guest.image(id).await), before);
}

fn wrong_metadata() -> Vec<Value> {
    let mut wrong: Vec<Value> = Vec::new();
    for name in TEXTS {
        wrong.extend([
            json!({name: "x".repeat(256)}),
            json!({name: "a\u{0}b"}),
            json!({name: ["x"]}),
            json!({name: {}}),
            json!({name: true}),
        ]);
    }
    for (name, chars) in [("title", 500), ("creator", 500), ("keywords", 64)] {
        wrong.extend([json!({name: "x".repeat(chars + 1)}), json!({name: {}}), json!({name: [[]]})]);
    }
    wrong.extend([json!({"caption": "x".repeat(2_001)}), json!({"caption": ["x"]})]);
    wrong.extend([
        json!({"keywords": vec!["x"; 101]}),
        json!({"keywords": ["x", "x".repeat(65)]}),
        json!({"keywords": [1.5, null]}),
    ]);
    wrong.extend([json!({"rating": 5.5}), json!({"rating": -2}), json!({"rating": "many"})]);
    for name in NUMBERS {
        wrong.extend([
            json!({name: -1}),
            json!({name: 1e30}),
            json!({name: "wide"}),
            json!({name: [1]}),
            json!({name: i64::MAX}),
            json!({name: true}),
        ]);
    }
    wrong.extend([
        json!({"latitude": 90.1}),
        json!({"latitude": "NaN"}),
        json!({"longitude": -181}),
        json!({"longitude": "inf"}),
        json!({"altitude": "inf"}),
        json!({"taken_at": "yesterday"}),
        json!({"taken_at": "2026-13-01T00:00:00"}),
        json!({"taken_at": 20260101}),
        json!({"taken_at": "2026-01-01"}),
        json!({"taken_at": "2026-01-01T00:00:00+99:00"}),
        json!({"taken_at": "2026-01-01T00:00:00 写"}),
    ]);
    wrong
}

async fn is_idempotent(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let first = guest.image(id).await;
    let photos = photo_keys(&app).await;
    for _ in 0..3 {
        guest.complete(id).await.is(200, &format!(r#"{{"id":{id},"saved":true}}"#));
    }
    let last = guest.image(id).await;
    for key in ["size", "file_type", "sha256", "state", "timestamp", "name", "path"] {
        assert_eq!(first[key], last[key], "{key}");
    }
    assert_eq!(photo_keys(&app).await, photos);
}

async fn many_at_once_save_one(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign("a.jpg").await;
    guest.put(&signed, &photo(1)).await;
    for answer in join_all((0..8).map(|_| guest.complete(signed.id))).await {
        answer.is(200, &format!(r#"{{"id":{},"saved":true}}"#, signed.id));
    }
    assert_eq!(photo_keys(&app).await.len(), 1);
    assert_eq!(app.owner().invitations().await[0]["image_count"], 1);
    assert_eq!(sha256(&guest.download(signed.id).await), sha256(&photo(1)));
}

async fn the_policy_url_completes_too(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign("a.jpg").await;
    let body = json!({"file": signed.id, "fileSize": 10, "fileType": "image/jpeg", "uploaded": true, "meta_data": {"make": "Example"}});
    guest.policy(&body).await.legacy_error(409, "not_uploaded", "detail");
    guest.put(&signed, &photo(1)).await;
    guest.policy(&body).await.is(200, &format!(r#"{{"id":{},"saved":true}}"#, signed.id));
    assert_eq!(guest.image(signed.id).await["make"], "Example");
    let unknown = guest.policy(&json!({"file": 999_999})).await;
    assert_eq!(unknown.legacy_error(404, "not_found", "detail"), "Not found.");
    assert_eq!(guest.images().await.len(), 1);
}

async fn an_empty_object_is_no_photo(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign("a.jpg").await;
    guest.put(&signed, b"").await;
    guest.complete(signed.id).await.is_refused();
    assert_eq!(guest.image(signed.id).await["uploaded"], false);
}

/// A storage that takes whatever comes, by a link that names no size.
async fn what_is_too_large_is_rejected_and_goes(on: Database) {
    let store = TestApp::start(Database::Sqlite).await;
    let endpoint = store.url();
    let flags = [&external(endpoint.as_str())[..], &["--max-file-bytes", "1000"]].concat();
    let app = TestApp::with(on, &flags).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign("a.jpg").await;
    assert_eq!(guest.put(&signed, &[0; 1001]).await.status, 200);
    for _ in 0..2 {
        guest.complete(signed.id).await.legacy_error(413, "file_too_large", "detail");
    }
    let image = guest.image(signed.id).await;
    let found = (&image["state"], &image["rejection"]["code"], &image["image_link"], &image["uploaded"]);
    assert_eq!(found, (&json!("rejected"), &json!("too_large"), &Value::Null, &json!(false)));
    app.let_pass(26);
    app.sweep_until(async || store.store().keys().await.is_empty()).await;
}

async fn fields_that_are_not_for_clients_are_ignored(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let before = without_link(guest.image(id).await);
    let forged = json!({"state": "deleted", "active": false, "photo_key": "incoming/x", "sha256": "0".repeat(64), "size": 1,
        "name": "other.jpg", "path": "x", "timestamp": "2001-01-01T00:00:00Z", "invitation_id": 2, "image_link": "x", "token": "x"});
    let mut body = json!({"file": id, "metadata": forged, "id": 77});
    body.as_object_mut().unwrap().extend(forged.as_object().unwrap().clone());
    guest.complete_with(&body).await.json(200);
    assert_eq!(without_link(guest.image(id).await), before);
}

fn all_metadata() -> Value {
    json!({
        "make": "Example", "model": "Camera \"1\" <b>", "xDimension": 4032, "yDimension": 3024, "orientation": 6,
        "software": "1.0 写", "flash": "Flash did not fire, auto mode", "metering_mode": "Pattern", "saturation": "Normal",
        "sharpness": "Hard", "contrast": "Soft", "x_resolution": "72", "y_resolution": "72", "aperture_value": "2.9",
        "focal_length": "4.2", "exif_version": "0232", "width": 4032, "height": 3024, "taken_at": "2026-05-17T10:20:30.25+02:00",
        "latitude": -33.5, "longitude": 151.25, "altitude": -0.5, "lens": "x".repeat(255), "iso": 200, "exposure_time": "1/250",
        "lens_make": "Example Optics", "title": "写".repeat(500), "caption": "one\ntwo".repeat(250), "creator": "Me, you",
        "keywords": ["a", "b; c", "写".repeat(64)], "rating": 4.5,
    })
}

/// Without what changes with every call.
fn without_link(mut image: Value) -> Value {
    let fields = image.as_object_mut().unwrap();
    fields.remove("image_link");
    fields.remove("updated");
    image
}

async fn photo_keys(app: &TestApp) -> Vec<String> {
    app.store().keys().await.into_iter().filter(|key| key.starts_with("photos/")).collect()
}
