//! A body that is not what it claims to be leaves nothing: no object, no file.

use std::convert::Infallible;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::stream;
use http::Method;
use http_body::Frame;
use http_body_util::StreamBody;
use md5::{Digest, Md5};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::damage::photo;
use crate::support::{MAX_OBJECT_BYTES, TestStore, path_of};

const PUT: Method = Method::PUT;

/// The checksums of "123456789", base64: the check values of the CRC catalogue, and digests.
const CHECKSUMS: [(&str, &str); 5] = [
    ("x-amz-checksum-crc32", "y/Q5Jg=="),
    ("x-amz-checksum-crc32c", "4waSgw=="),
    ("x-amz-checksum-crc64nvme", "rosUhgp5mIg="),
    ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
    ("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
];

#[tokio::test]
async fn a_right_checksum_is_accepted_and_a_wrong_one_leaves_nothing() {
    let store = TestStore::start().await;
    for (name, value) in CHECKSUMS {
        let wrong = store.request(PUT, &path_of("a")).header(name, value).body("12345678X").send().await;
        assert_eq!(wrong.error(), (400, "BadDigest".to_owned()), "{name}");
        store.assert_holds_nothing().await;
        let malformed = store.request(PUT, &path_of("a")).header(name, "nonsense").body("123456789").send().await;
        assert_eq!(malformed.error(), (400, "InvalidRequest".to_owned()), "{name}");
        let right = store.request(PUT, &path_of("a")).header(name, value).body("123456789").send().await;
        assert_eq!((right.status.as_u16(), right.header(name)), (200, value), "{}", right.text());
        store.delete("a").await;
    }
}

#[tokio::test]
async fn content_md5_is_verified() {
    let store = TestStore::start().await;
    let md5 = BASE64_STANDARD.encode(Md5::digest("body"));
    let put = |md5: &str, body: &str| store.request(PUT, &path_of("a")).header("content-md5", md5).body(body).send();
    assert_eq!(put(&md5, "other").await.error(), (400, "BadDigest".to_owned()));
    assert_eq!(put("nonsense", "body").await.error(), (400, "InvalidDigest".to_owned()));
    store.assert_holds_nothing().await;
    assert_eq!(put(&md5, "body").await.status, 200);
}

#[tokio::test]
async fn the_hash_in_the_signature_is_verified() {
    let store = TestStore::start().await;
    let hash = hex::encode(Sha256::digest("body"));
    let header = "x-amz-content-sha256";
    let wrong = store.request(PUT, &path_of("a")).header(header, &hash).body("odys").send_header_signed().await;
    assert_eq!(wrong.error(), (400, "XAmzContentSHA256Mismatch".to_owned()));
    store.assert_holds_nothing().await;
    let right = store.request(PUT, &path_of("a")).header(header, &hash).body("body").send_header_signed().await;
    assert_eq!(right.status, 200);
}

#[tokio::test]
async fn a_bad_upload_does_not_touch_the_object_that_is_there() {
    let store = TestStore::start().await;
    store.put("a", "good").await;
    let (name, value) = CHECKSUMS[4];
    let bad = store.request(PUT, &path_of("a")).header(name, value).body("bad").send().await;
    assert_eq!(bad.status, 400);
    assert_eq!(store.get("a").await.text(), "good");
    store.wait_for_files(1).await;
}

#[tokio::test]
async fn every_object_has_its_sha256() {
    let store = TestStore::start().await;
    store.put("a", "123456789").await;
    let get = |mode: bool| {
        let request = store.request(Method::GET, &path_of("a"));
        if mode { request.unsigned_header("x-amz-checksum-mode", "ENABLED") } else { request }
    };
    let (name, value) = CHECKSUMS[4];
    let got = get(true).send().await;
    assert_eq!((got.header(name), got.header("x-amz-checksum-type")), (value, "FULL_OBJECT"));
    assert_eq!(get(false).send().await.header(name), "");
    // The checksum of the whole would make a client take a range for damaged.
    assert_eq!(get(true).header("range", "bytes=0-3").send().await.header(name), "");
}

#[tokio::test]
async fn checksums_do_not_depend_on_how_the_body_arrives() {
    let store = TestStore::start().await;
    let body = photo(3);
    let sizes = [1, 63, 64, 65, 200_000, 7, 127, 62_000, 262_144, 1_000, 300_000];
    let mut rest = body.as_slice();
    let chunks = sizes.map(|size| {
        let (chunk, tail) = rest.split_at(rest.len().min(size));
        rest = tail;
        Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(chunk)))
    });
    assert!(rest.is_empty());
    let target = store.request(PUT, &path_of("a")).target();
    let request = http::Request::put(format!("http://{}{target}", store.addr));
    let put = store.store.call(request.body(StreamBody::new(stream::iter(chunks))).expect("a request")).await;
    assert_eq!(put.status(), 200);

    let got = store.request(Method::GET, &path_of("a")).unsigned_header("x-amz-checksum-mode", "ENABLED").send().await;
    assert!(got.body == body, "{}", got.body.len());
    let crc = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc64Nvme, &body);
    assert_eq!(got.header("etag"), format!("\"{}\"", hex::encode(Md5::digest(&body))));
    assert_eq!(got.header("x-amz-checksum-sha256"), BASE64_STANDARD.encode(Sha256::digest(&body)));
    assert_eq!(got.header("x-amz-checksum-crc64nvme"), BASE64_STANDARD.encode(crc.to_be_bytes()));
}

#[tokio::test]
async fn a_presigned_length_binds_the_body() {
    let store = TestStore::start().await;
    for body in ["longer than five", "four"] {
        let target = store.request(PUT, &path_of("a")).header("content-length", 5).target();
        let answer = crate::support::request::send(&store, PUT, &target, vec![], body.into()).await;
        assert_eq!(answer.error(), (403, "SignatureDoesNotMatch".to_owned()), "{body}");
    }
    store.assert_holds_nothing().await;
    let target = store.request(PUT, &path_of("a")).header("content-length", 5).target();
    let answer = crate::support::request::send(&store, PUT, &target, vec![], "fives".into()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_sent() {
    let store = TestStore::start().await;
    let target = store.request(PUT, &path_of("huge")).target();
    let mut socket = TcpStream::connect(store.addr).await.expect("a connection");
    let head =
        format!("PUT {target} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n", store.addr, MAX_OBJECT_BYTES + 1);
    socket.write_all(head.as_bytes()).await.expect("sending");
    // Not one byte of the body goes out, and yet the answer comes.
    let answer = read_head(&mut socket).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("EntityTooLarge"), "{answer}");
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn a_body_of_undeclared_length_stops_at_the_limit() {
    let store = TestStore::start().await;
    let target = store.request(PUT, &path_of("huge")).target();
    let mut socket = TcpStream::connect(store.addr).await.expect("a connection");
    let head = format!("PUT {target} HTTP/1.1\r\nhost: {}\r\ntransfer-encoding: chunked\r\n\r\n", store.addr);
    socket.write_all(head.as_bytes()).await.expect("sending");
    let chunk = [b"100000\r\n".as_slice(), &vec![b'x'; 0x10_0000], b"\r\n"].concat();
    let (mut from_store, mut to_store) = socket.into_split();
    let sending = tokio::spawn(async move {
        // The store may close before all is sent.
        for _ in 0..=MAX_OBJECT_BYTES / 0x10_0000 {
            if to_store.write_all(&chunk).await.is_err() {
                break;
            }
        }
        to_store
    });
    let answer = read_head(&mut from_store).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("EntityTooLarge"), "{answer}");
    drop(sending.await);
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    let store = TestStore::start().await;
    let target = store.request(PUT, &path_of("half")).target();
    let mut socket = TcpStream::connect(store.addr).await.expect("a connection");
    let head = format!("PUT {target} HTTP/1.1\r\nhost: {}\r\ncontent-length: 4000000\r\n\r\n", store.addr);
    socket.write_all(head.as_bytes()).await.expect("sending");
    socket.write_all(&vec![b'x'; 2_000_000]).await.expect("sending");
    store.wait_for_files(1).await;
    drop(socket);
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn a_body_handed_over_in_process_must_have_the_length_it_declares() {
    let store = TestStore::start().await;
    for body in ["four", "sixsix"] {
        let target = store.request(PUT, &path_of("a")).header("content-length", 5).target();
        let request = http::Request::put(format!("http://{}{target}", store.addr)).header("content-length", 5);
        let request = request.body(http_body_util::Full::new(Bytes::from_static(body.as_bytes())));
        let answer = store.store.call(request.expect("a request")).await;
        assert_eq!(answer.status(), 400, "{body}");
    }
    store.assert_holds_nothing().await;
}

async fn read_head(socket: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains("</Error>") {
        let mut buffer = [0; 4096];
        match socket.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}
