//! What was acknowledged is there after a restart, and what was not is never seen.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use http::Method;
use s3_store::{OpenError, Store};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestStore, eventually, path_of, settings};

#[tokio::test]
async fn a_restart_keeps_everything() {
    let store = TestStore::start().await;
    store.put("a", "one").await;
    store.put("b", "two").await;
    store.delete("b").await;
    let created = store.request(Method::POST, &path_of("big")).query("uploads", "").send().await;
    let id = created.first("UploadId");
    let part = store.request(Method::PUT, &path_of("big")).query("partNumber", "1").query("uploadId", &id);
    let etag = part.body("part").send().await.header("etag").to_owned();

    let store = store.restart().await;
    assert_eq!(store.keys().await, ["a"]);
    assert_eq!(store.get("a").await.text(), "one");
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    let complete = store.request(Method::POST, &path_of("big")).query("uploadId", &id).body(body).send().await;
    assert_eq!(complete.status, 200, "{}", complete.text());
    assert_eq!(store.get("big").await.text(), "part");
}

#[tokio::test]
async fn a_restart_keeps_what_is_said_about_objects_and_buckets() {
    let store = TestStore::start().await;
    let put = store.request(Method::PUT, &path_of("a")).header("content-type", "image/jpeg").body("one");
    put.header("cache-control", "max-age=60").header("x-amz-meta-place", "here").send().await;
    let copy = store.request(Method::PUT, &path_of("copy")).header("x-amz-copy-source", path_of("a"));
    assert_eq!(copy.send().await.status, 200);
    store.request(Method::PUT, "/empty").send().await;
    let cors = "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://example.com\
                </AllowedOrigin></CORSRule></CORSConfiguration>";
    let rules = store.request(Method::PUT, "/photos").query("cors", "").body(cors).send().await;
    assert_eq!(rules.status, 200, "{}", rules.text());
    let before = store.head("a").await;

    let store = store.restart().await;
    for key in ["a", "copy"] {
        let after = store.head(key).await;
        for name in ["content-type", "cache-control", "x-amz-meta-place", "etag", "content-length"] {
            assert_eq!(
                (after.header(name), after.header(name).is_empty()),
                (before.header(name), false),
                "{key} {name}"
            );
        }
    }
    assert_eq!(store.head("a").await.header("last-modified"), before.header("last-modified"));
    assert_eq!(store.request(Method::HEAD, "/empty").send().await.status, 200);
    let rules = store.request(Method::GET, "/photos").query("cors", "").send().await;
    assert_eq!(rules.first("AllowedOrigin"), "https://example.com");
}

#[tokio::test]
async fn an_index_that_cannot_be_read_opens_nothing_and_loses_nothing() {
    let store = TestStore::start().await;
    store.put("a", "one").await;
    let (files, index) = (store.files(), store.dir().join("index.sqlite"));
    let dir = close(store).await;
    let sound = fs::read(&index).expect("an index");
    let mut damaged = sound.clone();
    // The page that says which tables there are, behind the header of the file.
    damaged[100..200].fill(0xFF);
    for damage in [damaged, b"not a database, but long enough to be looked at".repeat(10)] {
        fs::write(&index, &damage).expect("damage");
        refusal(dir.path());
        assert!(files.iter().all(|file| file.exists()), "no file goes");
        assert!(fs::read(&index).expect("an index") == damage, "nor is the index begun anew");
    }

    fs::write(&index, sound).expect("restoring");
    let store = TestStore::start_in(dir).await;
    assert_eq!(store.get("a").await.text(), "one");
}

#[tokio::test]
async fn without_its_index_the_store_does_not_open_and_keeps_every_file() {
    let store = TestStore::start().await;
    store.put("a", "one").await;
    store.put("b", "two").await;
    let (files, store_dir) = (store.files(), store.dir());
    let dir = close(store).await;
    let (index, backup) = (store_dir.join("index.sqlite"), dir.path().join("backup"));
    fs::rename(&index, &backup).expect("a backup");

    let refusal = refusal(dir.path());
    assert!(matches!(refusal, OpenError::NoIndex { files: 2, .. }), "{refusal:?}");
    let text = refusal.to_string();
    assert!(text.contains("restore index.sqlite") && text.contains("holds 2 files"), "{text}");
    fs::write(&index, "").expect("an empty index");
    assert!(matches!(self::refusal(dir.path()), OpenError::NoIndex { files: 2, .. }));
    assert!(files.iter().all(|file| file.exists()), "no file goes");

    fs::rename(&backup, &index).expect("restoring");
    let store = TestStore::start_in(dir).await;
    assert_eq!((store.get("a").await.text(), store.get("b").await.text()), ("one".to_owned(), "two".to_owned()));
}

#[tokio::test]
async fn without_its_files_the_store_does_not_open() {
    let store = TestStore::start().await;
    store.put("a", "one").await;
    let blobs = store.dir().join("blobs");
    let dir = close(store).await;
    let elsewhere = dir.path().join("unmounted");
    fs::rename(&blobs, &elsewhere).expect("a folder elsewhere");
    let refusal = refusal(dir.path());
    assert!(matches!(refusal, OpenError::NoBlobs(_)), "{refusal:?}");
    assert!(refusal.to_string().contains("blobs holds none"), "{refusal}");

    fs::remove_dir_all(&blobs).expect("what the start made");
    fs::rename(&elsewhere, &blobs).expect("restoring");
    assert_eq!(TestStore::start_in(dir).await.get("a").await.text(), "one");
}

#[tokio::test]
async fn an_index_that_came_without_its_log_is_none() {
    let store = TestStore::start().await;
    store.put("a", "one").await;
    // While the store is open, all that it ever committed may still be in the log.
    let index = store.dir().join("index.sqlite");
    let (log, copy) =
        (fs::read(store.dir().join("index.sqlite-wal")).expect("a log"), fs::read(&index).expect("index"));
    let dir = close(store).await;
    fs::write(&index, &copy).expect("restoring half");
    let refusal = refusal(dir.path());
    assert!(matches!(refusal, OpenError::NoIndex { files: 1, .. }), "{refusal:?}");

    fs::write(&index, copy).expect("restoring");
    fs::write(index.with_file_name("index.sqlite-wal"), log).expect("restoring the log");
    let store = TestStore::start_in(dir).await;
    assert_eq!(store.get("a").await.text(), "one");
}

#[tokio::test]
async fn a_file_that_cannot_be_removed_keeps_no_other_and_no_start() {
    let store = TestStore::start().await;
    store.put("stuck", "x").await;
    let stuck = store.files().remove(0);
    store.put("a", "y").await;
    // Nothing removes a folder as if it were a file.
    fs::remove_file(&stuck).expect("removing");
    fs::create_dir(&stuck).expect("a folder");
    fs::create_dir(store.dir().join("tmp").join("stuck")).expect("a folder");
    store.delete("stuck").await;
    store.delete("a").await;
    store.wait_for_files(2).await;

    let store = store.restart().await;
    assert_eq!(store.put("b", "z").await.status, 200);
    assert!(stuck.exists() && store.files().len() == 3, "{:?}", store.files());

    let dir = close(store).await;
    fs::remove_dir(&stuck).expect("removing");
    fs::write(&stuck, "removable again").expect("a file");
    let store = TestStore::start_in(dir).await;
    eventually("what stayed trash to go, now that it can", || !stuck.exists()).await;
    assert_eq!(store.get("b").await.text(), "z");
}

#[tokio::test]
async fn one_folder_serves_one_process() {
    let store = TestStore::start().await;
    let settings = settings(store.dir().parent().expect("a folder"));
    assert!(matches!(Store::open(settings), Err(OpenError::Locked(_))));
    store.put("a", "x").await;
    assert_eq!(store.get("a").await.text(), "x");
}

#[tokio::test]
async fn nobody_else_can_look_into_the_folder() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let mode = |path: &Path| fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
    assert_eq!(mode(&store.dir()), 0o700);
    assert_eq!(mode(&store.dir().join("blobs")), 0o700);
    assert_eq!(mode(&store.files()[0]), 0o600);
}

#[tokio::test]
async fn a_download_goes_on_though_its_object_is_replaced_and_deleted() {
    let store = TestStore::start().await;
    // Two parts: the second file is not open yet when the object goes.
    let part: Vec<u8> = (0..12_000_000_u32).map(|i| (i / 1000) as u8).collect();
    let created = store.request(Method::POST, &path_of("big")).query("uploads", "").send().await;
    let id = created.first("UploadId");
    let mut parts = String::new();
    for number in ["1", "2"] {
        let put = store.request(Method::PUT, &path_of("big")).query("partNumber", number).query("uploadId", &id);
        let etag = put.body(part.clone()).send().await.header("etag").to_owned();
        parts.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"));
    }
    let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    store.request(Method::POST, &path_of("big")).query("uploadId", &id).body(body).send().await;

    let target = store.request(Method::GET, &path_of("big")).target();
    let mut socket = TcpStream::connect(store.addr).await.expect("a connection");
    let head = format!("GET {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", store.addr);
    socket.write_all(head.as_bytes()).await.expect("sending");
    let mut got = vec![0; 1000];
    socket.read_exact(&mut got).await.expect("the beginning");

    store.put("big", "replaced").await;
    store.delete("big").await;
    store.put("other", "x").await;
    // Both parts stay for the reader.
    store.wait_for_files(3).await;

    socket.read_to_end(&mut got).await.expect("the rest");
    let start = got.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
    assert!(got[start..] == [part.as_slice(), part.as_slice()].concat(), "the bytes differ");
    store.wait_for_files(1).await;
}

#[tokio::test]
async fn many_writers_at_once_all_find_their_object() {
    let store = TestStore::start().await;
    let statuses = futures::future::join_all((0..200).map(|n| {
        let (key, store) = (format!("{:03}", n % 50), &store);
        async move { store.put(&key, format!("{n}")).await.status.as_u16() }
    }));
    assert!(statuses.await.iter().all(|status| *status == 200));
    assert_eq!(store.keys().await.len(), 50);
    // Of four bodies for each key, one file is left.
    store.wait_for_files(50).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_no_success() {
    let store = TestStore::start().await;
    store.put("a", "one").await;
    let tmp = store.dir().join("tmp");
    fs::remove_dir(&tmp).expect("an empty folder");
    let put = store.put("a", "two").await;
    assert_eq!(put.error(), (500, "InternalError".to_owned()));
    assert!(!put.text().contains("tmp"), "an error tells nothing of the inside: {}", put.text());
    assert_eq!(store.get("a").await.text(), "one");
    fs::create_dir(&tmp).expect("a folder");
    assert_eq!(store.put("a", "two").await.status, 200);
}

#[tokio::test]
async fn a_file_that_became_shorter_is_never_served_as_whole() {
    let store = TestStore::start().await;
    store.put("a", vec![b'x'; 1_000_000]).await;
    fs::OpenOptions::new().write(true).open(&store.files()[0]).expect("a file").set_len(999_000).expect("cutting");
    let got = store.get("a").await;
    assert!(got.status != 200 || got.body.len() < 1_000_000, "{}", got.status);
    assert_ne!(got.body.len(), 999_000, "the length of the answer must give the loss away");
}

/// Stops the store and waits until its index is at rest: the last one to close it empties the log.
pub async fn close(store: TestStore) -> TempDir {
    let log = store.dir().join("index.sqlite-wal");
    let dir = store.stop().await;
    eventually("the index to be closed", || !log.exists()).await;
    dir
}

fn refusal(dir: &Path) -> OpenError {
    Store::open(settings(dir)).err().expect("a refusal")
}
