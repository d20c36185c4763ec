//! Multipart uploads: parts in any order and any number, one object at the end.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Method;
use md5::Md5;
use sha2::{Digest, Sha256};

use crate::support::upload::Upload;
use crate::support::{TestStore, path_of};

/// The smallest part that may not be the last.
const PART: usize = 5 * 1024 * 1024;

fn bytes(seed: u8, len: usize) -> Vec<u8> {
    (0..len).map(|i| (i as u8).wrapping_mul(31).wrapping_add(seed)).collect()
}

fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", hex::encode(Md5::digest(bytes)))
}

#[tokio::test]
async fn parts_become_one_object() {
    let store = TestStore::start().await;
    let upload = Upload::create(&store, &[("content-type", "video/mp4"), ("x-amz-meta-n", "1")]).await;
    let parts = [bytes(1, PART), bytes(2, PART + 7), bytes(3, 1000)];
    // Sent in any order, with gaps between the numbers.
    for (number, part) in [(900, &parts[2]), (7, &parts[1]), (1, &parts[0])] {
        assert_eq!(upload.put(number, part).await.header("etag"), etag(part));
    }
    assert_eq!(store.get("big").await.status, 404, "an upload is not an object yet");
    let tags = parts.each_ref().map(|part| etag(part));
    let completed = upload.complete(&[(1, &tags[0]), (7, &tags[1]), (900, &tags[2])]).await;
    assert_eq!(completed.status, 200, "{}", completed.text());

    let mut md5 = Md5::new();
    parts.iter().for_each(|part| md5.update(Md5::digest(part)));
    let whole = parts.concat();
    let expected_tag = format!("\"{}-3\"", hex::encode(md5.finalize()));
    assert_eq!(completed.first("ETag"), expected_tag);
    let got = store.get("big").await;
    assert_eq!((got.header("etag"), got.header("content-type")), (expected_tag.as_str(), "video/mp4"));
    assert_eq!((got.header("x-amz-meta-n"), got.header("content-length")), ("1", whole.len().to_string().as_str()));
    assert!(got.body == whole, "the bytes differ");

    for (from, to) in [(0, 0), (PART - 3, PART + 3), (PART - 1, 2 * PART + 7), (2 * PART + 7, whole.len() - 1)] {
        let range = format!("bytes={from}-{to}");
        let got = store.request(Method::GET, &path_of("big")).header("range", &range).send().await;
        assert!(got.status == 206 && got.body == whole[from..=to], "{range}");
    }
    let part = store.request(Method::GET, &path_of("big")).query("partNumber", "2").send().await;
    assert!(part.status == 206 && part.body == parts[1] && part.header("x-amz-mp-parts-count") == "3");
    assert_eq!(upload.list(&[]).await.error(), (404, "NoSuchUpload".to_owned()));
    store.delete("big").await;
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn only_the_parts_that_were_named_are_kept() {
    let store = TestStore::start().await;
    let upload = Upload::create(&store, &[]).await;
    upload.put(1, b"first try").await;
    upload.put(1, b"second try").await;
    upload.put(2, b"not wanted").await;
    let completed = upload.complete(&[(1, &etag(b"second try"))]).await;
    assert_eq!(completed.status, 200, "{}", completed.text());
    assert_eq!(store.get("big").await.text(), "second try");
    store.wait_for_files(1).await;
}

#[tokio::test]
async fn a_completion_that_does_not_fit_changes_nothing() {
    let store = TestStore::start().await;
    store.put("big", "before").await;
    let upload = Upload::create(&store, &[]).await;
    let (one, two) = (etag(b"one"), etag(b"two"));
    upload.put(1, b"one").await;
    upload.put(2, b"two").await;
    let cases: [(&[(usize, &str)], &str); 6] = [
        (&[(1, &two)], "InvalidPart"),
        (&[(3, &one)], "InvalidPart"),
        (&[(2, &two), (1, &one)], "InvalidPartOrder"),
        (&[(1, &one), (1, &one)], "InvalidPartOrder"),
        (&[(1, &one), (2, &two)], "EntityTooSmall"),
        (&[], "MalformedXML"),
    ];
    for (parts, code) in cases {
        assert_eq!(upload.complete(parts).await.error(), (400, code.to_owned()), "{parts:?}");
    }
    assert_eq!(store.get("big").await.text(), "before");
    assert_eq!(upload.list(&[]).await.all("PartNumber"), ["1", "2"]);
    assert_eq!(upload.complete(&[(2, &two)]).await.status, 200);
    assert_eq!(store.get("big").await.text(), "two");
}

#[tokio::test]
async fn an_aborted_upload_leaves_nothing() {
    let store = TestStore::start().await;
    let upload = Upload::create(&store, &[]).await;
    upload.put(1, b"one").await;
    upload.put(2, b"two").await;
    let abort = || store.request(Method::DELETE, &path_of("big")).query("uploadId", &upload.id).send();
    assert_eq!(abort().await.status, 204);
    assert_eq!(abort().await.error(), (404, "NoSuchUpload".to_owned()));
    assert_eq!(upload.put(3, b"three").await.error(), (404, "NoSuchUpload".to_owned()));
    assert_eq!(upload.complete(&[(1, &etag(b"one"))]).await.error(), (404, "NoSuchUpload".to_owned()));
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn parts_are_checked_like_objects() {
    let store = TestStore::start().await;
    let upload = Upload::create(&store, &[]).await;
    for number in ["0", "10001"] {
        let part =
            store.request(Method::PUT, &path_of("big")).query("partNumber", number).query("uploadId", &upload.id);
        assert_eq!(part.body("x").send().await.error(), (400, "InvalidArgument".to_owned()));
    }
    let part = store.request(Method::PUT, &path_of("big")).query("partNumber", "1").query("uploadId", &upload.id);
    let wrong = part.header("x-amz-checksum-crc32", "AAAAAA==").body("x").send().await;
    assert_eq!(wrong.error(), (400, "BadDigest".to_owned()));
    assert_eq!(upload.list(&[]).await.all("PartNumber"), Vec::<String>::new());
    store.wait_for_files(0).await;
}

#[tokio::test]
async fn the_checksum_of_the_whole_follows_from_the_parts() {
    let store = TestStore::start().await;
    let parts = [bytes(1, PART), bytes(2, 99)];
    let whole = parts.concat();
    store.put("whole", whole.clone()).await;
    let enabled =
        |key: &str| store.request(Method::HEAD, &path_of(key)).header("x-amz-checksum-mode", "ENABLED").send();
    let expected = enabled("whole").await.header("x-amz-checksum-crc64nvme").to_owned();
    assert_eq!(expected.len(), 12);

    let upload = Upload::create(&store, &[]).await;
    for (number, part) in [(1, &parts[0]), (2, &parts[1])] {
        upload.put(number, part).await;
    }
    let tags = parts.each_ref().map(|part| etag(part));
    upload.complete(&[(1, &tags[0]), (2, &tags[1])]).await;
    let head = enabled("big").await;
    let seen = (head.header("x-amz-checksum-crc64nvme"), head.header("x-amz-checksum-type"));
    assert_eq!(seen, (expected.as_str(), "FULL_OBJECT"));

    // SHA-256 has no such rule: what S3 shows is the hash of the hashes.
    let upload = Upload::create(&store, &[("x-amz-checksum-algorithm", "SHA256")]).await;
    for (number, part) in [(1, &parts[0]), (2, &parts[1])] {
        upload.put(number, part).await;
    }
    upload.complete(&[(1, &tags[0]), (2, &tags[1])]).await;
    let head = enabled("big").await;
    let hashes = parts.each_ref().map(Sha256::digest).concat();
    let composite = Sha256::digest(hashes);
    let composite = BASE64_STANDARD.encode(composite);
    let seen = (head.header("x-amz-checksum-sha256"), head.header("x-amz-checksum-type"));
    assert_eq!(seen, (format!("{composite}-2").as_str(), "COMPOSITE"));
}

#[tokio::test]
async fn a_wrong_checksum_of_the_whole_is_refused() {
    let store = TestStore::start().await;
    let upload = Upload::create(&store, &[("x-amz-checksum-algorithm", "CRC64NVME")]).await;
    upload.put(1, b"123456789").await;
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
        etag(b"123456789")
    );
    let complete = |checksum: &str| {
        let complete = store.request(Method::POST, &path_of("big")).query("uploadId", &upload.id);
        complete.header("x-amz-checksum-crc64nvme", checksum).body(body.as_str()).send()
    };
    assert_eq!(complete("AAAAAAAAAAA=").await.error(), (400, "BadDigest".to_owned()));
    assert_eq!(store.get("big").await.status, 404);
    assert_eq!(complete("rosUhgp5mIg=").await.status, 200);
}

#[tokio::test]
async fn parts_and_uploads_are_listed_in_pages() {
    let store = TestStore::start().await;
    let upload = Upload::create(&store, &[]).await;
    for number in [2, 4, 9] {
        upload.put(number, format!("part {number}").as_bytes()).await;
    }
    let page = upload.list(&[("max-parts", "2")]).await;
    assert_eq!((page.all("PartNumber"), page.first("IsTruncated")), (vec!["2".into(), "4".into()], "true".to_owned()));
    assert_eq!((page.first("ETag"), page.first("Size")), (etag(b"part 2"), "6".to_owned()));
    let marker = page.first("NextPartNumberMarker");
    let page = upload.list(&[("max-parts", "2"), ("part-number-marker", &marker)]).await;
    assert_eq!((page.all("PartNumber"), page.first("IsTruncated")), (vec!["9".into()], "false".to_owned()));
    assert_eq!(upload.list(&[("max-parts", "0")]).await.first("IsTruncated"), "false", "or clients ask for ever");

    Upload::create(&store, &[]).await;
    for key in ["a", "dir/1", "dir/2", "z"] {
        store.request(Method::POST, &path_of(key)).query("uploads", "").send().await;
    }
    let (mut keys, mut prefixes) = (vec![], vec![]);
    let mut query: Vec<(&str, String)> = vec![];
    loop {
        let mut list = store.request(Method::GET, "/photos").query("uploads", "").query("max-uploads", "1");
        for (name, value) in &query {
            list = list.query(name, value);
        }
        let page = list.query("delimiter", "/").send().await;
        assert_eq!(page.status, 200, "{}", page.text());
        keys.extend(page.all("Key"));
        prefixes.extend(page.all("CommonPrefixes"));
        if page.first("IsTruncated") != "true" {
            break;
        }
        query =
            vec![("key-marker", page.first("NextKeyMarker")), ("upload-id-marker", page.first("NextUploadIdMarker"))];
    }
    assert_eq!(
        (keys, prefixes),
        (["a", "big", "big", "z"].map(str::to_owned).to_vec(), vec!["<Prefix>dir/</Prefix>".to_owned()])
    );
}

#[tokio::test]
async fn a_completion_whose_answer_was_lost_can_be_asked_for_again() {
    let store = TestStore::start().await;
    let upload = Upload::create(&store, &[]).await;
    for (number, part) in [(2, bytes(1, PART)), (5, b"end".to_vec())] {
        upload.put(number, &part).await;
    }
    let tags = [etag(&bytes(1, PART)), etag(b"end")];
    let same = [(2, tags[0].as_str()), (5, tags[1].as_str())];
    let first = upload.complete(&same).await;
    let modified = store.head("big").await.header("last-modified").to_owned();
    for _ in 0..2 {
        let again = upload.complete(&same).await;
        assert_eq!((again.status, again.text()), (first.status, first.text()));
    }
    assert_eq!(store.head("big").await.header("last-modified"), modified);
    let id = upload.id.clone();
    let store = store.restart().await;
    let upload = Upload { store: &store, id };
    assert_eq!(upload.complete(&same).await.status, 200);

    // What was not said before is not taken for a repetition, nor is anything once the object is another one.
    let gone = (404, "NoSuchUpload".to_owned());
    assert_eq!(upload.complete(&same[..1]).await.error(), gone);
    assert_eq!(upload.complete(&[(2, &tags[0]), (6, &tags[1])]).await.error(), gone);
    assert_eq!(upload.complete(&[]).await.error(), gone);
    store.put("big", "another").await;
    assert_eq!(upload.complete(&same).await.error(), gone);
    assert_eq!(store.get("big").await.text(), "another");
    store.delete("big").await;
    assert_eq!(upload.complete(&same).await.error(), gone);
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn an_upload_without_parts_becomes_nothing() {
    let store = TestStore::start().await;
    let upload = Upload::create(&store, &[]).await;
    assert_eq!(upload.complete(&[]).await.error(), (400, "MalformedXML".to_owned()));
    let complete = |body: &str| {
        let request = store.request(Method::POST, &path_of("big")).query("uploadId", &upload.id);
        request.body(body).send()
    };
    for body in ["nonsense", "<Other/>", "<CompleteMultipartUpload><Part/></CompleteMultipartUpload>"] {
        assert_eq!(complete(body).await.error(), (400, "MalformedXML".to_owned()), "{body}");
    }
    assert_eq!(complete("").await.status, 400);
    assert_eq!(store.keys().await, Vec::<String>::new());
    assert_eq!(upload.put(10_000, b"").await.status, 200);
    assert_eq!(upload.complete(&[(10_000, &etag(b""))]).await.status, 200);
    assert_eq!(store.head("big").await.header("content-length"), "0");
}

#[tokio::test]
async fn a_completion_says_where_the_object_is() {
    let store = TestStore::start().await;
    let key = "a b/ü?&<x>";
    let created = store.request(Method::POST, &path_of(key)).query("uploads", "").send().await;
    assert_eq!((created.first("Bucket"), created.first("Key")), ("photos".to_owned(), key.to_owned()));
    let id = created.first("UploadId");
    let part = store.request(Method::PUT, &path_of(key)).query("partNumber", "1").query("uploadId", &id);
    let tag = part.body("x").send().await.header("etag").to_owned();
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{tag}</ETag></Part></CompleteMultipartUpload>"
    );
    let completed = store.request(Method::POST, &path_of(key)).query("uploadId", &id).body(body).send().await;
    let seen = ["Location", "Bucket", "Key"].map(|name| completed.first(name));
    assert_eq!(seen, ["/photos/a%20b/%C3%BC%3F%26%3Cx%3E", "photos", key]);
}

#[tokio::test]
async fn an_upload_belongs_to_its_key() {
    let store = TestStore::start().await;
    let upload = Upload::create(&store, &[]).await;
    upload.put(1, b"one").await;
    let gone = (404, "NoSuchUpload".to_owned());
    let of_other = |method: Method| store.request(method, &path_of("other")).query("uploadId", &upload.id);
    assert_eq!(of_other(Method::PUT).query("partNumber", "1").body("x").send().await.error(), gone);
    assert_eq!(of_other(Method::GET).send().await.error(), gone);
    assert_eq!(of_other(Method::DELETE).send().await.error(), gone);
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
        etag(b"one")
    );
    assert_eq!(of_other(Method::POST).body(body).send().await.error(), gone);
    for id in ["", "../../x", "' OR 1=1", "\u{1}"] {
        let upload = Upload { store: &store, id: id.to_owned() };
        assert_eq!(upload.put(1, b"x").await.error(), gone, "{id:?}");
    }
    assert_eq!(upload.complete(&[(1, &etag(b"one"))]).await.status, 200);
    assert_eq!(store.keys().await, ["big"]);
}
