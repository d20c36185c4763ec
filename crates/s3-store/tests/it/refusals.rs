//! Uploads that are refused before their body is read hear why, whatever the client does with its body meanwhile.

use std::time::Duration;

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::request::{now, send};
use crate::support::sigv4::amz_date;
use crate::support::{ACCESS_KEY_ID, MAX_OBJECT_BYTES, TestStore, path_of};

/// Far more than have room in memory, if each held what a fast one holds.
const PAUSED_BODIES: usize = 300;

#[tokio::test]
async fn an_upload_that_is_too_large_hears_why_after_it_was_sent() {
    let store = TestStore::start().await;
    let mut socket = send_head(&store, "large", MAX_OBJECT_BYTES + 1, "").await;
    // As browsers do: first all is sent, then the answer is read.
    for _ in 0..MAX_OBJECT_BYTES / (1024 * 1024) {
        socket.write_all(&vec![b'x'; 1024 * 1024]).await.expect("the store takes the rest");
    }
    socket.write_all(b"x").await.expect("the store takes the rest");
    assert_eq!(read_status(&mut socket).await, "HTTP/1.1 400");
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn an_upload_that_waits_to_be_asked_for_is_refused_unasked() {
    let store = TestStore::start().await;
    let mut socket = send_head(&store, "large", MAX_OBJECT_BYTES + 1, "expect: 100-continue\r\n").await;
    let mut answer = String::new();
    let ended = timeout(Duration::from_secs(20), socket.read_to_string(&mut answer)).await;
    ended.expect("the connection ends, as its client sends no body").expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("EntityTooLarge"), "{answer}");

    let mut socket = send_head(&store, "small", 1, "expect: 100-continue\r\n").await;
    assert_eq!(read_status(&mut socket).await, "HTTP/1.1 100");
}

#[tokio::test]
async fn an_empty_upload_that_waits_to_be_asked_for_is_stored_and_ends_its_connection() {
    let store = TestStore::start().await;
    let mut socket = send_head(&store, "empty", 0, "expect: 100-continue\r\n").await;
    let mut answer = String::new();
    let ended = timeout(Duration::from_secs(20), socket.read_to_string(&mut answer)).await;
    ended.expect("the connection ends").expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert_eq!(store.keys().await, ["empty"]);
}

#[tokio::test]
async fn a_client_that_guesses_what_is_no_region_hears_which_it_is() {
    let store = TestStore::start().await;
    for (region, status) in [("US", 400), ("eu-west-9", 403)] {
        let date = amz_date(now());
        let credential = format!("{ACCESS_KEY_ID}/{}/{region}/s3/aws4_request", &date[..8]);
        let signature = format!("SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={}", "0".repeat(64));
        let authorization = format!("AWS4-HMAC-SHA256 Credential={credential}, {signature}");
        let headers = [("authorization", authorization), ("x-amz-date", date)];
        let headers = headers.into_iter().chain([("x-amz-content-sha256", "UNSIGNED-PAYLOAD".to_owned())]);
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).collect();
        let answer = send(&store, Method::GET, "/photos", headers, Vec::new()).await;
        assert_eq!(answer.status, status, "{region}: {}", answer.text());
        if status == 400 {
            assert_eq!(answer.first("Code"), "AuthorizationHeaderMalformed");
            assert_eq!(answer.first("Region"), "eu-central-1");
        }
    }
}

#[tokio::test]
async fn an_error_says_in_words_what_is_wrong() {
    let store = TestStore::start().await;
    let get = |path: &str| store.request(Method::GET, path);
    let errors = [
        (get("/photos/none").send().await, "NoSuchKey", "The specified key does not exist."),
        (get("/nowhere/none").send().await, "NoSuchBucket", "The specified bucket does not exist."),
        (get("/Not_A_Bucket/none").send().await, "InvalidBucketName", "The specified bucket is not valid."),
        (get("/photos/none").query("tagging", "").send().await, "NoSuchKey", "The specified key does not exist."),
    ];
    for (answer, code, message) in errors {
        assert_eq!((answer.first("Code").as_str(), answer.first("Message").as_str()), (code, message));
    }
    let answer = store.request(Method::PUT, "/photos/a").header("x-amz-acl", "public-read").send().await;
    assert_eq!(answer.first("Message"), "The bucket does not allow ACLs", "its own words stay");
}

#[tokio::test]
async fn bodies_that_pause_keep_nobody_out() {
    let store = TestStore::start().await;
    let mut paused = Vec::new();
    for n in 0..PAUSED_BODIES {
        let mut socket = send_head(&store, &format!("paused-{n}"), 2, "").await;
        socket.write_all(b"x").await.expect("sending");
        paused.push(socket);
    }
    assert_eq!(store.put("one more", "x").await.status, 200);

    let mut first = paused.remove(0);
    first.write_all(b"x").await.expect("sending");
    assert_eq!(read_status(&mut first).await, "HTTP/1.1 200");
    drop(paused);
    store.wait_for_files(2).await;
}

async fn send_head(store: &TestStore, key: &str, length: u64, headers: &str) -> TcpStream {
    let target = store.request(Method::PUT, &path_of(key)).target();
    let mut socket = TcpStream::connect(store.addr).await.expect("a connection");
    let head = format!("PUT {target} HTTP/1.1\r\nhost: {}\r\ncontent-length: {length}\r\n{headers}\r\n", store.addr);
    socket.write_all(head.as_bytes()).await.expect("sending");
    socket
}

async fn read_status(socket: &mut TcpStream) -> String {
    let mut status = [0; 12];
    socket.read_exact(&mut status).await.expect("an answer");
    String::from_utf8_lossy(&status).into_owned()
}
