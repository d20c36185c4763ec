//! A presigned URL in the wrong hands: its holder may do what its signer meant, and nothing else.

use std::time::Duration;

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::request::send;
use crate::support::{BUCKET, TestStore, path_of};

const PUT: Method = Method::PUT;
const GET: Method = Method::GET;

/// Sends bytes as they are, which ask to be the last, and reads all that comes back.
async fn exchange(store: &TestStore, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(store.addr).await.expect("a connection");
    socket.write_all(bytes).await.expect("sending");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_url_is_for_one_host_whatever_the_request_line_says() {
    let store = TestStore::start().await;
    store.put("a", "hidden bytes").await;
    let target = store.request(GET, &path_of("a")).target();
    let get = async |line: &str, headers: &str| {
        exchange(&store, format!("GET {line} HTTP/1.1\r\n{headers}connection: close\r\n\r\n").as_bytes()).await
    };
    let host = format!("host: {}\r\n", store.addr);
    assert!(get(&target, &host).await.starts_with("HTTP/1.1 200"));
    for headers in ["host: evil.example.com\r\n".to_owned(), format!("{host}host: evil.example.com\r\n"), String::new()]
    {
        let answer = get(&target, &headers).await;
        assert!(answer.starts_with("HTTP/1.1 4") && !answer.contains("hidden bytes"), "{headers}: {answer}");
    }
    // The absolute form names a host as well; the one that was signed is that of the header.
    let absolute = format!("http://{}{target}", store.addr);
    let answer = get(&absolute, &host).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = get(&absolute, "host: evil.example.com\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 403") && !answer.contains("hidden bytes"), "{answer}");
    let elsewhere = format!("http://evil.example.com/{BUCKET}/b{}", &target[target.find('?').expect("a query")..]);
    assert!(get(&elsewhere, &host).await.starts_with("HTTP/1.1 403"));
}

#[tokio::test]
async fn nothing_comes_twice() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    store.put("b", "y").await;
    let url = store.request(GET, &path_of("a")).target();
    let values = [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Credential", "x"),
        ("X-Amz-Date", "20300101T000000Z"),
        ("X-Amz-Expires", "604800"),
        ("X-Amz-Signature", "00"),
        ("X-Amz-SignedHeaders", "host"),
        ("x-amz-expires", "604800"),
        ("X-Amz-Security-Token", "x"),
    ];
    for (name, value) in values {
        for target in [format!("{url}&{name}={value}"), url.replace('?', &format!("?{name}={value}&"))] {
            let answer = send(&store, GET, &target, vec![], vec![]).await;
            assert!(answer.status.is_client_error(), "{target}: {}", answer.status);
        }
    }
    // A header that was signed once and comes twice has no value that the signer meant.
    let put = store.request(PUT, &path_of("c")).header("content-type", "image/png").target();
    for (first, second) in [("image/png", "text/html"), ("text/html", "image/png"), ("image/png", "image/png")] {
        let headers = [first, second].map(|value| ("content-type".to_owned(), value.to_owned())).to_vec();
        let answer = send(&store, PUT, &put, headers, b"x".to_vec()).await;
        assert!(answer.status.is_client_error(), "{first} {second}: {}", answer.text());
    }
    let source = || ("x-amz-copy-source".to_owned(), "photos/a".to_owned());
    let copy = store.request(PUT, &path_of("c")).header("x-amz-copy-source", "photos/a").target();
    let other = ("x-amz-copy-source".to_owned(), "photos/b".to_owned());
    for headers in [vec![source(), other.clone()], vec![other, source()]] {
        assert_eq!(send(&store, PUT, &copy, headers, vec![]).await.error(), (400, "InvalidArgument".to_owned()));
    }
    assert_eq!(store.keys().await, ["a", "b"]);
    assert_eq!(send(&store, PUT, &copy, vec![source()], vec![]).await.status, 200);
}

#[tokio::test]
async fn a_url_for_one_key_opens_no_other() {
    let store = TestStore::start().await;
    store.request(PUT, "/second").send().await;
    for key in ["a/b", "a/b/", "b", "a%2Fb", "a//b", "a/./b", "a/../a/b"] {
        store.put(key, "hidden bytes").await;
    }
    store.request(PUT, "/second/a/b").body("hidden bytes").send().await;
    let target = store.request(GET, &path_of("a/b")).target();
    let spelled = |path: &str| target.replacen("/photos/a/b", path, 1);
    for path in [
        "/second/a/b",
        "/photos/b",
        "/photos/a/b/",
        "/photos/a//b",
        "//photos/a/b",
        "/photos//a/b",
        "/photos/a/./b",
        "/photos/a/../a/b",
        "/photos/x/%2e%2e/a/b",
        "/photos/a%252Fb",
        "/photos/../second/a/b",
        "/photos",
        "/photos/",
    ] {
        let answer = send(&store, GET, &spelled(path), vec![], vec![]).await;
        assert!(answer.status.is_client_error(), "{path}: {} {}", answer.status, answer.text());
        assert!(!answer.text().contains("hidden bytes"), "{path}");
    }
    assert_eq!(send(&store, GET, &target, vec![], vec![]).await.text(), "hidden bytes");
}

#[tokio::test]
async fn a_url_is_not_yet_valid_before_its_time() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let ahead = |secs: i64| {
        let time = crate::support::request::now() + jiff::SignedDuration::from_secs(secs);
        store.request(GET, &path_of("a")).at(time)
    };
    assert_eq!(ahead(800).send().await.status, 200);
    assert_eq!(ahead(1000).send().await.status, 403);
    assert_eq!(ahead(800).send_header_signed().await.status, 200);
    assert_eq!(ahead(1000).send_header_signed().await.error(), (403, "RequestTimeTooSkewed".to_owned()));
    assert_eq!(ahead(-800).send_header_signed().await.status, 200);
    assert_eq!(ahead(-1000).send_header_signed().await.error(), (403, "RequestTimeTooSkewed".to_owned()));
    let expired = ahead(-61).expires(Duration::from_secs(60)).send().await;
    assert_eq!(
        (expired.error(), expired.first("Message")),
        ((403, "AccessDenied".to_owned()), "Request has expired".to_owned())
    );
}

#[tokio::test]
async fn a_life_is_a_whole_number_of_seconds() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let url = store.request(GET, &path_of("a")).target();
    for life in ["0", "-1", "604801", "99999999999999999999999", "1e3", "3600.0", "", "%2B60", "0x10"] {
        let target = url.replace("X-Amz-Expires=3600", &format!("X-Amz-Expires={life}"));
        let answer = send(&store, GET, &target, vec![], vec![]).await;
        assert!(answer.status.is_client_error(), "{life}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_body_of_another_length_than_signed_leaves_nothing() {
    let store = TestStore::start().await;
    let target = store.request(PUT, &path_of("a")).header("content-length", 5).target();
    for body in ["", "1234", "123456"] {
        let answer = send(&store, PUT, &target, vec![], body.into()).await;
        assert_eq!(answer.error(), (403, "SignatureDoesNotMatch".to_owned()), "{body}");
    }
    // The length as signed, and another body: shorter, cut off, or with more after it.
    let head = format!("PUT {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", store.addr);
    let mut socket = TcpStream::connect(store.addr).await.expect("a connection");
    socket.write_all(format!("{head}content-length: 5\r\n\r\n123").as_bytes()).await.expect("sending");
    drop(socket);
    store.assert_holds_nothing().await;
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n7\r\n1234567\r\n0\r\n\r\n");
    assert!(exchange(&store, chunked.as_bytes()).await.starts_with("HTTP/1.1 4"));
    let both = format!("{head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n7\r\n1234567\r\n0\r\n\r\n");
    assert!(exchange(&store, both.as_bytes()).await.starts_with("HTTP/1.1 4"));
    let lengths = format!("{head}content-length: 5\r\ncontent-length: 7\r\n\r\n1234567");
    assert!(exchange(&store, lengths.as_bytes()).await.starts_with("HTTP/1.1 4"));
    store.assert_holds_nothing().await;
    let long = exchange(&store, format!("{head}content-length: 5\r\n\r\n1234567").as_bytes()).await;
    assert!(long.starts_with("HTTP/1.1 200"), "{long}");
    assert_eq!(store.get("a").await.text(), "12345");
}

#[tokio::test]
async fn a_session_that_this_store_never_gave_is_none() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let get = || store.request(GET, &path_of("a"));
    let error = (400, "InvalidToken".to_owned());
    assert_eq!(get().query("X-Amz-Security-Token", "token").send().await.error(), error);
    assert_eq!(get().header("x-amz-security-token", "token").send_header_signed().await.error(), error);
}

#[tokio::test]
async fn an_unsigned_override_changes_nothing() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let url = store.request(GET, &path_of("a")).target();
    for name in [
        "response-content-type",
        "response-content-disposition",
        "response-cache-control",
        "response-content-encoding",
        "response-content-language",
        "response-expires",
        "partNumber",
        "uploadId",
        "acl",
    ] {
        let answer = send(&store, GET, &format!("{url}&{name}=1"), vec![], vec![]).await;
        assert_eq!(answer.error(), (403, "SignatureDoesNotMatch".to_owned()), "{name}");
    }
    for name in ["response-content-type", "response-content-disposition", "response-cache-control"] {
        let split = store.request(GET, &path_of("a")).query(name, "x\r\nset-cookie: a=b").send().await;
        assert!(split.status.is_client_error() && split.header("set-cookie").is_empty(), "{name}: {}", split.status);
    }
}

#[tokio::test]
async fn a_url_for_a_head_gets_no_bytes_and_one_for_a_put_lists_nothing() {
    let store = TestStore::start().await;
    store.put("a", "hidden bytes").await;
    for signed in [Method::HEAD, PUT, Method::DELETE, Method::POST] {
        let target = store.request(signed.clone(), &path_of("a")).target();
        let answer = send(&store, GET, &target, vec![], vec![]).await;
        assert_eq!(answer.error(), (403, "SignatureDoesNotMatch".to_owned()), "{signed}");
        let overridden = vec![("x-http-method-override".to_owned(), signed.to_string())];
        assert_eq!(send(&store, GET, &target, overridden, vec![]).await.status, 403, "{signed}");
    }
    let target = store.request(PUT, &path_of("a")).target();
    for (from, to) in [("/photos/a?", "/photos?"), ("/photos/a?", "/?"), ("/photos/a?", "/photos?list-type=2&")] {
        assert_eq!(send(&store, PUT, &target.replace(from, to), vec![], vec![]).await.status, 403);
    }
    assert_eq!(store.get("a").await.text(), "hidden bytes");
}
