//! What a client says of a photo becomes a fact, or a reason.

use metadata::FileType;
use metadata::samples::Photo;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Call, Database, Guest, TestApp, exactly, photo, sha256, worker_that};

on_both_databases![
    what_the_server_reads_wins,
    every_kind_of_photo_gets_previews_without_metadata,
    a_photo_lies_under_its_content_and_links_given_out_before_still_work,
    what_others_have_brought_shows_only_once_a_photo_is_ready,
    what_is_no_image_is_rejected_with_a_reason,
    bytes_that_were_not_announced_are_rejected,
    a_picture_of_too_many_pixels_is_rejected,
    a_damaged_photo_is_kept_with_a_warning,
    a_worker_that_is_killed_is_no_verdict_on_its_photo,
    a_photo_whose_worker_is_killed_every_time_is_kept_without_previews,
    a_claim_adds_to_what_the_server_read_and_changes_none_of_it,
    a_place_is_kept_as_the_owner_chose,
    an_owner_who_wants_less_of_a_place_later_gets_less,
];

async fn what_the_server_reads_wins(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let bytes = Photo::new(96, 64, 7).with_orientation(6).bytes(FileType::Jpeg);
    let signed = guest.sign("a.png").await;
    guest.put_with(&signed, &bytes, &[("content-type", "image/png")]).await;
    let claims = json!({"file": signed.id, "metadata": {"make": "Another", "width": 9, "software": "Claimed 1.0"}});
    guest.complete_with(&claims).await.json(200);

    let image = guest.settled(signed.id).await;
    let read = metadata::read(&bytes).metadata;
    assert_eq!(image["state"], "ready", "{image}");
    assert_eq!((&image["file_type"], &image["size"]), (&json!("image/jpeg"), &json!(bytes.len())));
    assert_eq!(image["sha256"], sha256(&bytes));
    for (name, value) in json!(read).as_object().unwrap() {
        assert_eq!(&image[name], value, "{name}");
    }
    assert_eq!((&image["rejection"], &image["warnings"]), (&Value::Null, &json!([])));
    assert_eq!(guest.download(signed.id).await, bytes);
}

async fn every_kind_of_photo_gets_previews_without_metadata(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for file_type in [FileType::Jpeg, FileType::Png, FileType::WebP, FileType::Gif, FileType::Tiff, FileType::Dng] {
        let bytes = Photo::new(2000, 1000, 3).with_orientation(6).bytes(file_type);
        let id = guest.upload("a", file_type.mime(), &bytes).await;
        let image = guest.settled(id).await;
        assert_eq!((&image["state"], &image["file_type"]), (&json!("ready"), &json!(file_type.mime())), "{image}");
        assert!(image["thumb_hash"].as_str().is_some_and(|hash| hash.len() > 20), "{image}");
        for (link, longest) in [("thumbnail_link", 320), ("preview_link", 1600)] {
            let preview = guest.client.get(image[link].as_str().unwrap()).answer().await;
            assert_eq!(preview.status, 200, "{}", preview.text());
            let reading = metadata::read(&preview.body);
            assert_eq!(reading.file_type.map(FileType::mime), Some(preview.header("content-type")));
            let sides = (reading.metadata.width.unwrap(), reading.metadata.height.unwrap());
            assert_eq!(sides.0.max(sides.1), longest, "{file_type:?} {sides:?}");
            assert_eq!(sides.0 < sides.1, image["orientation"] == 6, "{file_type:?} {sides:?}");
            assert_eq!((reading.metadata.make, reading.metadata.latitude), (None, None));
        }
        let thumbnail = guest.get(&format!("/api/images/{id}/thumbnail/")).answer().await;
        assert_eq!(thumbnail.status, 302);
        assert_eq!(guest.client.get(thumbnail.header("location")).answer().await.status, 200);
    }
}

async fn a_photo_lies_under_its_content_and_links_given_out_before_still_work(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let bytes = photo(1);
    let id = guest.upload_jpeg("a.jpg", &bytes).await;
    let before = guest.image(id).await["image_link"].as_str().unwrap().to_owned();
    let after = guest.settled(id).await["image_link"].as_str().unwrap().to_owned();
    for link in [&before, &after] {
        assert_eq!(guest.client.get(link).answer().await.body, bytes);
    }
    assert!(after.contains("/hasty-media/photos/") && !after.contains(&sha256(&bytes)), "{after}");
    let photos = async || app.store().keys().await.into_iter().filter(|key| key.starts_with("photos/")).count();
    app.let_pass(26);
    app.sweep_until(async || photos().await == 1).await;
    assert_eq!(guest.download(id).await, bytes);
}

async fn what_others_have_brought_shows_only_once_a_photo_is_ready(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = ready(&guest, "a.jpg", &photo(1)).await;
    // As it is between two steps of ingest: its content is known, and may have been here before.
    app.damage_rows("UPDATE images SET state = 'uploaded'").await;
    let image = guest.image(id).await;
    for name in ["thumb_hash", "thumbnail_link", "preview_link"] {
        assert_eq!(image[name], Value::Null, "{name}");
    }
    guest.get(&format!("/api/images/{id}/thumbnail/")).answer().await.error(404, "no_preview");
}

async fn what_is_no_image_is_rejected_with_a_reason(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for (name, bytes) in
        [("a.jpg", &b"not a photo at all"[..]), ("b.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")]
    {
        let id = guest.upload_jpeg(name, bytes).await;
        let image = guest.settled(id).await;
        is_rejected(&image, "not_an_image");
        assert!(image["rejection"]["message"].as_str().unwrap().contains("not a photo"), "{image}");
    }
    let stats = app.owner().stats().await;
    assert_eq!(stats["total"], json!({"images": 0, "bytes": 0}));
    // What has arrived goes with the last link to it: a backup that has begun with it still finds it.
    let photos = async || app.store().keys().await.into_iter().filter(|key| key.starts_with("photos/")).count();
    assert_eq!(photos().await, 2);
    app.let_pass(26);
    app.sweep_until(async || app.store().keys().await.is_empty()).await;
}

async fn bytes_that_were_not_announced_are_rejected(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign_with(&exactly("a.jpg", "image/jpeg", &photo(1))).await;
    // Storage that enforces no checksum.
    let key = signed.url.path().trim_start_matches("/hasty-media/").to_owned();
    assert_eq!(app.store().put(&key, &photo(2)).await.status, 200);
    guest.complete(signed.id).await.json(200);
    is_rejected(&guest.settled(signed.id).await, "wrong_hash");
}

async fn a_picture_of_too_many_pixels_is_rejected(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload("huge.png", "image/png", &png_that_claims(50_000, 50_000)).await;
    is_rejected(&guest.settled(id).await, "too_many_pixels");
}

async fn a_damaged_photo_is_kept_with_a_warning(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let whole = Photo::new(640, 480, 5).bytes(FileType::Jpeg);
    let cut = &whole[..whole.len() / 2];
    let id = guest.upload_jpeg("cut.jpg", cut).await;
    let image = guest.settled(id).await;
    assert_eq!((&image["state"], &image["make"], &image["width"]), (&json!("ready"), &json!("Example"), &json!(640)));
    assert_ne!(image["warnings"], json!([]), "{image}");
    assert_eq!(guest.download(id).await, cut);
}

async fn a_worker_that_is_killed_is_no_verdict_on_its_photo(on: Database) {
    let folder = TempDir::new().unwrap();
    let signal = folder.path().join("signal");
    // The next one that gets a photo; a server that starts tries one without.
    let killed = format!("[ -s /dev/stdin ] && how=$(cat {0} 2>&-) && rm {0} && kill -$how $$", signal.display());
    let worker = worker_that(folder.path(), &format!("{killed}\nexec {} \"$@\"", env!("CARGO_BIN_EXE_hasty")));
    let app = TestApp::with_worker(on, worker).await;
    let guest = app.owner().invite("guest@example.com").await;
    for (number, how) in (1..).zip(["KILL", "TERM", "INT", "HUP"]) {
        std::fs::write(&signal, how).unwrap();
        let image = guest.settled(guest.upload_jpeg("a.jpg", &photo(number)).await).await;
        assert!(!signal.exists(), "none was killed");
        assert_eq!(
            (&image["state"], &image["make"], &image["warnings"]),
            (&json!("ready"), &json!("Example"), &json!([]))
        );
        assert!(image["thumbnail_link"].is_string(), "{how}: {image}");
    }
}

async fn a_photo_whose_worker_is_killed_every_time_is_kept_without_previews(on: Database) {
    let folder = TempDir::new().unwrap();
    let app = TestApp::with_worker(on, worker_that(folder.path(), "kill -KILL $$")).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    // As it is after two minutes.
    app.damage_rows("UPDATE jobs SET attempts = 7").await;
    let image = guest.settled(id).await;
    let found = (&image["state"], &image["warnings"], &image["thumbnail_link"]);
    assert_eq!(found, (&json!("ready"), &json!(["preview_too_large"]), &Value::Null));
    assert_eq!(guest.download(id).await, photo(1));
}

async fn a_claim_adds_to_what_the_server_read_and_changes_none_of_it(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload("a.gif", "image/gif", &Photo::new(48, 32, 1).bytes(FileType::Gif)).await;
    guest.settled(id).await;
    let late = json!({"file": id, "metadata": {"width": 9, "lens": "A lens"}});
    guest.complete_with(&late).await.json(200);
    let image = guest.image(id).await;
    assert_eq!((&image["width"], &image["lens"], &image["state"]), (&json!(48), &json!("A lens"), &json!("ready")));
}

async fn a_place_is_kept_as_the_owner_chose(on: Database) {
    let app = TestApp::start(on).await;
    let bytes = photo(1);
    let exact = metadata::read(&bytes).metadata;
    let (latitude, longitude) = (exact.latitude.unwrap(), exact.longitude.unwrap());
    let coarse = |degrees: f64| json!((degrees * 100.0).round() / 100.0);
    for (policy, expected) in [
        (json!(null), [json!(latitude), json!(longitude)]),
        (json!("coarse"), [coarse(latitude), coarse(longitude)]),
        (json!("strip"), [Value::Null, Value::Null]),
    ] {
        let body = json!({"email": format!("{}@example.com", policy.as_str().unwrap_or("keep")), "location": policy});
        let guest = app.owner().guest_of(&app.owner().invite_with(&body).await.json(201));
        let signed = guest.sign_exactly("a.jpg", "image/jpeg", &bytes).await;
        guest.put(&signed, &bytes).await;
        let claim = json!({"file": signed.id, "metadata": {"latitude": latitude, "longitude": longitude}});
        guest.complete_with(&claim).await.json(200);
        for image in [guest.image(signed.id).await, guest.settled(signed.id).await] {
            assert_eq!([&image["latitude"], &image["longitude"]], [&expected[0], &expected[1]], "{policy}");
        }
    }
    let refused = app.owner().invite_with(&json!({"email": "x@example.com", "location": "sometimes"})).await;
    refused.legacy_error(400, "invalid_value", "error_message");
}

async fn an_owner_who_wants_less_of_a_place_later_gets_less(on: Database) {
    let app = TestApp::start(on).await;
    let (one, other) = (app.owner().invite("one@example.com").await, app.owner().invite("other@example.com").await);
    let path = format!("/api/invitation/{}/", app.owner().invitation_id(&one).await);
    let (of_one, of_other) = (ready(&one, "a.jpg", &photo(1)).await, ready(&other, "a.jpg", &photo(2)).await);
    let changed = app.owner().call(http::Method::PATCH, &path).json(&json!({"location": "strip"})).answer().await;
    assert_eq!(changed.json(200)["location"], "strip");
    // Inviting somebody anew changes it, too.
    app.owner().invite_with(&json!({"email": "other@example.com", "location": "strip"})).await.json(201);
    for (guest, id) in [(one, of_one), (other, of_other)] {
        for tries in 0.. {
            assert!(tries < 2000, "the place stays");
            if guest.image(id).await["latitude"].is_null() {
                break;
            }
        }
        let image = guest.image(id).await;
        assert_eq!((&image["altitude"], &image["make"]), (&Value::Null, &json!("Example")));
        // No claim brings it back.
        guest.complete_with(&json!({"file": id, "metadata": {"latitude": 1.5}})).await.json(200);
        assert_eq!(guest.image(id).await["latitude"], Value::Null);
    }
}

#[track_caller]
fn is_rejected(image: &Value, code: &str) {
    assert_eq!((&image["state"], &image["rejection"]["code"]), (&json!("rejected"), &json!(code)), "{image}");
    assert_eq!((&image["image_link"], &image["uploaded"]), (&Value::Null, &json!(false)));
}

/// A head that promises pixels, and a body that has none.
fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
    header.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    png.extend(&header);
    png.extend(crc32(&header).to_be_bytes());
    png.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
    png
}

/// PNG (third edition), annex D.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ crc >> 1 } else { crc >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// Used by others, too: a guest whose photo is ready.
pub async fn ready(guest: &Guest, filename: &str, bytes: &[u8]) -> i64 {
    let id = guest.upload_jpeg(filename, bytes).await;
    assert_eq!(guest.settled(id).await["state"], "ready");
    id
}
