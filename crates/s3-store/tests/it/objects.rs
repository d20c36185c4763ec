//! Objects: what is put is what is got, under any key.

use http::Method;
use md5::{Digest, Md5};

use crate::support::form::Form;
use crate::support::{TestStore, path_of};

const PUT: Method = Method::PUT;
const GET: Method = Method::GET;
const HEAD: Method = Method::HEAD;

#[tokio::test]
async fn an_object_comes_back_with_everything_that_was_said_about_it() {
    let store = TestStore::start().await;
    let put = store
        .request(PUT, &path_of("a.jpg"))
        .header("content-type", "image/jpeg")
        .header("cache-control", "max-age=60")
        .header("content-disposition", "inline; filename=\"a.jpg\"")
        .header("content-language", "de")
        .header("x-amz-meta-camera", "Nikon")
        .body("bytes")
        .send()
        .await;
    assert_eq!(put.status, 200, "{}", put.text());
    let etag = format!("\"{}\"", hex::encode(Md5::digest("bytes")));
    assert_eq!(put.header("etag"), etag);

    for method in [GET, HEAD] {
        let answer = store.request(method.clone(), &path_of("a.jpg")).send().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-length"), "5");
        assert_eq!(answer.header("etag"), etag);
        assert_eq!(answer.header("content-type"), "image/jpeg");
        assert_eq!(answer.header("cache-control"), "max-age=60");
        assert_eq!(answer.header("content-disposition"), "inline; filename=\"a.jpg\"");
        assert_eq!(answer.header("content-language"), "de");
        assert_eq!(answer.header("x-amz-meta-camera"), "Nikon");
        assert_eq!(answer.header("accept-ranges"), "bytes");
        assert!(answer.header("last-modified").ends_with("GMT"), "{}", answer.header("last-modified"));
        assert_eq!(answer.text(), if method == GET { "bytes" } else { "" });
    }
}

#[tokio::test]
async fn an_empty_object_is_an_object() {
    let store = TestStore::start().await;
    assert_eq!(store.put("empty", "").await.status, 200);
    let got = store.get("empty").await;
    assert_eq!((got.status.as_u16(), got.text().as_str(), got.header("content-length")), (200, "", "0"));
    assert_eq!(got.header("content-type"), "binary/octet-stream");
}

#[tokio::test]
async fn a_large_object_streams_through_unchanged() {
    let store = TestStore::start().await;
    let body: Vec<u8> = (0..20_000_003_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert_eq!(store.put("large", body.clone()).await.status, 200);
    let got = store.get("large").await;
    assert_eq!(got.header("content-length"), body.len().to_string());
    assert!(got.body == body, "the bytes differ");
    let range = store.request(GET, &path_of("large")).header("range", "bytes=262143-13000000").send().await;
    assert_eq!(range.status, 206);
    assert!(range.body == body[262_143..=13_000_000], "the range differs");
}

#[tokio::test]
async fn keys_are_letters_and_never_paths() {
    let store = TestStore::start().await;
    let longest = "é".repeat(512);
    let keys = [
        "../../etc/x",
        "..",
        "a//b",
        "a/",
        "/a",
        "file",
        "file/child",
        "./x",
        "%2e%2e/y",
        "a b+c&d=e?f#g",
        "日本語/фото.jpg",
        "emoji 🙂",
        "quote\"<>'",
        longest.as_str(),
        "a\\b",
        "~",
        "CON",
        ".tmp",
    ];
    for key in keys {
        let put = store.put(key, key).await;
        assert_eq!(put.status, 200, "{key}: {}", put.text());
    }
    for key in keys {
        assert_eq!(store.get(key).await.text(), key);
        assert_eq!(store.head(key).await.header("content-length"), key.len().to_string());
    }
    let mut listed = store.keys().await;
    let mut expected = keys.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(listed, expected, "S3 lists in byte order");
    // Whatever the key, the files have names of the store's own.
    for file in store.files() {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{}", file.display());
        assert!(file.starts_with(store.dir()));
    }
    for key in listed.drain(..) {
        assert_eq!(store.delete(&key).await.status, 204);
    }
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn a_key_that_is_too_long_or_holds_nul_is_refused() {
    let store = TestStore::start().await;
    assert_eq!(store.put(&"k".repeat(1025), "x").await.error(), (400, "KeyTooLongError".to_owned()));
    assert_eq!(store.put("a\0b", "x").await.error(), (400, "InvalidArgument".to_owned()));
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let store = TestStore::start().await;
    assert_eq!(store.get("nothing").await.error(), (404, "NoSuchKey".to_owned()));
    let head = store.head("nothing").await;
    assert_eq!((head.status.as_u16(), head.body.len()), (404, 0));
    for method in [GET, PUT, Method::DELETE] {
        let answer = store.request(method, "/elsewhere/key").body("x").send().await;
        assert_eq!(answer.error(), (404, "NoSuchBucket".to_owned()));
    }
    assert_eq!(store.delete("nothing").await.status, 204);
}

#[tokio::test]
async fn ranges_give_the_bytes_they_name() {
    let store = TestStore::start().await;
    store.put("digits", "0123456789").await;
    let cases = [
        ("bytes=0-0", 206, "0", "bytes 0-0/10"),
        ("bytes=2-5", 206, "2345", "bytes 2-5/10"),
        ("bytes=7-", 206, "789", "bytes 7-9/10"),
        ("bytes=7-99", 206, "789", "bytes 7-9/10"),
        ("bytes=-3", 206, "789", "bytes 7-9/10"),
        ("bytes=-99", 206, "0123456789", "bytes 0-9/10"),
        // RFC 9110: what a server does not understand, it ignores.
        ("bytes=0-0,5-9", 200, "0123456789", ""),
        ("bytes=5-2", 200, "0123456789", ""),
        ("lines=1-2", 200, "0123456789", ""),
    ];
    for (range, status, body, content_range) in cases {
        let got = store.request(GET, &path_of("digits")).unsigned_header("range", range).send().await;
        let seen = (got.status.as_u16(), got.text(), got.header("content-range").to_owned());
        assert_eq!(seen, (status, body.to_owned(), content_range.to_owned()), "{range}");
        assert_eq!(got.header("content-length"), body.len().to_string());
    }
    let head = store.request(HEAD, &path_of("digits")).header("range", "bytes=2-5").send().await;
    assert_eq!((head.status.as_u16(), head.header("content-length")), (206, "4"));
}

#[tokio::test]
async fn a_range_beyond_the_end_tells_where_the_end_is() {
    let store = TestStore::start().await;
    store.put("digits", "0123456789").await;
    store.put("empty", "").await;
    for (key, range, size) in [
        ("digits", "bytes=10-", "bytes */10"),
        ("digits", "bytes=10-20", "bytes */10"),
        ("digits", "bytes=99999999999999999999-", ""),
        ("digits", "bytes=-0", "bytes */10"),
        ("empty", "bytes=0-0", "bytes */0"),
        ("empty", "bytes=0-", "bytes */0"),
    ] {
        let beyond = store.request(GET, &path_of(key)).header("range", range).send().await;
        if size.is_empty() {
            assert!(beyond.status.is_client_error(), "{range}: {}", beyond.text());
            continue;
        }
        assert_eq!(beyond.error(), (416, "InvalidRange".to_owned()), "{key} {range}");
        assert_eq!((beyond.header("content-range"), beyond.header("content-type")), (size, "application/xml"));
        let head = store.request(HEAD, &path_of(key)).header("range", range).send().await;
        assert_eq!(
            (head.status.as_u16(), head.header("content-range"), head.body.len()),
            (416, size, 0),
            "{key} {range}"
        );
    }
    // An empty object has no last bytes, and all of them are here.
    let suffix = store.request(GET, &path_of("empty")).header("range", "bytes=-5").send().await;
    assert_eq!((suffix.status.as_u16(), suffix.header("content-range"), suffix.body.len()), (200, "", 0));
}

#[tokio::test]
async fn a_head_is_conditional_as_a_get_is() {
    let store = TestStore::start().await;
    let etag = store.put("a", "x").await.header("etag").to_owned();
    let head = |name: &str, value: &str| store.request(HEAD, &path_of("a")).header(name, value).send();
    let past = "Wed, 21 Oct 2015 07:28:00 GMT";
    for (name, value, status) in [
        ("if-match", etag.as_str(), 200),
        ("if-match", "*", 200),
        ("if-match", "\"other\"", 412),
        ("if-none-match", etag.as_str(), 304),
        ("if-none-match", "*", 304),
        ("if-none-match", "\"other\"", 200),
        ("if-modified-since", past, 200),
        ("if-unmodified-since", past, 412),
        // What is no date, or no entity tag, is the client's mistake.
        ("if-match", "\"open", 400),
    ] {
        let answer = head(name, value).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (status, 0), "{name}: {value}");
    }
    let both = store.request(HEAD, &path_of("a")).header("if-match", &etag).header("if-unmodified-since", past);
    assert_eq!(both.send().await.status, 200, "the entity tag outranks the date");
}

#[tokio::test]
async fn metadata_is_text_of_any_language() {
    let store = TestStore::start().await;
    let put =
        store.request(PUT, &path_of("a")).header("x-amz-meta-place", "Zürich 日本").header("x-amz-meta-empty", "");
    assert_eq!(put.body("x").send_header_signed().await.status, 200);
    let got = store.get("a").await;
    // RFC 2047 is how S3 tells what a header cannot hold.
    let encoded = got.header("x-amz-meta-place").to_owned();
    assert!(encoded.starts_with("=?UTF-8?"), "{encoded}");
    let again = store.request(PUT, &path_of("b")).header("x-amz-meta-place", &encoded).body("x").send().await;
    assert_eq!(again.status, 200);
    assert_eq!(store.get("b").await.header("x-amz-meta-place"), encoded, "what was read can be written");
    let twice = store.request(PUT, &path_of("c")).header("x-amz-meta-n", "1").unsigned_header("x-amz-meta-n", "2");
    assert!(twice.send().await.status.is_client_error());
    assert_eq!(store.keys().await, ["a", "b"]);
}

#[tokio::test]
async fn metadata_is_two_kilobytes_at_most() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let (most, more) = ("v".repeat(2047), "v".repeat(2048));
    let too_large = (400, "MetadataTooLarge".to_owned());
    let put = |value: &str| store.request(PUT, &path_of("b")).header("x-amz-meta-n", value).body("x").send();
    let copy = |value: &str| {
        let copy = store.request(PUT, &path_of("c")).header("x-amz-copy-source", "photos/a");
        copy.header("x-amz-metadata-directive", "REPLACE").header("x-amz-meta-n", value).send()
    };
    let upload = |value: &str| {
        let create = store.request(Method::POST, &path_of("d")).query("uploads", "");
        create.header("x-amz-meta-n", value).send()
    };
    let post = |value: &str| Form::new(&store, "e").field("x-amz-meta-n", value).send();
    let refused = [put(&more).await, copy(&more).await, upload(&more).await, post(&more).await];
    assert!(refused.iter().all(|answer| answer.error() == too_large), "{refused:?}");
    assert_eq!(store.keys().await, ["a"]);
    store.wait_for_files(1).await;
    let taken = [put(&most).await, copy(&most).await, upload(&most).await, post(&most).await];
    assert!(taken.iter().all(|answer| answer.status.is_success()), "{taken:?}");
    assert_eq!(store.get("b").await.header("x-amz-meta-n"), most);
}

#[tokio::test]
async fn headers_that_every_answer_would_repeat_are_eight_kilobytes_at_most() {
    let store = TestStore::start().await;
    let put = |len: usize| {
        let put = store.request(PUT, &path_of("a")).unsigned_header("content-disposition", "d".repeat(len));
        put.unsigned_header("cache-control", "c".repeat(4096)).body("x").send()
    };
    assert_eq!(put(4097).await.error(), (400, "RequestHeaderSectionTooLarge".to_owned()));
    store.assert_holds_nothing().await;
    assert_eq!(put(4096).await.status, 200);
}

#[tokio::test]
async fn a_download_is_resumed_only_where_the_object_is_still_the_same() {
    let store = TestStore::start().await;
    let etag = store.put("digits", "0123456789").await.header("etag").to_owned();
    let resume =
        |etag: &str| store.request(GET, &path_of("digits")).header("range", "bytes=4-").header("if-range", etag).send();
    assert_eq!(resume(&etag).await.text(), "456789");
    store.put("digits", "abcdefghij").await;
    let changed = resume(&etag).await;
    assert_eq!((changed.status.as_u16(), changed.text().as_str()), (200, "abcdefghij"));
}

#[tokio::test]
async fn readers_can_ask_for_what_they_do_not_have_yet() {
    let store = TestStore::start().await;
    let etag = store.put("a", "x").await.header("etag").to_owned();
    let modified = store.head("a").await.header("last-modified").to_owned();
    let cases = [
        ("if-none-match", etag.as_str(), 304),
        ("if-none-match", "\"other\"", 200),
        ("if-match", etag.as_str(), 200),
        ("if-match", "\"other\"", 412),
        ("if-modified-since", modified.as_str(), 304),
        ("if-unmodified-since", modified.as_str(), 200),
        ("if-unmodified-since", "Wed, 21 Oct 2015 07:28:00 GMT", 412),
        ("if-modified-since", "Wed, 21 Oct 2015 07:28:00 GMT", 200),
    ];
    for (name, value, status) in cases {
        let got = store.request(GET, &path_of("a")).header(name, value).send().await;
        assert_eq!(got.status, status, "{name}: {value}");
        if status == 304 {
            assert_eq!((got.body.len(), got.header("etag")), (0, etag.as_str()));
        }
    }
}

#[tokio::test]
async fn a_put_can_be_made_conditional() {
    let store = TestStore::start().await;
    let put = |key: &str, name: &str, value: &str, body: &str| {
        store.request(PUT, &path_of(key)).header(name, value).body(body).send()
    };
    let first = put("a", "if-none-match", "*", "one").await;
    assert_eq!(first.status, 200);
    assert_eq!(put("a", "if-none-match", "*", "two").await.error(), (412, "PreconditionFailed".to_owned()));
    assert_eq!(put("a", "if-match", "\"stale\"", "two").await.error(), (412, "PreconditionFailed".to_owned()));
    assert_eq!(put("b", "if-match", "\"stale\"", "two").await.error(), (404, "NoSuchKey".to_owned()));
    assert_eq!(store.get("a").await.text(), "one");
    assert_eq!(put("a", "if-match", first.header("etag"), "two").await.status, 200);
    assert_eq!(store.get("a").await.text(), "two");
    // The refused bodies are gone, and so is the one that was replaced.
    store.wait_for_files(1).await;
}

#[tokio::test]
async fn of_many_writers_that_all_want_to_be_first_exactly_one_is() {
    let store = TestStore::start().await;
    let put = |n: usize| {
        let body = format!("writer {n}");
        async { store.request(PUT, &path_of("race")).header("if-none-match", "*").body(body).send().await.status }
    };
    let statuses = futures::future::join_all((0..24).map(put)).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 23, "{statuses:?}");
    store.wait_for_files(1).await;
}
