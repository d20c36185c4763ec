//! GetObjectAttributes: what an object is and what it was made of, without its bytes.

use http::Method;

use crate::support::request::Answer;
use crate::support::upload::Upload;
use crate::support::{TestStore, path_of};

const PART: usize = 5 * 1024 * 1024;

async fn attributes(store: &TestStore, wanted: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = store.request(Method::GET, &path_of("big")).query("attributes", "");
    request = request.header("x-amz-object-attributes", wanted);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send().await
}

#[tokio::test]
async fn only_what_was_asked_for_is_told() {
    let store = TestStore::start().await;
    assert_eq!(attributes(&store, "ETag", &[]).await.error(), (404, "NoSuchKey".to_owned()));
    let put = store.put("big", "12345").await;
    let some = attributes(&store, "ETag,ObjectSize", &[]).await;
    assert_eq!(some.status, 200, "{}", some.text());
    let etag = put.header("etag").trim_matches('"').to_owned();
    assert_eq!((some.first("ETag").trim_matches('"'), some.first("ObjectSize")), (etag.as_str(), "5".to_owned()));
    assert!(!some.text().contains("Checksum") && !some.text().contains("StorageClass"), "{}", some.text());
    assert!(some.header("last-modified").ends_with("GMT"));
    let rest = attributes(&store, "Checksum,StorageClass,ObjectParts", &[]).await;
    assert_eq!(rest.first("ChecksumCRC64NVME"), put.header("x-amz-checksum-crc64nvme"));
    assert_eq!((rest.first("StorageClass"), rest.text().contains("ObjectParts")), ("STANDARD".to_owned(), false));
}

#[tokio::test]
async fn the_parts_are_told_in_pages() {
    let store = TestStore::start().await;
    let upload = Upload::create(&store, &[("x-amz-checksum-algorithm", "CRC32")]).await;
    let (large, small) = (vec![1; PART], vec![2; 7]);
    let tags = [upload.put(3, &large).await, upload.put(9, &small).await].map(|part| part.header("etag").to_owned());
    upload.complete(&[(3, &tags[0]), (9, &tags[1])]).await;
    let first = attributes(&store, "ObjectParts", &[("x-amz-max-parts", "1")]).await;
    let seen =
        ["PartsCount", "PartNumber", "Size", "IsTruncated", "NextPartNumberMarker"].map(|name| first.first(name));
    assert_eq!(seen, ["2", "1", "5242880", "true", "1"], "{}", first.text());
    assert!(!first.first("ChecksumCRC32").is_empty());
    let second = attributes(&store, "ObjectParts", &[("x-amz-part-number-marker", "1")]).await;
    let seen = ["PartNumber", "Size", "IsTruncated"].map(|name| second.first(name));
    assert_eq!(seen, ["2", "7", "false"], "{}", second.text());
    let none = attributes(&store, "ObjectParts", &[("x-amz-max-parts", "0")]).await;
    assert_eq!(none.first("IsTruncated"), "false", "or clients ask for ever");
}
