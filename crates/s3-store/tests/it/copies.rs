//! Copies: conditional, with new or old headers, and sharing their bytes on disk.

use http::Method;

use crate::support::{TestStore, path_of};

const PUT: Method = Method::PUT;

#[tokio::test]
async fn a_copy_is_an_object_of_its_own_that_shares_the_bytes() {
    let store = TestStore::start().await;
    let put = store.request(PUT, &path_of("a ü")).header("content-type", "image/png").header("x-amz-meta-n", "1");
    let etag = put.body("bytes").send().await.header("etag").to_owned();
    let copy = store.request(PUT, &path_of("b")).header("x-amz-copy-source", "/photos/a%20%C3%BC").send().await;
    assert_eq!((copy.status.as_u16(), copy.first("ETag")), (200, etag.clone()), "{}", copy.text());
    let got = store.get("b").await;
    assert_eq!(
        (got.header("content-type"), got.header("x-amz-meta-n"), got.text().as_str()),
        ("image/png", "1", "bytes")
    );
    assert_eq!(store.files().len(), 1, "a copy needs no second file");

    store.put("a ü", "new").await;
    assert_eq!(store.get("b").await.text(), "bytes");
    store.delete("a ü").await;
    assert_eq!(store.get("b").await.text(), "bytes");
    store.delete("b").await;
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn a_copy_can_bring_headers_of_its_own() {
    let store = TestStore::start().await;
    let put = store.request(PUT, &path_of("a")).header("content-type", "text/plain").header("x-amz-meta-old", "1");
    put.body("x").send().await;
    let replace = |key: &str| {
        let copy = store.request(PUT, &path_of(key)).header("x-amz-copy-source", "photos/a");
        copy.header("x-amz-metadata-directive", "REPLACE")
            .header("content-type", "image/png")
            .header("x-amz-meta-new", "2")
    };
    for key in ["b", "a"] {
        let copy = replace(key).send().await;
        assert_eq!(copy.status, 200, "{}", copy.text());
        let got = store.get(key).await;
        let seen = (got.header("content-type"), got.header("x-amz-meta-old"), got.header("x-amz-meta-new"));
        assert_eq!((seen, got.text().as_str()), (("image/png", "", "2"), "x"));
    }
    let nothing_new = store.request(PUT, &path_of("a")).header("x-amz-copy-source", "photos/a").send().await;
    assert_eq!(nothing_new.error(), (400, "InvalidRequest".to_owned()));
}

#[tokio::test]
async fn a_copy_is_made_only_of_the_bytes_that_were_meant() {
    let store = TestStore::start().await;
    let etag = store.put("a", "verified").await.header("etag").to_owned();
    let copy = |condition: &str, value: &str| {
        let copy = store.request(PUT, &path_of("b")).header("x-amz-copy-source", "photos/a");
        copy.header(&format!("x-amz-copy-source-{condition}"), value).send()
    };
    store.put("a", "swapped").await;
    assert_eq!(copy("if-match", &etag).await.error(), (412, "PreconditionFailed".to_owned()));
    assert_eq!(store.keys().await, ["a"]);
    assert_eq!(copy("if-none-match", &etag).await.status, 200);
    let etag = store.put("a", "verified").await.header("etag").to_owned();
    assert_eq!(copy("if-match", &etag).await.status, 200);
    assert_eq!(copy("if-none-match", &etag).await.error(), (412, "PreconditionFailed".to_owned()));
    assert_eq!(copy("if-unmodified-since", "Wed, 21 Oct 2015 07:28:00 GMT").await.status, 412);
    assert_eq!(store.get("b").await.text(), "verified");
}

#[tokio::test]
async fn a_copy_replaces_only_what_it_was_meant_to_replace() {
    let store = TestStore::start().await;
    store.put("a", "new").await;
    let etag = store.put("b", "old").await.header("etag").to_owned();
    let copy = |key: &str, condition: &str, value: &str| {
        let copy = store.request(PUT, &path_of(key)).header("x-amz-copy-source", "photos/a");
        copy.header(condition, value).send()
    };
    assert_eq!(copy("b", "if-none-match", "*").await.error(), (412, "PreconditionFailed".to_owned()));
    assert_eq!(copy("b", "if-match", "\"stale\"").await.error(), (412, "PreconditionFailed".to_owned()));
    assert_eq!(copy("c", "if-match", &etag).await.error(), (404, "NoSuchKey".to_owned()));
    assert_eq!(copy("b", "if-match", "\"open").await.error(), (400, "InvalidArgument".to_owned()));
    assert_eq!((store.get("b").await.text(), store.keys().await.len()), ("old".to_owned(), 2));
    assert_eq!(copy("c", "if-none-match", "*").await.status, 200);
    assert_eq!(copy("b", "if-match", &etag).await.status, 200);
    assert_eq!(store.get("b").await.text(), "new");
}

#[tokio::test]
async fn a_copy_of_nothing_says_so() {
    let store = TestStore::start().await;
    let copy = |source: &str| store.request(PUT, &path_of("b")).header("x-amz-copy-source", source).send();
    assert_eq!(copy("photos/none").await.error(), (404, "NoSuchKey".to_owned()));
    assert_eq!(copy("elsewhere/none").await.error(), (404, "NoSuchBucket".to_owned()));
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn copies_and_changes_of_the_source_never_mix() {
    let store = TestStore::start().await;
    let etag = store.put("a", "one").await.header("etag").to_owned();
    let copy = |n: usize| {
        let copy = store.request(PUT, &path_of(&format!("copy-{n}"))).header("x-amz-copy-source", "photos/a");
        let copy = copy.header("x-amz-copy-source-if-match", &etag);
        async move { (n, copy.send().await.status.as_u16()) }
    };
    let change = store.put("a", "two");
    let (copied, _) = futures::future::join(futures::future::join_all((0..16).map(copy)), change).await;
    for (n, status) in copied {
        let got = store.get(&format!("copy-{n}")).await;
        match status {
            200 => assert_eq!(got.text(), "one"),
            412 => assert_eq!(got.status, 404),
            other => panic!("{other}"),
        }
    }
}
