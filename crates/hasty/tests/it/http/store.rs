//! The embedded store, beside the API on the same port. Its conformance has tests of its own.

use std::path::Path;
use std::process::{Command, Stdio};

use http::Method;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::support::{Call, Database, S3_KEY_PAIR, TestApp, photo};

on_both_databases![
    the_operators_key_pair_reads_and_writes,
    without_a_signature_nothing_is_told,
    ranges_and_heads_are_answered,
    the_rules_of_the_api_are_not_for_it,
    a_form_without_a_policy_is_refused_before_its_file_is_read,
    the_first_page_is_the_owners_unless_signed,
];

async fn the_operators_key_pair_reads_and_writes(on: Database) {
    let app = TestApp::start(on).await;
    let store = app.store();
    assert_eq!(store.put("backup/a.txt", b"bytes").await.status, 200);
    assert_eq!(store.keys().await, ["backup/a.txt"]);
    let answer = store.get("backup/a.txt").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "bytes"));
    assert_eq!(store.get("none").await.status, 404);
}

async fn without_a_signature_nothing_is_told(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let link = guest.image(id).await["image_link"].as_str().unwrap().to_owned();
    let path = link.split('?').next().unwrap();
    for path in ["/hasty-media", "/hasty-media/", "/hasty-media/?list-type=2", "/hasty-media/none", path] {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::POST] {
            for call in [
                app.client().call(method.clone(), path),
                guest.call(method.clone(), path),
                app.owner().call(method.clone(), path),
            ] {
                let answer = call.answer().await;
                assert!(answer.status.is_client_error(), "{method} {path}: {}", answer.status);
                assert!(!answer.text().contains("<Contents>"), "{method} {path}");
            }
        }
    }
    assert_eq!(guest.download(id).await, photo(1));
}

async fn ranges_and_heads_are_answered(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let bytes = photo(1);
    let id = guest.upload_jpeg("a.jpg", &bytes).await;
    let link = guest.image(id).await["image_link"].as_str().unwrap().to_owned();
    let part = app.client().get(&link).header("range", "bytes=10-19").answer().await;
    assert_eq!((part.status.as_u16(), part.body.as_ref()), (206, &bytes[10..20]));
    assert_eq!(part.header("content-range"), format!("bytes 10-19/{}", bytes.len()));
    let whole = app.client().get(&link).answer().await;
    assert_eq!(whole.header("content-length"), bytes.len().to_string());
    let known = app.client().get(&link).header("if-none-match", whole.header("etag")).answer().await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    let beyond = app.client().get(&link).header("range", "bytes=999999999-").answer().await;
    assert_eq!(beyond.status, 416);
}

async fn the_rules_of_the_api_are_not_for_it(on: Database) {
    let app = TestApp::start(on).await;
    let store = app.store();
    for key in ["a", "a/", "a//b", "api/images/", "写真 1+1.jpg"] {
        assert_eq!(store.put(key, key.as_bytes()).await.status, 200, "{key}");
        assert_eq!(store.get(key).await.text(), key);
    }
    let refused = app.client().get("/hasty-media/a").answer().await;
    assert_eq!((refused.status.as_u16(), refused.header("content-type")), (403, "application/xml"));
    assert!(refused.text().contains("<Code>AccessDenied</Code>"), "{}", refused.text());
}

async fn a_form_without_a_policy_is_refused_before_its_file_is_read(on: Database) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let app = TestApp::start(on).await;
    let mut connection = tokio::net::TcpStream::connect(app.address).await.unwrap();
    // A gigabyte is promised, and not a byte of the file is sent: who waits for it never answers.
    let head = format!(
        "POST /hasty-media HTTP/1.1\r\nHost: {}\r\nContent-Type: multipart/form-data; boundary=x\r\n\
         Content-Length: 1000000000\r\nConnection: close\r\n\r\n\
         --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n",
        app.address
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    connection.read_exact(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 403"), "{}", String::from_utf8_lossy(&answer));
}

async fn the_first_page_is_the_owners_unless_signed(on: Database) {
    let app = TestApp::start(on).await;
    assert_eq!(app.client().get("/").answer().await.status, 307);
    let buckets = app.store().buckets().await;
    assert_eq!(buckets.status, 200, "{}", buckets.text());
    assert!(buckets.text().contains("<Name>hasty-media</Name>"), "{}", buckets.text());
    assert_eq!(app.client().get("/?X-Amz-Signature=x&X-Amz-Algorithm=y").answer().await.status.as_u16() / 100, 4);
}

/// The same script as in the store's own tests, through this server's connections.
#[tokio::test]
async fn boto3_does_its_daily_work() {
    let python = std::env::var_os("HASTY_TEST_PYTHON")
        .unwrap_or_else(|| panic!("HASTY_TEST_PYTHON names no Python with boto3: run `cargo xtask test`"));
    let app = TestApp::with(Database::Sqlite, &["--s3-region", "eu-central-1"]).await;
    let mut client = Command::new(python);
    client.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../s3-store/tests/clients/boto3_client.py"));
    let home = TempDir::new().unwrap();
    client.current_dir(home.path()).env("PYTHONDONTWRITEBYTECODE", "1");
    client.env("STORE_URL", app.url().as_str().trim_end_matches('/')).env("AWS_EC2_METADATA_DISABLED", "true");
    client.env("AWS_ACCESS_KEY_ID", S3_KEY_PAIR.0).env("AWS_SECRET_ACCESS_KEY", S3_KEY_PAIR.1);
    client.env_remove("HTTP_PROXY").env_remove("http_proxy").stdin(Stdio::null());
    let output = spawn_blocking(move || client.output()).await.unwrap().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
}
