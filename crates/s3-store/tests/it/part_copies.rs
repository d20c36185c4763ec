//! Parts that are copied from objects of the store.

use http::Method;
use md5::{Digest, Md5};

use crate::support::request::Answer;
use crate::support::upload::Upload;
use crate::support::{TestStore, path_of};

const PART: usize = 5 * 1024 * 1024;

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i as u32).wrapping_mul(2_654_435_761) as u8 ^ (i >> 8) as u8).collect()
}

async fn copy(upload: &Upload<'_>, number: usize, source: &str, headers: &[(&str, &str)]) -> Answer {
    let part = upload.store.request(Method::PUT, &path_of("big")).query("partNumber", &number.to_string());
    let mut part = part.query("uploadId", &upload.id).header("x-amz-copy-source", source);
    for (name, value) in headers {
        part = part.header(&format!("x-amz-copy-source-{name}"), value);
    }
    part.send().await
}

#[tokio::test]
async fn an_object_is_put_together_from_pieces_of_others() {
    let store = TestStore::start().await;
    let source = bytes(2 * PART + 100);
    store.put("a b/ü", source.clone()).await;
    store.put("empty", "").await;
    let upload = Upload::create(&store, &[]).await;
    let encoded = "/photos/a%20b%2F%C3%BC";
    let first = copy(&upload, 1, encoded, &[("range", &format!("bytes=3-{}", PART + 2))]).await;
    assert_eq!((first.status.as_u16(), first.text().contains("<CopyPartResult")), (200, true), "{}", first.text());
    let tag = |bytes: &[u8]| format!("\"{}\"", hex::encode(Md5::digest(bytes)));
    assert_eq!(first.first("ETag"), tag(&source[3..PART + 3]));
    assert!(first.first("LastModified").ends_with('Z'));
    let second = copy(&upload, 2, "photos/a%20b/%C3%BC?versionId=null", &[]).await;
    assert_eq!(second.first("ETag"), tag(&source));
    let third = copy(&upload, 3, "photos/empty", &[]).await;
    assert_eq!(third.first("ETag"), tag(b""));
    let tags = [first.first("ETag"), second.first("ETag"), third.first("ETag")];
    let completed = upload.complete(&[(1, &tags[0]), (2, &tags[1]), (3, &tags[2])]).await;
    assert_eq!(completed.status, 200, "{}", completed.text());
    // The parts are copies: what they were copied from may go.
    store.delete("a b/ü").await;
    store.wait_for_files(4).await;
    assert!(store.get("big").await.body == [&source[3..PART + 3], &source].concat(), "the bytes differ");
}

#[tokio::test]
async fn a_multipart_object_is_copied_across_its_parts() {
    let store = TestStore::start().await;
    let whole = bytes(PART + 1000);
    let upload = Upload::create(&store, &[]).await;
    let parts = [upload.put(1, &whole[..PART]).await, upload.put(2, &whole[PART..]).await];
    upload.complete(&[(1, parts[0].header("etag")), (2, parts[1].header("etag"))]).await;
    let again = Upload::create(&store, &[("x-amz-checksum-algorithm", "SHA256")]).await;
    let copied = copy(&again, 1, "photos/big", &[("range", &format!("bytes={}-{}", PART - 10, PART + 9))]).await;
    assert!(!copied.first("ChecksumSHA256").is_empty(), "{}", copied.text());
    assert_eq!(again.complete(&[(1, &copied.first("ETag"))]).await.status, 200);
    assert!(store.get("big").await.body == whole[PART - 10..PART + 10], "the bytes differ");
}

#[tokio::test]
async fn a_range_lies_within_the_source() {
    let store = TestStore::start().await;
    store.put("a", "0123456789").await;
    let upload = Upload::create(&store, &[]).await;
    let odd = [
        "bytes=0-10",
        "bytes=10-10",
        "bytes=5-2",
        "bytes=-3",
        "bytes=3-",
        "bytes=0-1,3-4",
        "0-1",
        "bytes 0-1",
        "bytes=+0-1",
        "bytes=0x0-1",
        "bytes=0-99999999999999999999999",
    ];
    for range in odd {
        let refused = copy(&upload, 1, "photos/a", &[("range", range)]).await;
        assert_eq!(refused.error(), (400, "InvalidArgument".to_owned()), "{range}");
    }
    assert_eq!(upload.list(&[]).await.all("PartNumber"), Vec::<String>::new());
    store.wait_for_files(1).await;
    assert_eq!(copy(&upload, 1, "photos/a", &[("range", "bytes=0-9")]).await.status, 200);
}

#[tokio::test]
async fn a_part_is_copied_only_of_what_was_meant() {
    let store = TestStore::start().await;
    let etag = store.put("a", "x").await.header("etag").to_owned();
    let upload = Upload::create(&store, &[]).await;
    let past = "Wed, 21 Oct 2015 07:28:00 GMT";
    for (name, value) in [("if-match", "\"other\""), ("if-none-match", etag.as_str()), ("if-unmodified-since", past)] {
        let refused = copy(&upload, 1, "photos/a", &[(name, value)]).await;
        assert_eq!(refused.error(), (412, "PreconditionFailed".to_owned()), "{name}");
    }
    let sources = [
        ("photos/none", 404, "NoSuchKey"),
        ("elsewhere/a", 404, "NoSuchBucket"),
        ("photos/a?versionId=3HL4kqtJlcpXroDTDmJ", 404, "NoSuchVersion"),
        ("photos/../photos/a", 404, "NoSuchKey"),
        ("photos/%2e%2e/a", 404, "NoSuchKey"),
        ("photos", 400, "InvalidArgument"),
        ("photos/", 400, "InvalidArgument"),
        ("/", 400, "InvalidArgument"),
        ("photos/a%00", 400, "InvalidArgument"),
        ("photos/%ff", 400, "InvalidArgument"),
    ];
    for (source, status, code) in sources {
        assert_eq!(copy(&upload, 1, source, &[]).await.error(), (status, code.to_owned()), "{source}");
    }
    assert_eq!(copy(&upload, 0, "photos/a", &[]).await.error(), (400, "InvalidArgument".to_owned()));
    assert_eq!(copy(&upload, 10_001, "photos/a", &[]).await.error(), (400, "InvalidArgument".to_owned()));
    let gone = Upload { store: &store, id: "0192f0c0f0c07000800000000000000a".to_owned() };
    assert_eq!(copy(&gone, 1, "photos/a", &[]).await.error(), (404, "NoSuchUpload".to_owned()));
    assert_eq!(upload.list(&[]).await.all("PartNumber"), Vec::<String>::new());
    assert_eq!(copy(&upload, 1, "photos/a", &[("if-match", &etag)]).await.status, 200);
}

#[tokio::test]
async fn no_url_for_a_part_becomes_a_copy() {
    let store = TestStore::start().await;
    store.put("secret", "private").await;
    let upload = Upload::create(&store, &[]).await;
    let part = store.request(Method::PUT, &path_of("big")).query("partNumber", "1").query("uploadId", &upload.id);
    let theft = part.unsigned_header("x-amz-copy-source", "photos/secret").send().await;
    assert_eq!(theft.error(), (403, "AccessDenied".to_owned()));
    assert_eq!(upload.list(&[]).await.all("PartNumber"), Vec::<String>::new());
}
