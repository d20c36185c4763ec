//! Photos to take away: the original under its name, and a copy that does not tell where it was taken.

use http::Method;
use metadata::FileType;
use metadata::samples::Photo;

use crate::ingest::ready;
use crate::support::{Answer, Call, Database, Guest, TestApp, path_and_query, photo};

on_both_databases![
    the_original_is_saved_under_its_name,
    a_copy_tells_no_place_and_is_the_photo,
    a_copy_is_for_those_who_see_the_photo,
    what_has_no_copy_says_why,
];

async fn the_original_is_saved_under_its_name(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = ready(&guest, "Tür \"1\"; 写真.jpg", &photo(1)).await;
    for path in [format!("/api/images/{id}/download/"), format!("/api/images/{id}/download?location=keep")] {
        let answer = guest.get(&path).answer().await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        let original = guest.client.get(&path_and_query(answer.header("location"))).answer().await;
        assert_eq!(original.body, photo(1));
        assert_eq!(
            original.header("content-disposition"),
            "attachment; filename*=UTF-8''T%C3%BCr%20%221%22%3B%20%E5%86%99%E7%9C%9F%2Ejpg"
        );
    }
}

async fn a_copy_tells_no_place_and_is_the_photo(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for file_type in [FileType::Jpeg, FileType::Png, FileType::Heic, FileType::Tiff, FileType::Dng] {
        let bytes = Photo::new(1200, 900, 3).with_orientation(6).bytes(file_type);
        let id = guest.upload("a b.photo", file_type.mime(), &bytes).await;
        assert!(guest.settled(id).await["latitude"].is_f64());
        let copy = stripped(&guest, id).await;
        assert_eq!(copy.status, 200, "{}", copy.text());
        assert_eq!(copy.header("content-type"), file_type.mime());
        assert_eq!(copy.header("content-length"), copy.body.len().to_string());
        assert_eq!(copy.header("content-disposition"), "attachment; filename*=UTF-8''a%20b%2Ephoto");
        let expected = metadata::Metadata {
            latitude: None,
            longitude: None,
            altitude: None,
            ..Photo::new(1200, 900, 3).with_orientation(6).expected(file_type)
        };
        assert_eq!(metadata::read(&copy.body).metadata, expected);
        if let Ok(before) = image::load_from_memory(&bytes) {
            assert_eq!(image::load_from_memory(&copy.body).unwrap(), before, "{file_type:?}");
        }
        assert_eq!(guest.download(id).await, bytes);
    }
}

async fn a_copy_is_for_those_who_see_the_photo(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let other = app.owner().invite("other@example.com").await;
    let id = ready(&guest, "a.jpg", &photo(1)).await;
    for query in ["", "?location=strip"] {
        let path = format!("/api/images/{id}/download/{query}");
        other.get(&path).answer().await.error(404, "not_found");
        app.client().get(&path).answer().await.error(403, "token_missing");
        assert!(!app.owner().get(&path).answer().await.status.is_client_error());
        guest.call(Method::POST, &path).answer().await.error(405, "method_not_allowed");
    }
    guest.get(&format!("/api/images/{id}/download?location=coarse")).answer().await.error(400, "invalid_value");
    guest.delete(id).await.is(204, "");
    stripped(&guest, id).await.error(404, "not_found");
}

async fn what_has_no_copy_says_why(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let raw = ready(&guest, "a.nef", &Photo::new(96, 64, 1).bytes(FileType::Nef)).await;
    let error = stripped(&guest, raw).await.error(409, "no_copy_without_location");
    assert!(error["message"].as_str().unwrap().contains("this kind of file"), "{error}");
    let rejected = guest.upload_jpeg("a.jpg", b"This is no photo.").await;
    guest.settled(rejected).await;
    stripped(&guest, rejected).await.error(404, "not_found");

    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let uploaded = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let pending = guest.sign("b.jpg").await.id;
    for id in [uploaded, pending] {
        stripped(&guest, id).await.error(409, "not_ready");
    }
}

async fn stripped(guest: &Guest, id: i64) -> Answer {
    guest.get(&format!("/api/images/{id}/download/?location=strip")).answer().await
}
