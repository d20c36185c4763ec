//! `/healthz` and `/readyz`, and what happens while the database or the storage is away.

use serde_json::json;

use crate::support::{Call, Database, S3_KEY_PAIR, TestApp, external, photo};

on_both_databases![
    a_sound_server_says_so,
    without_its_storage_a_server_is_alive_but_not_ready,
    a_server_whose_clock_or_disk_keeps_photos_out_is_not_ready,
    nobody_notices_a_database_connection_that_was_lost,
];

async fn a_sound_server_says_so(on: Database) {
    let app = TestApp::start(on).await;
    for path in ["/healthz", "/readyz", "/healthz/", "/readyz/"] {
        app.client().get(path).answer().await.is(200, r#"{"status":"ok"}"#);
    }
}

async fn without_its_storage_a_server_is_alive_but_not_ready(on: Database) {
    let mut store = TestApp::start(Database::Sqlite).await;
    let (endpoint, (id, secret)) = (store.url(), S3_KEY_PAIR);
    let flags = ["--s3-endpoint", endpoint.as_str(), "--s3-access-key-id", id, "--s3-secret-access-key", secret];
    let app = TestApp::with(on, &flags).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign("a.jpg").await;
    assert_eq!(guest.put(&signed, &photo(1)).await.status, 200);

    store.begin_stop().await.unwrap().unwrap();
    app.client().get("/healthz").answer().await.is(200, r#"{"status":"ok"}"#);
    app.client().get("/readyz").answer().await.error(503, "busy");
    let answer = guest.complete(signed.id).await;
    let body = answer.error(503, "busy");
    assert!(!answer.header("retry-after").is_empty());
    assert!(!body.to_string().contains(&endpoint.port().unwrap().to_string()), "{body}");
    let batch = guest.complete_with(&json!({"files": [{"file": signed.id}]})).await.json(200);
    assert_eq!((&batch["files"][0]["status"], &batch["files"][0]["code"]), (&json!(503), &json!("busy")));
    assert_eq!(guest.image(signed.id).await["uploaded"], false);
    guest.sign("b.jpg").await;
}

async fn a_server_whose_clock_or_disk_keeps_photos_out_is_not_ready(on: Database) {
    let store = TestApp::start(Database::Sqlite).await;
    let endpoint = store.url();
    let app = TestApp::with(on, &external(endpoint.as_str())).await;
    app.client().get("/readyz").answer().await.json(200);
    app.move_clock(1);
    let told = app.client().get("/readyz").answer().await.error(503, "unfit");
    assert!(told["message"].as_str().unwrap().contains("storage"), "{told}");

    let five_tib = (5_u64 << 40).to_string();
    let app = TestApp::with(on, &["--max-file-bytes", &five_tib]).await;
    let told = app.client().get("/readyz").answer().await.error(503, "unfit");
    assert!(told["message"].as_str().unwrap().contains("disk"), "{told}");
    assert!(!told.to_string().contains(app.data_dir().to_str().unwrap()), "{told}");
}

async fn nobody_notices_a_database_connection_that_was_lost(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    app.end_database_connections().await;
    for _ in 0..8 {
        guest.get("/api/images/").answer().await.json(200);
    }
    assert_eq!(guest.image(id).await["id"], id);
    guest.upload_jpeg("b.jpg", &photo(2)).await;
}
