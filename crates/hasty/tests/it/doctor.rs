//! `hasty doctor` and `hasty migrate`, as an operator runs them.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Database, OWNER_KEY, S3_KEY_PAIR, TestApp, photo};

on_both_databases![
    finds_a_running_server_sound,
    tells_and_mends_what_an_external_storage_lacks,
    a_bucket_that_photos_lay_in_is_not_made_anew,
    tells_a_secret_that_the_database_was_not_filled_with,
    a_database_that_is_lost_is_not_taken_for_a_new_one,
    names_what_cannot_be_reached_and_gives_no_secret_away,
    migrating_says_where_the_tables_are,
];

/// The report where another server's store is the storage.
async fn on_external(app: &TestApp, store: &TestApp, more: &[&str]) -> (Option<i32>, String) {
    with_secret(S3_KEY_PAIR.1, app, store, more).await
}

async fn with_secret(secret: &str, app: &TestApp, store: &TestApp, more: &[&str]) -> (Option<i32>, String) {
    let (endpoint, listen) = (store.url(), app.address.to_string());
    let mut arguments =
        vec!["doctor", "--listen", &listen, "--s3-endpoint", endpoint.as_str(), "--owner-key", OWNER_KEY];
    arguments.extend(["--s3-access-key-id", S3_KEY_PAIR.0, "--s3-secret-access-key", secret]);
    arguments.extend(more);
    app.run(&arguments).await
}

async fn finds_a_running_server_sound(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    guest.upload_jpeg("a.jpg", &photo(1)).await;
    let before = app.store().keys().await;
    let listen = app.address.to_string();
    let arguments = ["doctor", "--listen", &listen, "--s3-access-key-id", S3_KEY_PAIR.0];
    let (status, report) = app.run(&[&arguments[..], &["--s3-secret-access-key", S3_KEY_PAIR.1]].concat()).await;
    // The tests' own PostgreSQL keeps nothing over a power cut.
    let unsafe_settings = match on {
        Database::Sqlite => &[][..],
        Database::Postgres => &["fsync", "full_page_writes", "synchronous_commit"],
    };
    for name in unsafe_settings {
        assert!(report.contains(&format!("FAILURE database: {name} is off")), "{report}");
    }
    assert_eq!(status, Some(i32::from(!unsafe_settings.is_empty())), "{report}");
    for line in [
        "ok      settings: every setting can be used",
        "ok      disk: ",
        "ok      database: its tables are at version",
        "ok      database: it was filled with this HASTY_SECRET",
        "ok      pages: http://",
        "ok      storage: the bucket hasty-media answers",
        "ok      storage: its clock and this one differ by",
        "ok      storage: a signed PUT on the public endpoint is taken",
        "ok      storage: it refuses bytes that are not those whose SHA-256 was signed",
        "ok      storage: it obeys no header that was not signed",
        "ok      storage: a signed GET is answered, and a range of it too",
        "ok      storage: large files can go in parts",
        "ok      storage: it copies inside the bucket, and only what was looked at",
    ] {
        assert!(report.contains(line), "{line}: {report}");
    }
    assert_eq!(report.contains("warning settings: HASTY_SECRET is not set"), on == Database::Postgres, "{report}");
    let warnings = usize::from(on == Database::Postgres);
    assert!(report.ends_with(&format!("failures: {}, warnings: {warnings}\n", unsafe_settings.len())), "{report}");
    assert_eq!(app.store().keys().await, before, "it leaves nothing behind");
}

async fn tells_and_mends_what_an_external_storage_lacks(on: Database) {
    let store = TestApp::start(Database::Sqlite).await;
    let app = TestApp::start(on).await;
    let bucket = ["--s3-bucket", "other-photos"];
    let (status, report) = on_external(&app, &store, &bucket).await;
    assert_eq!(status, Some(1), "{report}");
    assert!(
        report.contains("FAILURE storage: there is no bucket other-photos\n        → run hasty doctor --fix"),
        "{report}"
    );

    let (_, report) = on_external(&app, &store, &[&bucket[..], &["--fix"]].concat()).await;
    for line in [
        "the bucket other-photos is made",
        &format!("a new rule of the bucket lets pages of http://{} send photos", app.address),
        &format!("it tells browsers that pages of http://{} may send photos", app.address),
        "a page can read the answer and its ETag",
    ] {
        assert!(report.contains(&format!("ok      storage: {line}")), "{line}: {report}");
    }
    let (_, report) =
        on_external(&app, &store, &[&bucket[..], &["--public-url", "https://photos.example.com"]].concat()).await;
    for line in [
        "FAILURE storage: no rule of the bucket lets pages of https://photos.example.com send photos (CORS)",
        "FAILURE storage: it does not let pages of https://photos.example.com send photos (CORS preflight: 403 Forbidden)",
        "warning pages: https://photos.example.com/ does not answer from here",
    ] {
        assert!(report.contains(line), "{line}: {report}");
    }
}

async fn a_bucket_that_photos_lay_in_is_not_made_anew(on: Database) {
    let store = TestApp::start(Database::Sqlite).await;
    let app = TestApp::before_ingest(on).await;
    app.owner().invite("guest@example.com").await.upload_jpeg("a.jpg", &photo(1)).await;
    let lost =
        format!("FAILURE storage: {} has no bucket other-photos, but the database has photos in it", store.url());
    for more in [&["--s3-bucket", "other-photos"][..], &["--s3-bucket", "other-photos", "--fix"]] {
        for _ in 0..2 {
            let (status, report) = on_external(&app, &store, more).await;
            assert!(status == Some(1) && report.contains(&lost) && report.contains("restore a backup"), "{report}");
        }
    }
}

async fn tells_a_secret_that_the_database_was_not_filled_with(on: Database) {
    let app = TestApp::start(on).await;
    let (status, report) = app.run(&["doctor", "--secret", "another-secret-of-enough-characters"]).await;
    assert_eq!(status, Some(1), "{report}");
    assert!(report.contains("FAILURE database: it was filled with another HASTY_SECRET"), "{report}");
    assert!(!report.contains("another-secret-of"), "{report}");
}

async fn a_database_that_is_lost_is_not_taken_for_a_new_one(on: Database) {
    let app = TestApp::start(on).await;
    std::fs::remove_file(app.data_dir().join("data/hasty.sqlite3")).ok();
    let (status, report) = app.run(&["doctor"]).await;
    let is_named = report.contains("FAILURE database: ") && report.contains("hasty.sqlite3 is missing or empty");
    assert_eq!(is_named, on == Database::Sqlite, "{report}");
    assert_eq!(status, Some(1), "{report}");
}

async fn names_what_cannot_be_reached_and_gives_no_secret_away(on: Database) {
    let mut store = TestApp::start(Database::Sqlite).await;
    let app = TestApp::start(on).await;
    let (_, report) = with_secret("another-secret-access-key", &app, &store, &[]).await;
    assert!(report.contains("FAILURE storage: the storage answers 403 Forbidden"), "{report}");
    assert!(report.contains("HASTY_S3_SECRET_ACCESS_KEY") && !report.contains("another-secret"), "{report}");
    store.begin_stop().await.unwrap().unwrap();
    let (status, report) = on_external(&app, &store, &[]).await;
    assert_eq!(status, Some(1), "{report}");
    assert!(report.contains("FAILURE storage: storage cannot be reached"), "{report}");
    assert!(!report.contains("Signature") && !report.contains(S3_KEY_PAIR.1), "{report}");
    let nobody = "postgres://hasty:a-password@127.0.0.1:1/nobody";
    let (status, report) = on_external(&app, &store, &["--database-url", nobody]).await;
    assert_eq!(status, Some(1), "{report}");
    assert!(report.contains("FAILURE database: cannot open the database"), "{report}");
    assert!(!report.contains("a-password"), "{report}");

    let key = app.data_dir().join("data/secret");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (_, report) = on_external(&app, &store, &[]).await;
    assert!(report.contains(&format!("→ run: chmod 600 {}", key.display())), "{report}");
}

async fn migrating_says_where_the_tables_are(on: Database) {
    let app = TestApp::start(on).await;
    let (status, words) = app.run(&["migrate"]).await;
    let engine = match on {
        Database::Sqlite => "SQLite",
        Database::Postgres => "PostgreSQL",
    };
    assert_eq!(status, Some(0), "{words}");
    assert!(words.starts_with(&format!("{engine}: the tables are at version ")), "{words}");
    app.damage_rows("INSERT INTO schema_version (version) VALUES (1000)").await;
    let (status, words) = app.run(&["migrate"]).await;
    assert_eq!(status, Some(0), "{words}");
    assert!(words.ends_with("1000, newer than this program\n"), "{words}");
}
