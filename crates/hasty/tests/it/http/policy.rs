//! `POST /api/files/policy/`: a link for one file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::Url;

use crate::support::{Database, S3_KEY_PAIR, TestApp, exactly, keys, photo, sha256};

on_both_databases![
    answers_exactly_the_originals_keys,
    a_filename_is_required,
    any_unicode_is_a_filename,
    a_filename_has_at_most_255_characters,
    the_logical_name_has_the_files_extension,
    the_storage_key_has_an_extension_of_ours_or_none,
    the_link_holds_for_a_day,
    the_life_of_links_is_configured,
    what_is_told_is_signed,
    a_sha256_is_hex_or_base64,
    a_file_that_cannot_be_accepted_is_refused,
    the_largest_file_is_configured,
    each_call_records_an_image_of_its_own,
    signs_again_for_a_pending_image,
    fields_that_are_not_for_clients_are_ignored,
];

async fn answers_exactly_the_originals_keys(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let invitation = app.owner().invitation_id(&guest).await;
    let answer = guest.policy(&json!({"filename": "a.jpg"})).await;
    let policy = answer.json(200);
    let (id, url, key, token) = (&policy["file_id"], policy["url"].as_str().unwrap(), S3_KEY_PAIR.0, &guest.token);
    assert!(id.is_i64(), "{policy}");
    answer.is(
        200,
        &format!(
            r#"{{"key":"{key}","file_bucket_path":"{invitation}/{id}/","file_id":{id},"filename":"{id}.jpg","url":"{url}","token":"{token}"}}"#
        ),
    );
    let image = guest.image(id.as_i64().unwrap()).await;
    assert_eq!(image["path"], format!("{invitation}/{id}/{id}.jpg"));
    assert!(!url.contains(token.as_str()) && !url.contains(&invitation), "{url}");
}

async fn a_filename_is_required(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for body in [
        json!({}),
        json!({"filename": ""}),
        json!({"filename": null}),
        json!({"name": "a.jpg"}),
        json!({"filename": " "}),
    ] {
        let message = guest.policy(&body).await.legacy_error(400, "filename_required", "message");
        assert_eq!(message, "A filename is required", "{body}");
    }
    let empty = guest.call(http::Method::POST, "/api/files/policy/").send().await.unwrap();
    assert_eq!(empty.status(), 400);
    assert_eq!(guest.images().await, Vec::<Value>::new());
}

async fn any_unicode_is_a_filename(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for name in NAMES {
        let id = guest.sign(name).await.id;
        assert_eq!(guest.image(id).await["name"], *name);
    }
}

const NAMES: &[&str] = &[
    "写真.jpg",
    "صورة.jpg",
    "фото.JPG",
    "תמונה.png",
    "ภาพ.webp",
    "📷🏳️‍🌈.heic",
    "e\u{301}.jpg",
    "\u{e9}.jpg",
    "a b  c.jpg",
    "\"quoted\".jpg",
    "it's.jpg",
    "<img src=x onerror=alert(1)>.jpg",
    "&amp;.jpg",
    "\u{202e}gpj.exe",
    "\u{200f}a.jpg",
    "../../etc/passwd",
    "..",
    ".",
    "/",
    "\\\\host\\share",
    "C:\\a.jpg",
    "CON",
    "%2e%2e%2f",
    "a\tb\nc\r.jpg",
    "\u{1b}[31m.jpg",
    "{{invitation}}",
    "${x}",
    "'; DROP TABLE images; --",
    "IMG_0001",
    ".hidden",
    "a.",
    "-rf",
    "null",
    "\u{feff}bom.jpg",
    "~",
    "a?b#c",
    " leading and trailing .jpg ",
];

async fn a_filename_has_at_most_255_characters(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for letter in ["a", "ß", "写", "📷"] {
        let longest = letter.repeat(251) + ".jpg";
        let id = guest.sign(&longest).await.id;
        assert_eq!(guest.image(id).await["name"], longest.as_str());
        let refused = guest.policy(&json!({"filename": letter.repeat(252) + ".jpg"})).await;
        refused.legacy_error(400, "filename_too_long", "message");
    }
    assert_eq!(guest.images().await.len(), 4);
}

async fn the_logical_name_has_the_files_extension(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for (name, extension) in [
        ("a.jpg", ".jpg"),
        ("no extension", ""),
        ("archive.tar.gz", ".gz"),
        (".hidden", ""),
        ("a.", ""),
        ("写真.png", ".png"),
        ("a.<b>", ""),
        ("a.b/c", ""),
        ("a.\"x", ""),
        ("a.写", ""),
    ] {
        let policy = guest.policy(&json!({"filename": name})).await.json(200);
        assert_eq!(policy["filename"], format!("{}{extension}", policy["file_id"]), "{name}");
    }
}

async fn the_storage_key_has_an_extension_of_ours_or_none(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for (name, content_type, extension) in [
        ("a.JPG", None, "jpg"),
        ("a.jpeg", None, "jpg"),
        ("a.TIF", None, "tiff"),
        ("a.heif", None, "heic"),
        ("a.html", None, ""),
        ("a.svg", None, ""),
        ("a", None, ""),
        ("a.jpg", Some("image/png"), "png"),
        ("a.jpg", Some("text/html"), ""),
        ("a.exe", Some("image/webp"), "webp"),
        ("a.jpg/../../b.html", None, ""),
    ] {
        let url = guest.sign_with(&json!({"filename": name, "type": content_type})).await.url;
        let key = url.path().strip_prefix("/hasty-media/incoming/").unwrap_or_else(|| panic!("{url}"));
        let (id, found) = key.split_once('.').unwrap_or((key, ""));
        assert_eq!(found, extension, "{name}");
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    }
}

async fn the_link_holds_for_a_day(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let answer = guest.policy(&json!({"filename": "a.jpg", "size": 5})).await.json(200);
    let url: Url = answer["url"].as_str().unwrap().parse().unwrap();
    assert_eq!(query(&url, "X-Amz-Expires"), "86400");
    let ends: jiff::Timestamp = answer["expires_at"].as_str().unwrap().parse().unwrap();
    let hours = (ends - app.now()).total(jiff::Unit::Hour).unwrap();
    assert!((23.9..24.0).contains(&hours), "{hours}");
}

async fn the_life_of_links_is_configured(on: Database) {
    let app = TestApp::with(on, &["--link-hours", "2"]).await;
    let guest = app.owner().invite("guest@example.com").await;
    let upload = guest.sign("a.jpg").await;
    assert_eq!(query(&upload.url, "X-Amz-Expires"), "7200");
    let id = guest.upload_jpeg("b.jpg", &photo(1)).await;
    let download: Url = guest.image(id).await["image_link"].as_str().unwrap().parse().unwrap();
    assert_eq!(query(&download, "X-Amz-Expires"), "7200");
}

async fn what_is_told_is_signed(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let bytes = photo(1);
    let all = exactly("a.jpg", "Image/JPEG; charset=binary", &bytes);
    let answer = guest.policy(&all).await.json(200);
    let own = ["key", "file_bucket_path", "file_id", "filename", "url", "token", "method", "headers", "expires_at"];
    assert_eq!(keys(&answer), own);
    assert_eq!(answer["method"], "PUT");
    let checksum = STANDARD.encode(hex::decode(sha256(&bytes)).unwrap());
    assert_eq!(answer["headers"], json!({"content-type": "image/jpeg", "x-amz-checksum-sha256": checksum}));
    let signed_headers =
        |answer: &Value| query(&answer["url"].as_str().unwrap().parse().unwrap(), "X-Amz-SignedHeaders");
    assert_eq!(signed_headers(&answer), "content-length;content-type;host;x-amz-checksum-sha256");

    let size_only = guest.policy(&json!({"filename": "a.jpg", "size": 5})).await.json(200);
    assert_eq!((signed_headers(&size_only), &size_only["headers"]), ("content-length;host".to_owned(), &json!({})));
    let nothing = guest.policy(&json!({"filename": "a.jpg"})).await.json(200);
    assert_eq!(signed_headers(&nothing), "host");
}

async fn a_sha256_is_hex_or_base64(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let hex = sha256(b"bytes");
    let base64 = STANDARD.encode(hex::decode(&hex).unwrap());
    for given in [&hex, &hex.to_uppercase(), &base64] {
        let answer = guest.policy(&json!({"filename": "a.jpg", "sha256": given})).await.json(200);
        assert_eq!(answer["headers"]["x-amz-checksum-sha256"], base64.as_str(), "{given}");
    }
    for bad in [
        json!("abc"),
        json!(&hex[1..]),
        json!(format!("{hex}0")),
        json!("z".repeat(64)),
        json!(7),
        json!([]),
        json!(true),
    ] {
        guest.policy(&json!({"filename": "a.jpg", "sha256": bad})).await.legacy_error(400, "invalid_value", "message");
    }
}

async fn a_file_that_cannot_be_accepted_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for size in
        [json!(-1), json!(1.5), json!("big"), json!([5]), json!(true), json!({"bytes": 5}), json!("9".repeat(30))]
    {
        guest.policy(&json!({"filename": "a.jpg", "size": size})).await.legacy_error(400, "invalid_value", "message");
    }
    for content_type in [
        json!("jpeg"),
        json!("image/"),
        json!("a/b\r\nx: y"),
        json!("image/jp eg"),
        json!(7),
        json!(["image/jpeg"]),
        json!("é/é"),
    ] {
        let body = json!({"filename": "a.jpg", "type": content_type});
        guest.policy(&body).await.legacy_error(400, "invalid_value", "message");
    }
    guest.policy(&json!({"filename": "a.jpg", "size": 0})).await.legacy_error(400, "file_empty", "message");
    assert_eq!(guest.images().await, Vec::<Value>::new());
}

async fn the_largest_file_is_configured(on: Database) {
    let app = TestApp::with(on, &["--max-file-bytes", "1000"]).await;
    let guest = app.owner().invite("guest@example.com").await;
    guest.policy(&json!({"filename": "a.jpg", "size": 1000})).await.json(200);
    for size in [json!(1001), json!(i64::MAX), json!("1001")] {
        guest.policy(&json!({"filename": "a.jpg", "size": size})).await.legacy_error(413, "file_too_large", "message");
    }
    let (unsized_link, bytes) = (guest.sign("a.jpg").await, vec![7; 1001]);
    let put = guest.put(&unsized_link, &bytes).await;
    assert!(put.status.is_client_error(), "{} {}", put.status, put.text());
    guest.complete(unsized_link.id).await.error(409, "not_uploaded");
}

async fn each_call_records_an_image_of_its_own(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let (one, other) = (guest.sign("a.jpg").await, guest.sign("a.jpg").await);
    assert_ne!(one.id, other.id);
    assert_ne!(one.url.path(), other.url.path());
    assert_eq!(guest.images().await.len(), 2);
}

async fn signs_again_for_a_pending_image(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let bytes = photo(1);
    let first = guest.sign_exactly("a.jpg", "image/jpeg", &bytes).await;
    let mut again = exactly("renamed.jpg", "image/jpeg", &bytes);
    again["file_id"] = json!(first.id);
    let second = guest.sign_with(&again).await;
    assert_eq!((second.id, second.url.path()), (first.id, first.url.path()));
    assert_eq!(guest.images().await.len(), 1);
    assert_eq!(guest.image(first.id).await["name"], "a.jpg");
    assert_eq!(guest.put(&second, &bytes).await.status, 200);
    guest.complete(first.id).await.json(200);
    guest.policy(&again).await.legacy_error(409, "already_uploaded", "message");
    for unknown in [json!(first.id + 1), json!(0), json!(i64::MAX)] {
        guest.policy(&json!({"filename": "a.jpg", "file_id": unknown})).await.error(404, "not_found");
    }
    for bad in [json!("x"), json!(-1), json!([1]), json!(1.5)] {
        guest.policy(&json!({"filename": "a.jpg", "file_id": bad})).await.is_refused();
    }
}

async fn fields_that_are_not_for_clients_are_ignored(on: Database) {
    let app = TestApp::start(on).await;
    let other = app.owner().invite("other@example.com").await;
    let guest = app.owner().invite("guest@example.com").await;
    let body = json!({"filename": "a.jpg", "id": 77, "state": "ready", "active": false, "invitation_id": 1, "invitation": 1,
        "photo_key": "photos/x", "incoming_key": "photos/x", "key": "photos/x", "path": "x", "token": other.token,
        "uploaded": true, "image_link": "https://example.com/", "size_bytes": 9, "created_at": 1, "updated_at": 1});
    let signed = guest.sign_with(&body).await;
    assert_ne!(signed.id, 77);
    assert!(signed.url.path().starts_with("/hasty-media/incoming/"), "{}", signed.url);
    let image = guest.image(signed.id).await;
    assert_eq!(
        (&image["state"], &image["active"], &image["uploaded"]),
        (&json!("pending"), &json!(true), &json!(false))
    );
    assert_eq!((&image["size"], &image["image_link"], &image["token"]), (&json!(0), &Value::Null, &json!(guest.token)));
    assert_eq!(other.images().await, Vec::<Value>::new());
}

fn query(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(found, _)| found == name).unwrap_or_else(|| panic!("{name}: {url}")).1.into_owned()
}
