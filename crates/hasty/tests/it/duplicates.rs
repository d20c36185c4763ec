//! The same bytes are stored once, and nobody learns from that what others hold.

use serde_json::json;

use crate::ingest::ready;
use crate::support::{Call, Database, TestApp, exactly, photo};

on_both_databases![
    the_same_photo_of_two_guests_is_stored_once_until_both_have_gone,
    what_the_invitation_holds_needs_no_upload,
    when_the_same_bytes_came_again_is_not_told,
    how_the_same_bytes_came_is_not_told,
    a_guest_deletes_only_their_own,
    an_upload_after_a_deletion_is_swept,
    deleting_while_it_is_examined_leaves_nothing,
    only_the_owner_hears_of_pictures_that_look_the_same,
];

async fn the_same_photo_of_two_guests_is_stored_once_until_both_have_gone(on: Database) {
    let app = TestApp::start(on).await;
    let (one, other) = (app.owner().invite("one@example.com").await, app.owner().invite("other@example.com").await);
    let (a, b) = (ready(&one, "a.jpg", &photo(1)).await, ready(&other, "b.jpg", &photo(1)).await);
    let key = |link: &serde_json::Value| link.as_str().unwrap().split('?').next().unwrap().to_owned();
    let (link_a, link_b) = (one.image(a).await["image_link"].clone(), other.image(b).await["image_link"].clone());
    assert_eq!(key(&link_a), key(&link_b));

    one.delete(a).await.is(204, "");
    app.let_pass(26);
    let photos = async || app.store().keys().await.into_iter().filter(|key| key.starts_with("photos/")).count();
    app.sweep_until(async || photos().await == 1).await;
    assert_eq!(other.download(b).await, photo(1));

    other.delete(b).await.is(204, "");
    app.sweep_until(async || app.store().keys().await.len() == 3).await;
    assert_eq!(app.client().get(link_b.as_str().unwrap()).answer().await.body, photo(1), "a link lives for a day");
    app.let_pass(26);
    app.sweep_until(async || app.store().keys().await.is_empty()).await;

    // The same bytes may come again.
    let again = ready(&one, "a.jpg", &photo(1)).await;
    assert_eq!(one.download(again).await, photo(1));
}

async fn what_the_invitation_holds_needs_no_upload(on: Database) {
    let app = TestApp::start(on).await;
    let (guest, stranger) =
        (app.owner().invite("guest@example.com").await, app.owner().invite("stranger@example.com").await);
    let id = ready(&guest, "a.jpg", &photo(1)).await;
    let again = exactly("copy.jpg", "image/jpeg", &photo(1));
    assert_eq!(guest.policy(&again).await.json(200), json!({"duplicate_of": id}));
    let batch = json!({"files": [again, exactly("b.jpg", "image/jpeg", &photo(2))]});
    let batch = guest.policy(&batch).await.json(200);
    assert_eq!(batch["files"][0], json!({"duplicate_of": id}));
    assert!(batch["files"][1]["url"].is_string());
    // Another invitation is told nothing.
    assert!(stranger.policy(&again).await.json(200)["url"].is_string());
    // A client that signs nothing is answered as ever.
    assert!(guest.policy(&json!({"filename": "copy.jpg"})).await.json(200)["url"].is_string());

    guest.delete(id).await.is(204, "");
    assert!(guest.policy(&again).await.json(200)["url"].is_string());
}

async fn when_the_same_bytes_came_again_is_not_told(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = ready(&guest, "a.jpg", &photo(1)).await;
    let image = guest.image(id).await;
    for link in ["image_link", "thumbnail_link", "preview_link"] {
        let ask = |header: &'static str, value: &'static str| {
            guest.client.get(image[link].as_str().unwrap()).header(header, value).answer()
        };
        let before = ask("accept", "*/*").await;
        let stranger = app.owner().invite(&format!("{link}@example.com")).await;
        ready(&stranger, "b.jpg", &photo(1)).await;
        let after = ask("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT").await;
        assert!(before.status == 200 && after.status == 200, "{link}");
        for answer in [&before, &after] {
            assert!(!answer.headers.contains_key("last-modified"), "{link}");
        }
        assert_eq!(before.header("etag"), after.header("etag"));
        assert_eq!(ask("if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT").await.status, 200, "{link}");
        assert_eq!(ask("range", "bytes=0-1").await.status, 206, "{link}");
    }
}

async fn how_the_same_bytes_came_is_not_told(on: Database) {
    let app = TestApp::start(on).await;
    let in_parts = async |email: &str| {
        let guest = app.owner().invite(email).await;
        let large = guest.sign_large("a.jpg", photo(1)).await;
        guest.put_parts(&large).await;
        guest.complete(large.id).await.json(200);
        assert_eq!(guest.settled(large.id).await["state"], "ready");
        (guest, large.id)
    };
    let (guest, id) = in_parts("guest@example.com").await;
    let link = guest.image(id).await["image_link"].as_str().unwrap().to_owned();
    let ask = |header: &'static str, value: &str| guest.client.get(&link).header(header, value).answer();
    let etag = ask("accept", "*/*").await.header("etag").to_owned();
    ready(&app.owner().invite("b@example.com").await, "b.jpg", &photo(1)).await;
    assert_eq!(ask("if-none-match", &etag).await.status, 304, "{etag}");
    in_parts("c@example.com").await;
    assert_eq!(ask("if-none-match", &etag).await.status, 304, "{etag}");
    let rest = guest.client.get(&link).header("range", "bytes=9-").header("if-range", &etag).answer().await;
    assert_eq!((rest.status.as_u16(), &rest.body[..]), (206, &photo(1)[9..]));
}

async fn a_guest_deletes_only_their_own(on: Database) {
    let app = TestApp::start(on).await;
    let (guest, stranger) =
        (app.owner().invite("guest@example.com").await, app.owner().invite("stranger@example.com").await);
    let (kept, owners) = (ready(&guest, "a.jpg", &photo(1)).await, ready(&guest, "b.jpg", &photo(2)).await);
    stranger.delete(kept).await.legacy_error(404, "not_found", "detail");
    app.client().call(http::Method::DELETE, &format!("/api/images/{kept}/")).send().await.unwrap();
    assert_eq!(guest.download(kept).await, photo(1));

    app.owner().call(http::Method::DELETE, &format!("/api/images/{owners}/")).answer().await.is(204, "");
    guest.get(&format!("/api/images/{owners}/")).answer().await.legacy_error(404, "not_found", "detail");
    guest.delete(owners).await.legacy_error(404, "not_found", "detail");
    assert_eq!(guest.images().await.len(), 1);
}

async fn an_upload_after_a_deletion_is_swept(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign("a.jpg").await;
    guest.put(&signed, &photo(1)).await;
    guest.delete(signed.id).await.is(204, "");
    assert_eq!(guest.put(&signed, &photo(2)).await.status, 200, "the link was signed for a day");
    guest.complete(signed.id).await.legacy_error(404, "not_found", "detail");
    app.let_pass(26);
    app.sweep_until(async || app.store().keys().await.is_empty()).await;
}

async fn deleting_while_it_is_examined_leaves_nothing(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for number in 0..10 {
        let id = guest.upload_jpeg("a.jpg", &photo(number)).await;
        guest.delete(id).await.is(204, "");
    }
    assert!(guest.images().await.is_empty());
    app.let_pass(26);
    app.sweep_until(async || app.store().keys().await.is_empty()).await;
    assert_eq!(app.owner().stats().await["total"], json!({"images": 0, "bytes": 0}));
}

async fn only_the_owner_hears_of_pictures_that_look_the_same(on: Database) {
    let app = TestApp::start(on).await;
    let (one, other) = (app.owner().invite("one@example.com").await, app.owner().invite("other@example.com").await);
    let picture = metadata::samples::Photo::new(640, 480, 9);
    let first = ready(&one, "a.jpg", &picture.bytes(metadata::FileType::Jpeg)).await;
    let png = picture.bytes(metadata::FileType::Png);
    let second = other.upload("a.png", "image/png", &png).await;
    let seen = other.settled(second).await;
    assert!(seen.get("similar_to").is_none(), "{seen}");
    let images = app.owner().images().await;
    let found = images.iter().find(|image| image["id"] == second).unwrap();
    assert_eq!(found["similar_to"], first, "{found}");
}
