//! aws-chunked bodies: chunks that are signed one by one, and checksums that follow the body.

use http::Method;

use crate::support::request::{Answer, Request};
use crate::support::sigv4::{sign_chunk, sign_trailer};
use crate::support::{TestStore, path_of};

const SIGNED: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
/// The CRC-32 of "123456789", base64.
const CRC32: &str = "y/Q5Jg==";

fn put<'a>(store: &'a TestStore, payload: &str, decoded_len: usize) -> Request<'a> {
    store
        .request(Method::PUT, &path_of("a"))
        .header("x-amz-content-sha256", payload)
        .header("x-amz-decoded-content-length", decoded_len)
        .header("content-encoding", "aws-chunked")
}

async fn send_signed(store: &TestStore, chunks: &[&str], decoded_len: usize, spoil: fn(String) -> String) -> Answer {
    let mut request = put(store, SIGNED, decoded_len);
    let mut previous = request.authorize().signature;
    let mut body = String::new();
    for chunk in chunks.iter().chain(&[""]) {
        previous = sign_chunk(request.time(), &previous, chunk.as_bytes());
        body.push_str(&format!("{:x};chunk-signature={previous}\r\n{chunk}\r\n", chunk.len()));
    }
    request.body(spoil(body)).send_header_signed().await
}

#[tokio::test]
async fn signed_chunks_make_an_object_and_a_changed_one_leaves_nothing() {
    let store = TestStore::start().await;
    let changed = send_signed(&store, &["first ", "second"], 12, |body| body.replace("second", "secant")).await;
    assert_eq!(changed.error(), (403, "SignatureDoesNotMatch".to_owned()));
    store.assert_holds_nothing().await;
    let cut = send_signed(&store, &["first ", "second"], 12, |body| body[..120].to_owned()).await;
    assert_eq!(cut.error().0, 400, "{}", cut.text());
    store.assert_holds_nothing().await;
    let wrong_length = send_signed(&store, &["first ", "second"], 13, |body| body).await;
    assert_eq!(wrong_length.error(), (400, "IncompleteBody".to_owned()));
    store.assert_holds_nothing().await;

    let right = send_signed(&store, &["first ", "second"], 12, |body| body).await;
    assert_eq!(right.status, 200, "{}", right.text());
    let got = store.get("a").await;
    assert_eq!((got.text().as_str(), got.header("content-encoding")), ("first second", ""));
}

#[tokio::test]
async fn a_trailing_checksum_is_verified() {
    let store = TestStore::start().await;
    let put = |data: &str, trailer: &str| {
        let request = put(&store, UNSIGNED_TRAILER, data.len()).header("x-amz-trailer", "x-amz-checksum-crc32");
        request.body(format!("{:x}\r\n{data}\r\n0\r\n{trailer}\r\n", data.len())).send_header_signed()
    };
    let right = format!("x-amz-checksum-crc32:{CRC32}\r\n");
    assert_eq!(put("12345678X", &right).await.error(), (400, "BadDigest".to_owned()));
    assert_eq!(put("123456789", "").await.error(), (400, "MalformedTrailerError".to_owned()));
    store.assert_holds_nothing().await;
    let put = put("123456789", &right).await;
    assert_eq!((put.status.as_u16(), put.header("x-amz-checksum-crc32")), (200, CRC32), "{}", put.text());
    assert_eq!(store.get("a").await.text(), "123456789");
}

#[tokio::test]
async fn a_signed_trailer_is_verified() {
    let store = TestStore::start().await;
    for (spoiled, status) in [(true, 403), (false, 200)] {
        let data = "123456789";
        let mut request = put(&store, SIGNED_TRAILER, data.len()).header("x-amz-trailer", "x-amz-checksum-crc32");
        let seed = request.authorize().signature;
        let first = sign_chunk(request.time(), &seed, data.as_bytes());
        let last = sign_chunk(request.time(), &first, b"");
        let trailer = format!("x-amz-checksum-crc32:{CRC32}\n");
        let signed = if spoiled { trailer.replace(CRC32, "AAAAAA==") } else { trailer.clone() };
        let signature = sign_trailer(request.time(), &last, &signed);
        let body = format!(
            "{:x};chunk-signature={first}\r\n{data}\r\n0;chunk-signature={last}\r\n\
             x-amz-checksum-crc32:{CRC32}\r\nx-amz-trailer-signature:{signature}\r\n\r\n",
            data.len()
        );
        let answer = request.body(body).send_header_signed().await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

#[tokio::test]
async fn the_declared_length_of_the_object_counts_and_not_that_of_its_framing() {
    let store = TestStore::start().await;
    let huge = put(&store, UNSIGNED_TRAILER, crate::support::MAX_OBJECT_BYTES as usize + 1);
    let answer = huge.header("x-amz-trailer", "x-amz-checksum-crc32").body("0\r\n\r\n").send_header_signed().await;
    assert_eq!(answer.error(), (400, "EntityTooLarge".to_owned()));
    store.assert_holds_nothing().await;
}
