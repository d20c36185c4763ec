//! Buckets: made, listed, looked up and deleted when empty.

use bytes::Bytes;
use futures::FutureExt;
use http::{Method, Request};
use http_body_util::Empty;

use crate::support::{TestStore, eventually};

const PUT: Method = Method::PUT;
const GET: Method = Method::GET;

#[tokio::test]
async fn buckets_are_made_listed_and_deleted() {
    let store = TestStore::start().await;
    let configuration =
        "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>";
    let made = store.request(PUT, "/second.bucket").body(configuration).send_header_signed().await;
    assert_eq!(made.status, 200, "{}", made.text());
    let again = store.request(PUT, "/second.bucket").send().await;
    assert_eq!(again.error(), (409, "BucketAlreadyOwnedByYou".to_owned()));

    let listed = store.request(GET, "/").send().await;
    assert_eq!(listed.all("Name"), ["photos", "second.bucket"]);
    assert_eq!(store.request(Method::HEAD, "/second.bucket").send().await.status, 200);
    assert_eq!(store.request(Method::HEAD, "/third").send().await.status, 404);
    let location = store.request(GET, "/photos").query("location", "").send().await;
    assert!(location.text().contains(">eu-central-1</LocationConstraint>"), "{}", location.text());

    assert_eq!(store.request(Method::DELETE, "/second.bucket").send().await.status, 204);
    let gone = store.request(Method::DELETE, "/second.bucket").send().await;
    assert_eq!(gone.error(), (404, "NoSuchBucket".to_owned()));
}

#[tokio::test]
async fn a_bucket_with_something_in_it_stays() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let delete = || store.request(Method::DELETE, "/photos").send();
    assert_eq!(delete().await.error(), (409, "BucketNotEmpty".to_owned()));
    store.delete("a").await;
    store.request(Method::POST, "/photos/b").query("uploads", "").send().await;
    assert_eq!(delete().await.error(), (409, "BucketNotEmpty".to_owned()));
    assert_eq!(store.request(GET, "/").send().await.all("Name"), ["photos"]);
}

#[tokio::test]
async fn a_bucket_is_there_though_its_client_goes_away_before_the_answer() {
    let store = TestStore::start().await;
    let request = |method, target: &str| {
        let request = Request::builder().method(method).uri(format!("http://{}{target}", store.addr));
        request.body(Empty::<Bytes>::new()).expect("a request")
    };
    let making = store.store.call(request(PUT, &store.request(PUT, "/second").target()));
    assert!(making.now_or_never().is_none(), "answered at once");
    let (of_second, _) = request(GET, "/second").into_parts();
    eventually("the bucket", || store.store.is_for_store(&of_second)).await;
    assert_eq!(store.request(Method::HEAD, "/second").send().await.status, 200);

    let deleting = store.store.call(request(Method::DELETE, &store.request(Method::DELETE, "/second").target()));
    assert!(deleting.now_or_never().is_none(), "answered at once");
    eventually("the bucket to go", || !store.store.is_for_store(&of_second)).await;
}

#[tokio::test]
async fn a_bucket_cannot_hide_a_route_of_the_host_or_break_the_naming_rules() {
    let store = TestStore::start().await;
    let long = "b".repeat(64);
    let bad = [
        "api",
        "assets",
        "ab",
        "UPPER",
        "under_score",
        "..",
        "192.168.0.1",
        "a..b",
        "-ab",
        "ab-",
        ".ab",
        "ab.",
        "xn--ab",
        "a b",
        "ü-b",
        "a%2fb",
        &long,
    ];
    for name in bad {
        let made = store.request(PUT, &format!("/{name}")).send().await;
        assert_eq!(made.error(), (400, "InvalidBucketName".to_owned()), "{name}");
    }
    assert_eq!(store.request(GET, "/").send().await.all("Name"), ["photos"]);
}
