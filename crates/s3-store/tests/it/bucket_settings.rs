//! What clients ask of buckets and objects before they do anything else: S3's answers, where nothing was set.

use http::Method;

use crate::support::request::Answer;
use crate::support::{ACCESS_KEY_ID, TestStore, path_of};

const GET: Method = Method::GET;
const PUT: Method = Method::PUT;

async fn of_bucket(store: &TestStore, name: &str) -> Answer {
    store.request(GET, "/photos").query(name, "").send().await
}

#[tokio::test]
async fn what_a_bucket_does_not_have_it_says_so_in_the_words_of_s3() {
    let store = TestStore::start().await;
    let absent = [
        ("policy", "NoSuchBucketPolicy"),
        ("policyStatus", "NoSuchBucketPolicy"),
        ("lifecycle", "NoSuchLifecycleConfiguration"),
        ("tagging", "NoSuchTagSet"),
        ("website", "NoSuchWebsiteConfiguration"),
        ("replication", "ReplicationConfigurationNotFoundError"),
        ("object-lock", "ObjectLockConfigurationNotFoundError"),
        ("encryption", "ServerSideEncryptionConfigurationNotFoundError"),
        ("publicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
        ("ownershipControls", "OwnershipControlsNotFoundError"),
    ];
    for (name, code) in absent {
        assert_eq!(of_bucket(&store, name).await.error(), (404, code.to_owned()), "{name}");
        let elsewhere = store.request(GET, "/elsewhere").query(name, "").send().await;
        assert_eq!(elsewhere.error(), (404, "NoSuchBucket".to_owned()), "{name}");
    }
    for name in ["versioning", "notification", "logging"] {
        let empty = of_bucket(&store, name).await;
        assert_eq!(
            (empty.status.as_u16(), empty.text().contains("<Status>")),
            (200, false),
            "{name}: {}",
            empty.text()
        );
    }
    assert_eq!(of_bucket(&store, "requestPayment").await.first("Payer"), "BucketOwner");
}

#[tokio::test]
async fn what_a_bucket_cannot_have_it_does_not_pretend_to_take() {
    let store = TestStore::start().await;
    let body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    for name in ["versioning", "policy", "lifecycle", "encryption", "object-lock", "website", "replication"] {
        let put = store.request(PUT, "/photos").query(name, "").body(body).send_header_signed().await;
        assert!(!put.status.is_success(), "{name}");
    }
    assert!(!of_bucket(&store, "versioning").await.text().contains("Enabled"));
}

#[tokio::test]
async fn a_method_that_a_sub_resource_does_not_have_leaves_the_object_alone() {
    let store = TestStore::start().await;
    store.put("a", "kept").await;
    for name in ["acl", "attributes", "legal-hold", "retention", "torrent", "restore", "uploads", "versions"] {
        for method in [PUT, Method::DELETE] {
            let refused = store.request(method.clone(), &path_of("a")).query(name, "").body("new").send().await;
            assert!(refused.status.is_client_error() || refused.status == 501, "{method} {name}: {}", refused.text());
        }
    }
    for (name, value) in [("partNumber", "1"), ("uploadId", "x")] {
        let refused = store.request(PUT, &path_of("a")).query(name, value).body("part").send().await;
        assert_eq!(refused.error(), (405, "MethodNotAllowed".to_owned()), "{name}");
    }
    for name in ["acl", "versioning", "policyStatus", "uploads", "location", "object-lock", "delete"] {
        let refused = store.request(Method::DELETE, "/photos").query(name, "").send().await;
        assert!(!refused.status.is_success(), "{name}");
    }
    assert_eq!(store.get("a").await.text(), "kept");
}

#[tokio::test]
async fn everything_is_its_owners() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    for path in ["/photos", "/photos/a"] {
        let acl = store.request(GET, path).query("acl", "").send().await;
        assert_eq!((acl.status.as_u16(), acl.all("ID")), (200, vec![ACCESS_KEY_ID.to_owned(); 2]), "{}", acl.text());
        assert_eq!(acl.first("Permission"), "FULL_CONTROL");
        assert!(acl.text().contains("xsi:type=\"CanonicalUser\""), "{}", acl.text());

        let put = |body: &str| store.request(PUT, path).query("acl", "").body(body).send_header_signed();
        assert_eq!(put(&acl.text()).await.status, 200, "what was read can be written");
        let stranger = acl.text().replacen(ACCESS_KEY_ID, "somebody", 3);
        assert_eq!(put(&stranger).await.error(), (400, "AccessControlListNotSupported".to_owned()));
        let canned = |acl: &str| store.request(PUT, path).query("acl", "").header("x-amz-acl", acl).send();
        assert_eq!(canned("private").await.status, 200);
        assert_eq!(canned("public-read").await.error(), (400, "AccessControlListNotSupported".to_owned()));
    }
    for (name, value) in [("x-amz-grant-read", "id=1"), ("x-amz-acl", "aws-exec-read"), ("x-amz-acl", "public-read")] {
        let put = store.request(PUT, &path_of("b")).header(name, value).body("x").send().await;
        assert_eq!(put.error(), (400, "AccessControlListNotSupported".to_owned()), "{name}: {value}");
    }
    assert_eq!(store.keys().await, ["a"]);
    let missing = store.request(GET, &path_of("none")).query("acl", "").send().await;
    assert_eq!(missing.error(), (404, "NoSuchKey".to_owned()));
}
