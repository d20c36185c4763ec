//! Tags come with an object or afterwards, follow it to its copies, and change nothing else of it.

use http::Method;

use crate::support::{BUCKET, TestStore, path_of};

const TWO: &str = "<Tagging><TagSet><Tag><Key>Project</Key><Value>S3 &amp; more</Value></Tag>\
                   <Tag><Key>Event</Key><Value></Value></Tag></TagSet></Tagging>";

#[tokio::test]
async fn tags_are_put_listed_replaced_and_deleted() {
    let store = TestStore::start().await;
    let etag = store.put("a", "photo").await.header("etag").to_owned();
    let modified = store.head("a").await.header("last-modified").to_owned();
    assert_eq!(tags(&store, "a").await, [""; 0]);
    assert_eq!(tag(&store, "a", TWO).await, (200, String::new()));
    assert_eq!(tags(&store, "a").await, ["Event=", "Project=S3 & more"]);
    let head = store.head("a").await;
    assert_eq!((head.header("etag"), head.header("last-modified")), (etag.as_str(), modified.as_str()));
    assert_eq!(store.get("a").await.header("x-amz-tagging-count"), "2");

    assert_eq!(tag(&store, "a", &xml(&[("Event", "wedding")])).await, (200, String::new()));
    assert_eq!(tags(&store, "a").await, ["Event=wedding"]);
    let answer = store.request(Method::DELETE, &path_of("a")).query("tagging", "").send().await;
    assert_eq!(answer.status, 204);
    assert_eq!(tags(&store, "a").await, [""; 0]);
    assert_eq!(store.get("a").await.text(), "photo");
    store.delete("a").await;
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn tags_come_with_an_upload_and_follow_it_to_its_copies() {
    let store = TestStore::start().await;
    let put = store.request(Method::PUT, &path_of("a")).header("x-amz-tagging", "Event=a%26b&x=1").body("photo");
    assert_eq!(put.send().await.status, 200);
    assert_eq!(tags(&store, "a").await, ["Event=a&b", "x=1"]);

    let source = format!("/{BUCKET}/a");
    let copy = |to: &str| store.request(Method::PUT, &path_of(to)).header("x-amz-copy-source", &source);
    assert_eq!(copy("same").send().await.status, 200);
    let renamed = copy("renamed").header("x-amz-metadata-directive", "REPLACE").header("content-type", "image/png");
    assert_eq!(renamed.send().await.status, 200);
    let retagged = copy("retagged").header("x-amz-tagging-directive", "REPLACE").header("x-amz-tagging", "y=2");
    assert_eq!(retagged.send().await.status, 200);
    assert_eq!(tags(&store, "same").await, ["Event=a&b", "x=1"]);
    assert_eq!(tags(&store, "renamed").await, ["Event=a&b", "x=1"]);
    assert_eq!(tags(&store, "retagged").await, ["y=2"]);

    assert_eq!(store.put("a", "another").await.status, 200);
    assert_eq!(tags(&store, "a").await, [""; 0], "a new object has its own");
}

#[tokio::test]
async fn tags_that_are_none_are_refused_and_change_nothing() {
    let store = TestStore::start().await;
    store.put("a", "photo").await;
    tag(&store, "a", &xml(&[("Event", "wedding")])).await;
    let (long_name, long_value) = ("n".repeat(129), "v".repeat(257));
    let names: Vec<String> = (0..11).map(|number| number.to_string()).collect();
    let eleven: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let refused = [xml(&[("", "v")]), xml(&[(&long_name, "v")]), xml(&[("n", &long_value)]), xml(&eleven)];
    for body in refused.into_iter().chain([xml(&[("n", "1"), ("n", "2")])]) {
        assert_eq!(tag(&store, "a", &body).await, (400, "InvalidTag".to_owned()), "{body}");
    }
    assert_eq!(tags(&store, "a").await, ["Event=wedding"]);
    let put = store.request(Method::PUT, &path_of("b")).header("x-amz-tagging", "n=1&n=2").body("x").send().await;
    assert_eq!(put.error(), (400, "InvalidTag".to_owned()));
    assert_eq!(tag(&store, "none", TWO).await, (404, "NoSuchKey".to_owned()));
    assert_eq!(store.keys().await, ["a"]);
}

async fn tag(store: &TestStore, key: &str, xml: &str) -> (u16, String) {
    store.request(Method::PUT, &path_of(key)).query("tagging", "").body(xml).send().await.error()
}

/// `name=value` of each, by name.
async fn tags(store: &TestStore, key: &str) -> Vec<String> {
    let answer = store.request(Method::GET, &path_of(key)).query("tagging", "").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let (names, values) = (answer.all("Key"), answer.all("Value"));
    names.into_iter().zip(values).map(|(name, value)| format!("{name}={value}")).collect()
}

fn xml(tags: &[(&str, &str)]) -> String {
    let tags = tags.iter().map(|(name, value)| format!("<Tag><Key>{name}</Key><Value>{value}</Value></Tag>"));
    format!("<Tagging><TagSet>{}</TagSet></Tagging>", tags.collect::<String>())
}
