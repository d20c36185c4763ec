//! `GET /api/images/` and `GET /api/images/{id}/`.

use serde_json::{Value, json};

use crate::support::{Call, Database, TestApp, keys, photo, sha256};

on_both_databases![
    answers_the_originals_keys_and_then_ours,
    a_pending_image_has_no_link,
    an_uploaded_image_has_a_link_for_a_day,
    newest_update_comes_first,
    one_image_is_as_in_the_list,
    unknown_ids_are_not_found,
    the_owner_sees_all_and_may_narrow,
    a_list_of_many_is_whole,
];

const LEGACY_KEYS: [&str; 26] = [
    "name",
    "path",
    "size",
    "file_type",
    "timestamp",
    "updated",
    "uploaded",
    "active",
    "token",
    "make",
    "model",
    "xDimension",
    "yDimension",
    "orientation",
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
    "image_link",
];
const OUR_KEYS: [&str; 18] = [
    "id",
    "state",
    "sha256",
    "taken_at",
    "latitude",
    "longitude",
    "altitude",
    "lens",
    "iso",
    "exposure_time",
    "width",
    "height",
    "lens_make",
    "title",
    "caption",
    "creator",
    "keywords",
    "rating",
];

async fn answers_the_originals_keys_and_then_ours(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    guest.get("/api/images/").answer().await.is(200, "[]");
    let bytes = photo(1);
    let id = guest.upload_jpeg("a \"b\".jpg", &bytes).await;
    let invitation = app.owner().invitation_id(&guest).await;

    let answer = guest.get("/api/images/").answer().await;
    let list = answer.json(200);
    let image = &list.as_array().unwrap()[0];
    assert_eq!(keys(image)[..26], LEGACY_KEYS);
    let ours = &keys(image)[26..];
    assert!(OUR_KEYS.iter().all(|key| ours.contains(key)), "{ours:?}");
    assert_eq!(serde_json::to_string(&list).unwrap(), answer.text(), "compact");
    for (key, expected) in [
        ("name", json!("a \"b\".jpg")),
        ("path", json!(format!("{invitation}/{id}/{id}.jpg"))),
        ("size", json!(bytes.len())),
        ("file_type", json!("image/jpeg")),
        ("uploaded", json!(true)),
        ("active", json!(true)),
        ("token", json!(guest.token)),
        ("make", Value::Null),
        ("id", json!(id)),
        ("state", json!("uploaded")),
        ("sha256", json!(sha256(&bytes))),
    ] {
        assert_eq!(image[key], expected, "{key}");
    }
    for key in ["timestamp", "updated"] {
        let shape: String =
            image[key].as_str().unwrap().chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, "0000-00-00T00:00:00.000000Z", "{key}");
    }
}

async fn a_pending_image_has_no_link(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign("a.jpg").await;
    guest.put(&signed, &photo(1)).await;
    let image = guest.image(signed.id).await;
    assert_eq!((&image["uploaded"], &image["image_link"], &image["size"]), (&json!(false), &Value::Null, &json!(0)));
    assert_eq!((&image["state"], &image["sha256"]), (&json!("pending"), &Value::Null));
    assert_eq!(image["timestamp"], image["updated"]);
}

async fn an_uploaded_image_has_a_link_for_a_day(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let image = guest.image(id).await;
    let link: url::Url = image["image_link"].as_str().unwrap().parse().unwrap();
    assert!(link.query_pairs().any(|(name, value)| name == "X-Amz-Expires" && value == "86400"), "{link}");
    assert!(link.path().starts_with("/hasty-media/photos/"), "{link}");
    assert!(!link.as_str().contains(&guest.token), "{link}");
    let answer = guest.client.get(link.as_str()).answer().await;
    assert_eq!((answer.status.as_u16(), answer.body.as_ref()), (200, photo(1).as_slice()));
    assert_eq!(answer.header("content-type"), "image/jpeg");
}

async fn newest_update_comes_first(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(guest.upload_jpeg(&format!("{n}.jpg"), &photo(n)).await);
    }
    let order =
        async || -> Vec<i64> { guest.images().await.iter().map(|image| image["id"].as_i64().unwrap()).collect() };
    assert_eq!(order().await, [ids[3], ids[2], ids[1], ids[0]]);
    guest.complete_with(&json!({"file": ids[1], "metadata": {"make": "Example"}})).await.json(200);
    assert_eq!(order().await, [ids[1], ids[3], ids[2], ids[0]]);
    let image = guest.image(ids[1]).await;
    assert!(image["updated"].as_str() > image["timestamp"].as_str(), "{image}");
}

async fn one_image_is_as_in_the_list(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    guest.complete_with(&json!({"file": id, "metadata": {"make": "Example", "latitude": 1.5}})).await.json(200);
    let (mut one, mut listed) = (guest.image(id).await, guest.images().await.remove(0));
    assert_eq!(keys(&one), keys(&listed));
    for image in [&mut one, &mut listed] {
        // The signature is of its second.
        assert!(image["image_link"].take().is_string());
    }
    assert_eq!(one, listed);
    assert_eq!(app.owner().get(&format!("/api/images/{id}")).answer().await.json(200)["id"], id);
}

async fn unknown_ids_are_not_found(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.sign("a.jpg").await.id;
    for unknown in [
        "0",
        "-1",
        "999999999",
        "9223372036854775807",
        "9223372036854775808",
        "abc",
        "1.0",
        "1e0",
        "0x1",
        "%2b1",
        "%201",
        "写真",
        "%ff",
        "%00",
        "null",
        "1%3b",
        "..%2f1",
    ] {
        for viewer in
            [guest.get(&format!("/api/images/{unknown}/")), app.owner().get(&format!("/api/images/{unknown}"))]
        {
            let answer = viewer.answer().await;
            assert_eq!(answer.legacy_error(404, "not_found", "detail"), "Not found.", "{unknown}");
        }
    }
    guest.get(&format!("/api/images/{id}")).answer().await.json(200);
}

async fn the_owner_sees_all_and_may_narrow(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let (one, other) = (app.owner().invite("one@example.com").await, app.owner().invite("other@example.com").await);
    let (a, b) = (one.upload_jpeg("a.jpg", &photo(1)).await, other.upload_jpeg("b.jpg", &photo(2)).await);
    let ids = |images: &[Value]| -> Vec<i64> { images.iter().map(|image| image["id"].as_i64().unwrap()).collect() };
    assert_eq!(ids(&app.owner().images().await), [b, a]);
    let narrowed = format!("/api/images/?invitation={}", app.owner().invitation_id(&one).await);
    let list = app.owner().get(&narrowed).answer().await.json(200);
    assert_eq!(ids(list.as_array().unwrap()), [a]);
    assert_eq!(list[0]["token"], one.token.as_str());
    for unknown in [uuid::Uuid::new_v4().to_string(), "x".into(), one.token.clone()] {
        app.owner().get(&format!("/api/images/?invitation={unknown}")).answer().await.error(404, "not_found");
    }
    let foreign = other.get(&narrowed).answer().await.json(200);
    assert_eq!(ids(foreign.as_array().unwrap()), [b]);
    let as_guest = app.owner().get(&format!("/api/images/?access_token={}", one.token)).answer().await.json(200);
    assert_eq!(ids(as_guest.as_array().unwrap()), [a]);
    app.client().get("/api/images/").bearer_auth("wrong").answer().await.legacy_error(403, "token_unknown", "detail");
}

async fn a_list_of_many_is_whole(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for count in [500, 500, 1] {
        let files: Vec<_> = (0..count).map(|n| json!({"filename": format!("{n}.jpg")})).collect();
        guest.policy(&json!({"files": files})).await.json(200);
        let (mine, owners) = (guest.images().await, app.owner().images().await);
        let mut ids: Vec<_> = mine.iter().map(|image| image["id"].as_i64().unwrap()).collect();
        assert!(ids.is_sorted_by(|a, b| a > b), "newest first");
        ids.dedup();
        assert_eq!((ids.len(), owners.len()), (mine.len(), mine.len()));
    }
    assert_eq!(guest.images().await.len(), 1001);
}
