//! Deletions: one object or many, and only those that were meant.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Method;
use md5::Md5;
use sha2::{Digest, Sha256};

use crate::support::request::Answer;
use crate::support::{TestStore, path_of};

const DELETE: Method = Method::DELETE;

#[tokio::test]
async fn many_objects_are_deleted_in_one_request() {
    let store = TestStore::start().await;
    for key in ["a", "b&c", "keep"] {
        store.put(key, "x").await;
    }
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;c</Key></Object>\
                <Object><Key>never there</Key></Object></Delete>";
    let path = "/photos";
    let deleted = store.request(Method::POST, path).query("delete", "").body(body).send_header_signed().await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    assert_eq!(deleted.all("Key"), ["a", "b&c", "never there"]);
    assert_eq!(store.keys().await, ["keep"]);
    store.wait_for_files(1).await;

    let quiet = "<Delete><Quiet>true</Quiet><Object><Key>keep</Key></Object></Delete>";
    let deleted = store.request(Method::POST, path).query("delete", "").body(quiet).send_header_signed().await;
    assert_eq!((deleted.status.as_u16(), deleted.all("Key")), (200, vec![]));
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn a_delete_of_another_version_deletes_nothing() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let delete = |version: &str| store.request(DELETE, &path_of("a")).query("versionId", version).send();
    assert_eq!(delete("3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY").await.error(), (404, "NoSuchVersion".to_owned()));
    assert_eq!(store.get("a").await.text(), "x");
    // The version that every object of a bucket without versions is.
    assert_eq!(delete("null").await.status, 204);
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn a_delete_whose_condition_does_not_hold_deletes_nothing() {
    let store = TestStore::start().await;
    let etag = store.put("a", "x").await.header("etag").to_owned();
    let delete = |name: &str, value: &str| store.request(DELETE, &path_of("a")).header(name, value).send();
    assert_eq!(delete("if-match", "\"stale\"").await.error(), (412, "PreconditionFailed".to_owned()));
    let unknown = (501, "NotImplemented".to_owned());
    assert_eq!(delete("x-amz-if-match-size", "99").await.error(), unknown);
    assert_eq!(delete("x-amz-if-match-last-modified-time", "Wed, 21 Oct 2015 07:28:00 GMT").await.error(), unknown);
    assert_eq!(store.get("a").await.text(), "x");
    assert_eq!(delete("if-match", &etag).await.status, 204);
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn of_many_objects_only_those_are_deleted_whose_conditions_hold() {
    let store = TestStore::start().await;
    let etag = store.put("same", "x").await.header("etag").to_owned();
    for key in ["changed", "version", "size", "modified", "null"] {
        store.put(key, "other").await;
    }
    let body = format!(
        "<Delete><Object><Key>same</Key><ETag>{etag}</ETag></Object>\
         <Object><Key>changed</Key><ETag>{etag}</ETag></Object>\
         <Object><Key>version</Key><VersionId>3HL4kqtJlcpXroDTDmJ</VersionId></Object>\
         <Object><Key>null</Key><VersionId>null</VersionId></Object>\
         <Object><Key>size</Key><Size>5</Size></Object>\
         <Object><Key>modified</Key><LastModifiedTime>Wed, 21 Oct 2015 07:28:00 GMT</LastModifiedTime></Object></Delete>"
    );
    let answer = delete_many(&store, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let of = |element: &str| answer.all(element).join(" ");
    assert_eq!(of("Deleted"), "<Key>same</Key> <Key>null</Key>");
    assert_eq!(of("Code"), "PreconditionFailed NoSuchVersion NotImplemented NotImplemented");
    assert_eq!(of("Key"), "same null changed version size modified");
    assert_eq!(store.keys().await, ["changed", "modified", "size", "version"]);
    store.wait_for_files(4).await;
}

async fn delete_many(store: &TestStore, body: &str) -> Answer {
    store.request(Method::POST, "/photos").query("delete", "").body(body).send_header_signed().await
}

#[tokio::test]
async fn a_list_that_was_damaged_on_its_way_deletes_nothing() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let body = "<Delete><Object><Key>a</Key></Object></Delete>";
    let delete = |name: &str, value: &str| {
        let request = store.request(Method::POST, "/photos").query("delete", "").header(name, value);
        request.body(body).send_header_signed()
    };
    let md5 = |text: &str| BASE64_STANDARD.encode(Md5::digest(text));
    let sha256 = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    assert_eq!(delete("content-md5", &md5("other")).await.error(), (400, "BadDigest".to_owned()));
    assert_eq!(delete("content-md5", "nonsense").await.error(), (400, "InvalidDigest".to_owned()));
    assert_eq!(delete("x-amz-checksum-sha256", &sha256("other")).await.error(), (400, "BadDigest".to_owned()));
    assert_eq!(delete("x-amz-checksum-crc32", "AAAAAA==").await.error(), (400, "BadDigest".to_owned()));
    let of_other = hex::encode(Sha256::digest("other"));
    let mismatch = (400, "XAmzContentSHA256Mismatch".to_owned());
    assert_eq!(delete("x-amz-content-sha256", &of_other).await.error(), mismatch);
    assert_eq!(store.keys().await, ["a"]);
    assert_eq!(delete("content-md5", &md5(body)).await.status, 200);
    assert_eq!(delete("x-amz-checksum-sha256", &sha256(body)).await.status, 200);
    assert_eq!(store.keys().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_thousand_objects_go_at_once_and_one_more_does_not() {
    let store = TestStore::start().await;
    for key in ["k0", "k999", "k1000"] {
        store.put(key, "x").await;
    }
    let list = |count: usize| {
        let objects: String = (0..count).map(|n| format!("<Object><Key>k{n}</Key></Object>")).collect();
        format!("<Delete><Quiet>true</Quiet>{objects}</Delete>")
    };
    assert_eq!(delete_many(&store, &list(1001)).await.error(), (400, "MalformedXML".to_owned()));
    assert_eq!(store.keys().await.len(), 3);
    assert_eq!(delete_many(&store, &list(1000)).await.status, 200);
    assert_eq!(store.keys().await, ["k1000"]);
}

#[tokio::test]
async fn a_quiet_deletion_still_tells_what_went_wrong() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let long = "k".repeat(1025);
    let body = format!(
        "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object><Object><Key>{long}</Key></Object>\
         <Object><Key></Key></Object></Delete>"
    );
    let answer = delete_many(&store, &body).await;
    assert_eq!(answer.all("Code"), ["KeyTooLongError", "InvalidArgument"], "{}", answer.text());
    assert!(!answer.text().contains("<Deleted>"));
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn what_is_no_list_is_refused() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let entities = "<!DOCTYPE d [<!ENTITY a \"a\">]><Delete><Object><Key>&a;</Key></Object></Delete>";
    assert_eq!(delete_many(&store, "").await.error(), (400, "MissingRequestBodyError".to_owned()));
    for body in ["nonsense", "<Delete>", "<Other></Other>", "<Delete><Object></Object></Delete>", &deep, entities] {
        let answer = delete_many(&store, body).await;
        assert_eq!(answer.error(), (400, "MalformedXML".to_owned()), "{}", &body[..body.len().min(60)]);
    }
    assert_eq!(store.keys().await, ["a"]);
}
