//! Photos whose bucket is not there: nothing makes a new one in its place, and calls them safe.

use http::{Method, StatusCode};
use tempfile::TempDir;

use crate::process::refuses_to_start;
use crate::support::{Client, Database, Flaky, Hasty, OWNER_KEY, Owner, S3_KEY_PAIR, TestApp, photo};

#[tokio::test]
async fn photos_whose_store_is_gone_are_not_called_safe() {
    let data = TempDir::new().unwrap();
    let key = [("HASTY_OWNER_KEY", OWNER_KEY)];
    let (mut hasty, url, _) = Hasty::start(data.path(), &key).await;
    let guest = Owner::new(Client::new(url), OWNER_KEY).invite("guest@example.com").await;
    guest.upload_jpeg("a.jpg", &photo(1)).await;
    hasty.stop().await;
    // A disk that was not mounted.
    let (store, elsewhere) = (data.path().join("store"), data.path().join("elsewhere"));
    std::fs::rename(&store, &elsewhere).unwrap();
    for _ in 0..2 {
        refuses_to_start(data.path(), &key, "has no bucket hasty-media, but the database has photos in it").await;
    }
    std::fs::remove_dir_all(&store).unwrap();
    std::fs::rename(&elsewhere, &store).unwrap();
    let (_hasty, url, _) = Hasty::start(data.path(), &key).await;
    assert_eq!(Owner::new(Client::new(url), OWNER_KEY).images().await.len(), 1);
}

#[tokio::test]
async fn a_storage_that_hesitates_is_given_no_new_bucket_for_lost_photos() {
    let data = TempDir::new().unwrap();
    let store = TestApp::start(Database::Sqlite).await;
    let flaky = Flaky::before(store.url()).await;
    let endpoint = flaky.url();
    let mut settings = vec![("HASTY_OWNER_KEY", OWNER_KEY), ("HASTY_S3_ENDPOINT", endpoint.as_str())];
    settings.extend([("HASTY_S3_ACCESS_KEY_ID", S3_KEY_PAIR.0), ("HASTY_S3_SECRET_ACCESS_KEY", S3_KEY_PAIR.1)]);
    let (mut hasty, url, _) = Hasty::start(data.path(), &settings).await;
    let guest = Owner::new(Client::new(url), OWNER_KEY).invite("guest@example.com").await;
    guest.upload_jpeg("a.jpg", &photo(1)).await;
    hasty.stop().await;
    let gone = [&settings[..], &[("HASTY_S3_BUCKET", "gone")]].concat();
    for _ in 0..2 {
        flaky.refuse_bucket(Method::HEAD, "gone", StatusCode::SERVICE_UNAVAILABLE, 1);
        let (mut hasty, ..) = Hasty::start(data.path(), &gone).await;
        let (status, log) = hasty.ended().await;
        assert!(!status.success() && log.contains("has no bucket gone, but the database has photos in it"), "{log}");
    }
    flaky.refuse_bucket(Method::HEAD, "hasty-media", StatusCode::SERVICE_UNAVAILABLE, 1);
    let (_hasty, url, _) = Hasty::start(data.path(), &settings).await;
    assert_eq!(Owner::new(Client::new(url), OWNER_KEY).images().await.len(), 1, "what hesitates is waited for");
}
