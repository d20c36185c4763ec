//! Who may do what with a URL: exactly what its signer meant.

use std::time::Duration;

use http::Method;
use http_body_util::BodyExt;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::request::{now, send};
use crate::support::{ACCESS_KEY_ID, BUCKET, SECRET_ACCESS_KEY, TestStore, path_of};

const PUT: Method = Method::PUT;
const GET: Method = Method::GET;
const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_presigned_put_cannot_be_turned_into_a_copy_of_somebody_elses_object() {
    let store = TestStore::start().await;
    store.put("secret/victim.jpg", "private").await;
    let source = "/photos/secret/victim.jpg";
    let theft = store.request(PUT, &path_of("guest/mine.jpg")).unsigned_header("x-amz-copy-source", source);
    assert_eq!(theft.send().await.error(), (403, "AccessDenied".to_owned()));
    assert_eq!(store.keys().await, ["secret/victim.jpg"]);
}

#[tokio::test]
async fn no_unsigned_amz_header_is_honoured() {
    let store = TestStore::start().await;
    let headers = [
        "x-amz-acl",
        "x-amz-meta-owner",
        "x-amz-tagging",
        "x-amz-storage-class",
        "x-amz-website-redirect-location",
        "x-amz-checksum-sha256",
        "x-amz-date",
        "x-amz-security-token",
        "X-Amz-Meta-Case",
    ];
    for header in headers {
        let presigned = store.request(PUT, &path_of("a")).unsigned_header(header, "private").body("x").send().await;
        assert_eq!(presigned.error(), (403, "AccessDenied".to_owned()), "{header}");
        if header != "x-amz-date" {
            let put = store.request(PUT, &path_of("a")).unsigned_header(header, "private").body("x");
            assert_eq!(put.send_header_signed().await.error(), (403, "AccessDenied".to_owned()), "{header}");
        }
    }
    store.assert_holds_nothing().await;
    // These two change nothing that is stored.
    let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let put = store.request(PUT, &path_of("a")).unsigned_header("x-amz-content-sha256", sha256).send().await;
    assert_eq!(put.status, 200, "{}", put.text());
}

#[tokio::test]
async fn strangers_are_refused() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    for (method, target) in
        [(GET, "/photos/a"), (PUT, "/photos/b"), (Method::DELETE, "/photos/a"), (GET, "/photos"), (GET, "/")]
    {
        let answer = send(&store, method.clone(), target, vec![], vec![]).await;
        assert_eq!(answer.error(), (403, "AccessDenied".to_owned()), "{method} {target}");
    }
    // Version 2 signatures cover no header.
    let old = "/photos/a?AWSAccessKeyId=AKIATESTTESTTESTTEST&Expires=99999999999&Signature=x";
    assert_eq!(send(&store, GET, old, vec![], vec![]).await.error(), (400, "InvalidRequest".to_owned()));
    // Nor do they in company: s3s would look at the old one only.
    let both = store.request(GET, &path_of("a")).query("AWSAccessKeyId", ACCESS_KEY_ID).query("Expires", "99999999999");
    assert_eq!(both.query("Signature", "x").send().await.error(), (400, "InvalidRequest".to_owned()));
    let old = vec![("authorization".to_owned(), "AWS AKIATESTTESTTESTTEST:c2ln".to_owned())];
    assert_eq!(send(&store, GET, "/photos/a", old, vec![]).await.error(), (400, "InvalidRequest".to_owned()));
    let basic = vec![("authorization".to_owned(), "Basic YTpi".to_owned())];
    assert_eq!(send(&store, GET, "/photos/a", basic, vec![]).await.error(), (403, "AccessDenied".to_owned()));
    assert_eq!(store.keys().await, ["a"]);
}

#[tokio::test]
async fn a_url_lives_seven_days_at_most() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let get = |expires| store.request(GET, &path_of("a")).expires(expires).send();
    assert_eq!(get(7 * DAY).await.status, 200);
    let error = (400, "AuthorizationQueryParametersError".to_owned());
    assert_eq!(get(8 * DAY).await.error(), error);
    assert_eq!(get(7 * DAY + Duration::from_secs(1)).await.error(), error);
}

#[tokio::test]
async fn a_url_ends_when_it_says() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let get = |ago| store.request(GET, &path_of("a")).expires(Duration::from_secs(60)).signed_ago(ago).send();
    assert_eq!(get(Duration::from_secs(50)).await.status, 200);
    assert_eq!(get(Duration::from_secs(61)).await.error(), (403, "AccessDenied".to_owned()));
    let stale = store.request(GET, &path_of("a")).signed_ago(Duration::from_secs(1000)).send_header_signed().await;
    assert_eq!(stale.error(), (403, "RequestTimeTooSkewed".to_owned()));
}

#[tokio::test]
async fn a_late_upload_hears_why_it_is_refused() {
    let store = TestStore::start().await;
    let late = store.request(PUT, &path_of("a")).expires(Duration::from_secs(60)).signed_ago(Duration::from_secs(100));
    let mut socket = TcpStream::connect(store.addr).await.expect("a connection");
    let head = format!("PUT {} HTTP/1.1\r\nhost: {}\r\ncontent-length: 20000000\r\n\r\n", late.target(), store.addr);
    socket.write_all(head.as_bytes()).await.expect("sending");
    // As browsers do: first all is sent, then the answer is read.
    for _ in 0..20 {
        socket.write_all(&vec![b'x'; 1_000_000]).await.expect("the store takes the rest");
    }
    let mut status = [0; 12];
    socket.read_exact(&mut status).await.expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 403");
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn a_url_cannot_be_edited() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    store.put("b", "y").await;
    let url = store.request(GET, &path_of("a")).target();
    let later = url.replace("X-Amz-Expires=3600", "X-Amz-Expires=360000");
    let edits = [
        (GET, url.replace("/photos/a", "/photos/b")),
        (GET, later),
        (GET, url.replace("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host%3Bx-amz-acl")),
        (GET, format!("{url}&response-content-type=text/html")),
        (GET, format!("{url}&versionId=null")),
        (PUT, url.clone()),
        (Method::DELETE, url.clone()),
    ];
    for (method, target) in edits {
        let answer = send(&store, method.clone(), &target, vec![], vec![]).await;
        assert_eq!(answer.error(), (403, "SignatureDoesNotMatch".to_owned()), "{method} {target}");
    }
    assert_eq!(send(&store, GET, &url, vec![], vec![]).await.text(), "x");
    // Where a parameter comes twice, nobody can say which one was meant.
    let twice = format!("{url}&X-Amz-SignedHeaders=host%3Bx-amz-acl");
    assert_eq!(send(&store, GET, &twice, vec![], vec![]).await.status, 400);
    let both = vec![("authorization".to_owned(), "AWS4-HMAC-SHA256 Credential=x".to_owned())];
    assert_eq!(send(&store, GET, &url, both, vec![]).await.error(), (400, "InvalidArgument".to_owned()));
}

#[tokio::test]
async fn what_was_signed_must_come() {
    let store = TestStore::start().await;
    let target = store.request(PUT, &path_of("a")).header("content-type", "image/png").target();
    for content_type in [None, Some("text/html")] {
        let headers = content_type.map(|value| ("content-type".to_owned(), value.to_owned())).into_iter().collect();
        let answer = send(&store, PUT, &target, headers, b"x".to_vec()).await;
        assert_eq!(answer.error(), (403, "SignatureDoesNotMatch".to_owned()));
    }
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn what_the_store_does_not_do_it_does_not_pretend_to_do() {
    let store = TestStore::start().await;
    let headers = [
        ("x-amz-server-side-encryption", "AES256", 501),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256", 501),
        ("x-amz-object-lock-mode", "COMPLIANCE", 501),
        ("x-amz-acl", "public-read", 400),
    ];
    for (name, value, status) in headers {
        let answer = store.request(PUT, &path_of("a")).header(name, value).body("x").send().await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
    }
    store.assert_holds_nothing().await;
    assert_eq!(store.request(PUT, &path_of("a")).header("x-amz-acl", "private").body("x").send().await.status, 200);
}

#[tokio::test]
async fn a_long_xml_body_is_refused() {
    let store = TestStore::start().await;
    let body = format!("<Delete>{}</Delete>", "<Object><Key>k</Key></Object>".repeat(200_000));
    let answer = store.request(Method::POST, "/photos").query("delete", "").body(body).send_header_signed().await;
    assert_eq!(answer.error(), (400, "MaxMessageLengthExceeded".to_owned()));
    let body = format!("<Delete>{}</Delete>", "<Object><Key>k</Key></Object>".repeat(1001));
    let answer = store.request(Method::POST, "/photos").query("delete", "").body(body).send_header_signed().await;
    assert_eq!(answer.error(), (400, "MalformedXML".to_owned()));
}

#[tokio::test]
async fn a_host_can_call_the_store_in_process_and_ask_what_is_its() {
    let store = TestStore::start().await;
    let bucket =
        Bucket::new("http://media.example.com".parse().expect("a URL"), UrlStyle::Path, BUCKET, "eu-central-1");
    let bucket = bucket.expect("a bucket");
    let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY);
    let url = bucket.put_object(Some(&credentials), "a b/ü.jpg").sign_with_time(Duration::from_secs(60), &now());
    let put = http::Request::put(url.as_str()).body(http_body_util::Full::new(bytes::Bytes::from_static(b"x")));
    let answer = store.store.call(put.expect("a request")).await;
    assert_eq!(answer.status(), 200, "{:?}", answer.into_body().collect().await.expect("a body").to_bytes());
    assert_eq!(store.get("a b/ü.jpg").await.text(), "x");

    let is_for_store = |target: &str, authorization: Option<&str>| {
        let mut request = http::Request::get(target);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        store.store.is_for_store(&request.body(()).expect("a request").into_parts().0)
    };
    assert!(is_for_store("/photos/a", None));
    assert!(is_for_store("/photos", None));
    assert!(is_for_store(&store.request(GET, "/elsewhere").target(), None));
    assert!(is_for_store("/", Some("AWS4-HMAC-SHA256 Credential=x")));
    assert!(!is_for_store("/", None));
    assert!(!is_for_store("/photosque", None));
    assert!(!is_for_store("/api/images", Some("Bearer x")));
}
