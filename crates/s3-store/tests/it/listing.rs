//! Listing: byte order, prefixes, delimiters, pages.

use http::Method;

use crate::support::TestStore;
use crate::support::request::Answer;

async fn store_with(keys: &[&str]) -> TestStore {
    let store = TestStore::start().await;
    futures::future::join_all(keys.iter().map(|key| store.put(key, *key))).await;
    store
}

async fn list(store: &TestStore, query: &[(&str, &str)]) -> Answer {
    let mut request = store.request(Method::GET, "/photos");
    for (name, value) in query {
        request = request.query(name, value);
    }
    let answer = request.send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

/// All keys and common prefixes, page by page.
async fn pages(store: &TestStore, query: &[(&str, &str)]) -> (Vec<String>, Vec<String>, usize) {
    let (mut keys, mut prefixes, mut count) = (vec![], vec![], 0);
    let mut token = String::new();
    loop {
        let mut query = [query, &[("list-type", "2")]].concat();
        if !token.is_empty() {
            query.push(("continuation-token", token.as_str()));
        }
        let page = list(store, &query).await;
        let (page_keys, page_prefixes) = (page.all("Key"), common_prefixes(&page));
        assert_eq!(page.first("KeyCount"), (page_keys.len() + page_prefixes.len()).to_string());
        keys.extend(page_keys);
        prefixes.extend(page_prefixes);
        count += 1;
        if page.first("IsTruncated") != "true" {
            return (keys, prefixes, count);
        }
        token = page.first("NextContinuationToken");
    }
}

fn common_prefixes(page: &Answer) -> Vec<String> {
    page.all("CommonPrefixes").iter().map(|inner| inner.replace("<Prefix>", "").replace("</Prefix>", "")).collect()
}

const KEYS: [&str; 10] = ["a", "b/1", "b/2", "b/c/3", "b0", "c/1", "c/2", "d", "é", "日"];

#[tokio::test]
async fn everything_is_listed_in_byte_order_whatever_the_page_size() {
    let store = store_with(&KEYS).await;
    for size in 1..=11_usize {
        let (keys, prefixes, count) = pages(&store, &[("max-keys", &size.to_string())]).await;
        assert_eq!((keys.as_slice(), prefixes.len()), (KEYS.map(str::to_owned).as_slice(), 0), "pages of {size}");
        assert_eq!(count, KEYS.len().div_ceil(size));
    }
}

#[tokio::test]
async fn a_delimiter_rolls_keys_up_whatever_the_page_size() {
    let store = store_with(&KEYS).await;
    for size in 1..=8_usize {
        let (keys, prefixes, count) = pages(&store, &[("delimiter", "/"), ("max-keys", &size.to_string())]).await;
        assert_eq!(keys, ["a", "b0", "d", "é", "日"], "pages of {size}");
        assert_eq!(prefixes, ["b/", "c/"], "pages of {size}");
        assert_eq!(count, 7_usize.div_ceil(size));
    }
    let (keys, prefixes, _) = pages(&store, &[("delimiter", "/"), ("prefix", "b/")]).await;
    assert_eq!((keys, prefixes), (vec!["b/1".to_owned(), "b/2".to_owned()], vec!["b/c/".to_owned()]));
    let (keys, prefixes, _) = pages(&store, &[("delimiter", "/c/")]).await;
    assert_eq!((keys.len(), prefixes), (9, vec!["b/c/".to_owned()]));
}

#[tokio::test]
async fn a_prefix_and_a_start_narrow_the_list() {
    let store = store_with(&KEYS).await;
    assert_eq!(pages(&store, &[("prefix", "b")]).await.0, ["b/1", "b/2", "b/c/3", "b0"]);
    assert_eq!(pages(&store, &[("prefix", "é")]).await.0, ["é"]);
    assert_eq!(pages(&store, &[("prefix", "x")]).await.0, Vec::<String>::new());
    assert_eq!(pages(&store, &[("start-after", "c/1")]).await.0, ["c/2", "d", "é", "日"]);
    assert_eq!(pages(&store, &[("start-after", "a"), ("prefix", "c/")]).await.0, ["c/1", "c/2"]);
    assert_eq!(pages(&store, &[("start-after", "d"), ("prefix", "c/")]).await.0, Vec::<String>::new());
    let none = list(&store, &[("list-type", "2"), ("max-keys", "0")]).await;
    assert_eq!((none.all("Key").len(), none.first("IsTruncated").as_str()), (0, "false"));
}

#[tokio::test]
async fn the_first_version_pages_by_marker() {
    let store = store_with(&KEYS).await;
    let page = list(&store, &[("max-keys", "3"), ("delimiter", "/")]).await;
    assert_eq!(
        (page.all("Key"), common_prefixes(&page)),
        (vec!["a".to_owned(), "b0".to_owned()], vec!["b/".to_owned()])
    );
    assert_eq!(page.first("NextMarker"), "b0");
    let page = list(&store, &[("max-keys", "2"), ("delimiter", "/"), ("marker", "b/")]).await;
    assert_eq!((page.all("Key"), common_prefixes(&page)), (vec!["b0".to_owned()], vec!["c/".to_owned()]));
    let rest = list(&store, &[("marker", "c/2")]).await;
    assert_eq!(rest.all("Key"), ["d", "é", "日"]);
}

#[tokio::test]
async fn keys_can_be_encoded_for_xml() {
    let store = store_with(&["a b+c/ü", "a b+c/x/1"]).await;
    let page =
        list(&store, &[("list-type", "2"), ("encoding-type", "url"), ("delimiter", "/"), ("prefix", "a b+c/")]).await;
    assert_eq!((page.first("EncodingType"), page.all("Key")), ("url".to_owned(), vec!["a%20b%2Bc/%C3%BC".to_owned()]));
    assert_eq!(common_prefixes(&page), ["a%20b%2Bc/x/"]);
}

#[tokio::test]
async fn an_entry_says_what_the_object_is() {
    let store = store_with(&["a"]).await;
    let page = list(&store, &[("list-type", "2"), ("fetch-owner", "true")]).await;
    assert_eq!((page.first("Size"), page.first("StorageClass")), ("1".to_owned(), "STANDARD".to_owned()));
    assert_eq!(page.first("ETag"), store.head("a").await.header("etag"));
    assert!(page.first("LastModified").ends_with('Z') && page.text().contains("<Owner>"), "{}", page.text());
}

#[tokio::test]
async fn nonsense_is_refused() {
    let store = store_with(&[]).await;
    for (name, value) in
        [("continuation-token", "%%%"), ("max-keys", "-1"), ("max-keys", "x"), ("encoding-type", "gzip")]
    {
        let answer = store.request(Method::GET, "/photos").query("list-type", "2").query(name, value).send().await;
        assert_eq!(answer.error(), (400, "InvalidArgument".to_owned()), "{name}={value}");
    }
}
