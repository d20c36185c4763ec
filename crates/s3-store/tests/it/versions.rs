//! Versions, where there are none: every object is the version `null`.

use http::Method;

use crate::support::request::Answer;
use crate::support::{TestStore, path_of};

async fn list(store: &TestStore, query: &[(&str, &str)]) -> Answer {
    let mut request = store.request(Method::GET, "/photos").query("versions", "");
    for (name, value) in query {
        request = request.query(name, value);
    }
    request.send().await
}

#[tokio::test]
async fn every_object_is_listed_as_its_latest_version() {
    let store = TestStore::start().await;
    for key in ["a", "dir/1", "dir/2", "ü b"] {
        store.put(key, "12345").await;
    }
    let all = list(&store, &[]).await;
    assert_eq!(all.status, 200, "{}", all.text());
    assert_eq!(all.all("Key"), ["a", "dir/1", "dir/2", "ü b"]);
    assert_eq!((all.all("VersionId"), all.all("IsLatest")), (vec!["null".to_owned(); 4], vec!["true".to_owned(); 4]));
    assert_eq!(
        (all.first("Size"), all.first("ETag")),
        ("5".to_owned(), store.head("a").await.header("etag").to_owned())
    );
    assert_eq!((all.first("StorageClass"), all.first("IsTruncated")), ("STANDARD".to_owned(), "false".to_owned()));
    assert!(all.text().contains("<ListVersionsResult") && all.text().contains("<Version>"), "{}", all.text());

    let encoded = list(&store, &[("encoding-type", "url"), ("prefix", "ü")]).await;
    assert_eq!((encoded.all("Key"), encoded.first("Prefix")), (vec!["%C3%BC%20b".to_owned()], "%C3%BC".to_owned()));
    assert_eq!(list(&store, &[("prefix", "dir/")]).await.all("Key"), ["dir/1", "dir/2"]);
    let none = list(&store, &[("max-keys", "0")]).await;
    assert_eq!((none.all("Key").len(), none.first("IsTruncated").as_str()), (0, "false"));
}

#[tokio::test]
async fn versions_are_listed_in_pages() {
    let store = TestStore::start().await;
    for key in ["a", "b/1", "b/2", "c", "d"] {
        store.put(key, "x").await;
    }
    for size in ["1", "2", "3"] {
        let (mut keys, mut prefixes) = (vec![], vec![]);
        let mut next: Vec<(&str, String)> = vec![];
        loop {
            let mut query = vec![("delimiter", "/"), ("max-keys", size)];
            query.extend(next.iter().map(|(name, value)| (*name, value.as_str())));
            let page = list(&store, &query).await;
            keys.extend(page.all("Key"));
            prefixes.extend(page.all("CommonPrefixes"));
            if page.first("IsTruncated") != "true" {
                break;
            }
            next = vec![("key-marker", page.first("NextKeyMarker"))];
            if page.text().contains("<NextVersionIdMarker>") {
                next.push(("version-id-marker", page.first("NextVersionIdMarker")));
            }
        }
        assert_eq!(keys, ["a", "c", "d"], "pages of {size}");
        assert_eq!(prefixes, ["<Prefix>b/</Prefix>"], "pages of {size}");
    }
    let refused = list(&store, &[("version-id-marker", "null")]).await;
    assert_eq!(refused.error(), (400, "InvalidArgument".to_owned()));
    let elsewhere = store.request(Method::GET, "/elsewhere").query("versions", "").send().await;
    assert_eq!(elsewhere.error(), (404, "NoSuchBucket".to_owned()));
}

#[tokio::test]
async fn a_version_is_the_object_or_does_not_exist() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let of = |method: Method, version: &str| store.request(method, &path_of("a")).query("versionId", version).send();
    for method in [Method::GET, Method::HEAD, Method::DELETE] {
        for (version, status) in [("3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY", 404), ("", 400), ("a b", 400), ("../a", 400)] {
            let refused = of(method.clone(), version).await;
            assert_eq!(refused.status, status, "{method} {version}");
            let code = if status == 404 { "NoSuchVersion" } else { "InvalidArgument" };
            assert!(method == Method::HEAD || refused.first("Code") == code, "{method} {version}: {}", refused.text());
        }
    }
    assert_eq!(of(Method::GET, "null").await.text(), "x");
    assert_eq!(of(Method::HEAD, "null").await.header("content-length"), "1");
    let copy = |source: &str| store.request(Method::PUT, &path_of("b")).header("x-amz-copy-source", source).send();
    assert_eq!(copy("photos/a?versionId=3HL4kqtJlcpXroDTDmJ").await.error(), (404, "NoSuchVersion".to_owned()));
    assert_eq!(copy("photos/a?versionId=a%20b").await.error(), (400, "InvalidArgument".to_owned()));
    assert_eq!(copy("photos/a?versionId=null").await.status, 200);
    assert_eq!(of(Method::DELETE, "null").await.status, 204);
    assert_eq!(store.keys().await, ["b"]);
}
