//! Uploads by an HTML form: what its signed policy lets through is stored, anything else leaves nothing.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::form::{Form, part};
use crate::support::request::now;
use crate::support::{BUCKET, MAX_OBJECT_BYTES, TestStore};

const DENIED: &str = "AccessDenied";

#[tokio::test]
async fn a_form_stores_its_file_with_what_it_says_about_it() {
    let store = TestStore::start().await;
    let form = Form::new(&store, "user/é/${filename}")
        .without("key")
        .free_field("key", "user/é/${filename}")
        .condition(json!(["starts-with", "$key", "user/"]))
        .field("Content-Type", "image/jpeg")
        .field("Cache-Control", "max-age=60")
        .field("Content-Disposition", "inline; filename=\"x.jpg\"")
        .field("Expires", "Wed, 21 Oct 2037 07:28:00 GMT")
        .field("X-Amz-Meta-Camera", "Nikon")
        .field("acl", "private")
        .free_field("x-ignore-csrf", "anything")
        .after(&part("submit", "Go"));
    let posted = form.file("C:\\photos\\my photo.jpg", vec![7; 300_000]).send().await;
    assert_eq!((posted.status.as_u16(), posted.text()), (204, String::new()));
    assert_eq!(posted.header("location"), "/photos/user/%C3%A9/my%20photo.jpg");

    assert_eq!(store.keys().await, ["user/é/my photo.jpg"]);
    let got = store.get("user/é/my photo.jpg").await;
    assert!(got.body == vec![7; 300_000], "the bytes differ");
    assert_eq!((got.header("etag"), got.header("content-type")), (posted.header("etag"), "image/jpeg"));
    assert_eq!((got.header("cache-control"), got.header("x-amz-meta-camera")), ("max-age=60", "Nikon"));
    assert_eq!(got.header("content-disposition"), "inline; filename=\"x.jpg\"");
    assert_eq!(got.header("expires"), "Wed, 21 Oct 2037 07:28:00 GMT");
    store.wait_for_files(1).await;
}

#[tokio::test]
async fn the_form_says_what_it_is_answered() {
    let store = TestStore::start().await;
    let post = |status: &'static str| Form::new(&store, "a&b/<c>").field("success_action_status", status).send();
    for (wanted, status) in [("200", 200), ("204", 204), ("404", 204), ("nonsense", 204)] {
        let posted = post(wanted).await;
        assert_eq!((posted.status.as_u16(), posted.text()), (status, String::new()), "{wanted}");
    }
    let created = post("201").await;
    assert_eq!((created.status.as_u16(), created.header("content-type")), (201, "application/xml"));
    let seen = ["Location", "Bucket", "Key"].map(|element| created.first(element));
    assert_eq!(seen, ["/photos/a%26b/%3Cc%3E", BUCKET, "a&b/<c>"]);
    assert_eq!(created.first("ETag"), store.head("a&b/<c>").await.header("etag"));

    let redirect = |url: &'static str| Form::new(&store, "a b").field("success_action_redirect", url).send();
    let etag = created.first("ETag").replace('"', "%22");
    for (url, start) in [("https://example.com/done", "?"), ("https://example.com/done?x=1", "&")] {
        let posted = redirect(url).await;
        assert_eq!(posted.status, 303);
        assert_eq!(posted.header("location"), format!("{url}{start}bucket=photos&key=a+b&etag={etag}"));
    }
    for odd in ["javascript:alert(1)", "/done", "https://exa mple.com"] {
        assert_eq!(redirect(odd).await.status, 204, "{odd}");
    }
    let forged = Form::new(&store, "b").forged_field("success_action_redirect", "https://evil.example.com");
    assert_eq!(forged.send().await.error(), (403, DENIED.to_owned()));
}

#[tokio::test]
async fn nothing_is_taken_that_the_signer_did_not_mean() {
    let store = TestStore::start().await;
    let form = || Form::new(&store, "user/a");
    let replaced = |name: &'static str, value: &'static str| {
        form().send_changed(move |fields| {
            let field = fields.iter_mut().find(|(field, _)| field == name).expect("a field");
            field.1 = value.to_owned();
        })
    };
    assert_eq!(replaced("key", "other/a").await.error(), (403, DENIED.to_owned()));
    assert_eq!(replaced("x-amz-signature", "00").await.error(), (403, "SignatureDoesNotMatch".to_owned()));
    assert_eq!(replaced("x-amz-signature", "nonsense").await.error(), (403, "SignatureDoesNotMatch".to_owned()));
    assert_eq!(replaced("x-amz-algorithm", "AWS4-HMAC-SHA1").await.error(), (400, "InvalidArgument".to_owned()));
    assert_eq!(replaced("x-amz-date", "20300101T000000Z").await.error(), (403, "RequestTimeTooSkewed".to_owned()));
    let stranger = "AKIASTRANGER/20260101/eu-central-1/s3/aws4_request";
    assert_eq!(replaced("x-amz-credential", stranger).await.error(), (400, "InvalidArgument".to_owned()));
    let policy = "eyJleHBpcmF0aW9uIjoiMjA5OS0wMS0wMVQwMDowMDowMFoiLCJjb25kaXRpb25zIjpbXX0=";
    assert_eq!(replaced("policy", policy).await.error(), (403, "SignatureDoesNotMatch".to_owned()));

    for extra in ["x-amz-meta-n", "content-type", "acl", "x-amz-storage-class", "tagging", "anything"] {
        let refused = form().forged_field(extra, "private").send().await;
        assert_eq!(refused.error(), (403, DENIED.to_owned()), "{extra}");
        assert_eq!(refused.first("Message"), format!("Invalid according to Policy: Extra input fields: {extra}"));
    }
    for twice in ["key", "Key", "policy", "x-amz-signature", "x-amz-date"] {
        assert_eq!(
            form().forged_field(twice, "x").send().await.error(),
            (400, "InvalidArgument".to_owned()),
            "{twice}"
        );
    }
    for missing in ["x-amz-algorithm", "x-amz-credential", "x-amz-date"] {
        let refused = form().send_changed(|fields| fields.retain(|(name, _)| name != missing)).await;
        assert_eq!(refused.error(), (400, "InvalidArgument".to_owned()), "{missing}");
    }
    for missing in ["policy", "x-amz-signature"] {
        let refused = form().send_changed(|fields| fields.retain(|(name, _)| name != missing)).await;
        assert_eq!(refused.error(), (403, DENIED.to_owned()), "{missing}");
    }
    // A signature of version 2 covers the policy as well, but nobody makes one for this store.
    let old = form()
        .send_changed(|fields| *fields = vec![("AWSAccessKeyId".into(), "x".into()), ("signature".into(), "x".into())]);
    assert_eq!(old.await.error(), (403, DENIED.to_owned()));
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn every_condition_counts() {
    let store = TestStore::start().await;
    let form = || Form::new(&store, "user/a").free_field("Content-Type", "image/png");
    let broken = [
        json!(["eq", "$key", "user/b"]),
        json!(["starts-with", "$key", "other/"]),
        json!({ "key": "user/b" }),
        json!(["eq", "$Content-Type", "image/jpeg"]),
        json!(["starts-with", "$Content-Type", "video/"]),
        json!(["eq", "$bucket", "elsewhere"]),
        json!({ "bucket": "elsewhere" }),
        // What the policy names must be there.
        json!(["starts-with", "$x-amz-meta-n", ""]),
        json!({ "acl": "private" }),
    ];
    for condition in broken {
        let any_type = json!(["starts-with", "$content-type", ""]);
        let refused = form().condition(any_type).condition(condition.clone()).send().await;
        assert_eq!(refused.error(), (403, DENIED.to_owned()), "{condition}");
        assert!(refused.first("Message").starts_with("Invalid according to Policy: Policy Condition failed: ["));
    }
    let types = |value: &'static str| {
        let form = Form::new(&store, "user/a").free_field("Content-Type", value);
        form.condition(json!(["starts-with", "$Content-Type", "image/"])).send()
    };
    assert_eq!(types("image/png, text/html").await.error(), (403, DENIED.to_owned()));
    store.assert_holds_nothing().await;
    assert_eq!(types("image/png,image/gif").await.status, 204);
    // Names and operators in any case, values as they are.
    let odd =
        form().condition(json!(["StArTs-WiTh", "$CoNtEnT-TyPe", "image/"])).condition(json!({ "bUcKeT": BUCKET }));
    assert_eq!(odd.send().await.status, 204);
    let without_bucket = Form::new(&store, "b").send_changed(|_| {}).await;
    assert_eq!(without_bucket.status, 204);
}

#[tokio::test]
async fn a_policy_must_name_its_bucket_and_be_one() {
    let store = TestStore::start().await;
    let date = now();
    let fields = Form::new(&store, "a").signed(date).fields();
    let of = |name: &str| fields.iter().find(|(field, _)| field == name).expect("a field").1.clone();
    let named = format!(
        r#"{{"key":"a"}},{{"x-amz-algorithm":"AWS4-HMAC-SHA256"}},{{"x-amz-date":"{}"}},{{"x-amz-credential":"{}"}}"#,
        of("x-amz-date"),
        of("x-amz-credential")
    );
    let later = "2099-01-01T00:00:00.000Z";
    let post = |policy: String| Form::new(&store, "a").signed(date).policy(&policy).send();
    let of_any_bucket = post(format!(r#"{{"expiration":"{later}","conditions":[{named}]}}"#)).await;
    assert_eq!(of_any_bucket.error(), (403, DENIED.to_owned()));
    assert_eq!(of_any_bucket.first("Message"), "Invalid according to Policy: Extra input fields: bucket");

    let bad = [
        String::new(),
        "nonsense".to_owned(),
        "[]".to_owned(),
        format!(r#"{{"conditions":[{named}]}}"#),
        format!(r#"{{"expiration":"{later}"}}"#),
        format!(r#"{{"expiration":"{later}","Conditions":[{named}]}}"#),
        format!(r#"{{"expiration":"{later}","conditions":[],"more":[]}}"#),
        format!(r#"{{"expiration":"soon","conditions":[{named}]}}"#),
        format!(r#"{{"expiration":"{later}","conditions":[{{}}]}}"#),
        format!(r#"{{"expiration":"{later}","conditions":[{{"a":"b","c":"d"}}]}}"#),
        format!(r#"{{"expiration":"{later}","conditions":[{{"a":1}}]}}"#),
        format!(r#"{{"expiration":"{later}","conditions":[["eq","key","a"]]}}"#),
        format!(r#"{{"expiration":"{later}","conditions":[["ends-with","$key","a"]]}}"#),
        format!(r#"{{"expiration":"{later}","conditions":[["content-length-range",1]]}}"#),
        format!(r#"{{"expiration":"{later}","conditions":[["content-length-range",-1,10]]}}"#),
        format!(r#"{{"expiration":"{later}","conditions":{}{}}}"#, "[".repeat(4000), "]".repeat(4000)),
    ];
    for policy in bad {
        let refused = post(policy.clone()).await;
        assert_eq!(refused.error(), (400, "InvalidPolicyDocument".to_owned()), "{policy}");
    }
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn a_policy_ends_when_it_says_and_after_seven_days() {
    let store = TestStore::start().await;
    let (hour, day) = (Duration::from_secs(3600), Duration::from_secs(86_400));
    let post = |signed, expires| Form::new(&store, "a").signed(signed).expires(expires).send();
    let expired = post(now() - 2 * hour, now() - Duration::from_secs(1)).await;
    assert_eq!(expired.error(), (403, DENIED.to_owned()));
    assert_eq!(expired.first("Message"), "Invalid according to Policy: Policy expired.");
    assert_eq!(post(now() - 8 * day, now() + hour).await.error(), (403, DENIED.to_owned()));
    assert_eq!(post(now() + hour, now() + 2 * hour).await.error(), (403, "RequestTimeTooSkewed".to_owned()));
    store.assert_holds_nothing().await;
    assert_eq!(post(now() - 6 * day, now() + hour).await.status, 204);
}

#[tokio::test]
async fn a_file_outside_its_range_leaves_nothing() {
    let store = TestStore::start().await;
    let post = |len: usize| {
        let form = Form::new(&store, "a").condition(json!(["content-length-range", 10, "200000"]));
        form.condition(json!(["content-length-range", 0, 300_000])).file("a", vec![1; len]).send()
    };
    for (len, code) in
        [(0, "EntityTooSmall"), (9, "EntityTooSmall"), (200_001, "EntityTooLarge"), (5_000_000, "EntityTooLarge")]
    {
        assert_eq!(post(len).await.error(), (400, code.to_owned()), "{len}");
        store.assert_holds_nothing().await;
    }
    for len in [10, 200_000] {
        assert_eq!(post(len).await.status, 204);
        assert_eq!(store.head("a").await.header("content-length"), len.to_string());
    }
    // Without a range, the store's own limit holds.
    let huge = Form::new(&store, "b").file("a", vec![1; MAX_OBJECT_BYTES as usize + 1]).send().await;
    assert_eq!(huge.error(), (400, "EntityTooLarge".to_owned()));
    assert_eq!(Form::new(&store, "b").file("a", "").send().await.status, 204);
    assert_eq!(store.head("b").await.header("content-length"), "0");
}

#[tokio::test]
async fn a_file_is_what_its_checksums_say() {
    let store = TestStore::start().await;
    let sha256 = |bytes: &str| BASE64_STANDARD.encode(Sha256::digest(bytes));
    let md5 = |bytes: &str| BASE64_STANDARD.encode(md5::Md5::digest(bytes));
    let post = |name: &'static str, value: String| Form::new(&store, "a").field(name, &value).file("a", "bytes").send();
    assert_eq!(post("x-amz-checksum-sha256", sha256("other")).await.error(), (400, "BadDigest".to_owned()));
    assert_eq!(post("Content-MD5", md5("other")).await.error(), (400, "BadDigest".to_owned()));
    assert_eq!(post("x-amz-checksum-crc32", "AAAAAA==".to_owned()).await.error(), (400, "BadDigest".to_owned()));
    assert_eq!(post("x-amz-checksum-sha256", "nonsense".to_owned()).await.error(), (400, "InvalidRequest".to_owned()));
    assert_eq!(post("Content-MD5", "nonsense".to_owned()).await.error(), (400, "InvalidDigest".to_owned()));
    store.assert_holds_nothing().await;
    assert_eq!(post("x-amz-checksum-sha256", sha256("bytes")).await.status, 204);
    assert_eq!(post("Content-MD5", md5("bytes")).await.status, 204);
}

#[tokio::test]
async fn what_the_store_does_not_do_no_form_makes_it_promise() {
    let store = TestStore::start().await;
    let post = |name: &'static str, value: &'static str| Form::new(&store, "a").field(name, value).send();
    for acl in ["public-read", "authenticated-read", "bucket-owner-full-control"] {
        assert_eq!(post("acl", acl).await.error(), (400, "AccessControlListNotSupported".to_owned()), "{acl}");
    }
    for name in ["x-amz-server-side-encryption", "tagging", "x-amz-tagging", "x-amz-website-redirect-location"] {
        assert_eq!(post(name, "x").await.error(), (501, "NotImplemented".to_owned()), "{name}");
    }
    assert_eq!(post("x-amz-security-token", "x").await.error(), (400, "InvalidToken".to_owned()));
    for (name, value) in
        [("Content-Type", "image/png\r\nX: y"), ("x-amz-meta-n", "a\0b"), ("Expires", "soon"), ("x-amz-meta-a b", "x")]
    {
        assert_eq!(post(name, value).await.error(), (400, "InvalidArgument".to_owned()), "{name}");
    }
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn a_form_goes_to_a_bucket_that_is_there_under_a_key_that_is_one() {
    let store = TestStore::start().await;
    let to = |path: &'static str| Form::new(&store, "a").path(path).send();
    assert_eq!(to("/elsewhere").await.error(), (404, "NoSuchBucket".to_owned()));
    assert_eq!(to("/photos/key").await.error(), (405, "MethodNotAllowed".to_owned()));
    assert_eq!(to("/photos%2Fkey").await.error(), (405, "MethodNotAllowed".to_owned()));
    assert_eq!(to("/").await.error(), (405, "MethodNotAllowed".to_owned()));
    assert_eq!(to("/photos/").await.status, 204);
    store.request(Method::PUT, "/second").send().await;
    assert_eq!(to("/second").await.error(), (403, DENIED.to_owned()));

    let key = |key: &str| Form::new(&store, key).send();
    assert_eq!(key("").await.error(), (400, "InvalidArgument".to_owned()));
    assert_eq!(key("a\0b").await.error(), (400, "InvalidArgument".to_owned()));
    assert_eq!(key(&"k".repeat(1025)).await.error(), (400, "KeyTooLongError".to_owned()));
    assert_eq!(Form::new(&store, "a").without("key").send().await.error(), (400, "InvalidArgument".to_owned()));
    for odd in ["../../etc/passwd", "a//b/", "%2e%2e"] {
        assert_eq!(key(odd).await.status, 204);
        assert_eq!(store.get(odd).await.text(), "bytes");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_posts_as_the_rules_allow() {
    let store = TestStore::start().await;
    let rules = "<CORSConfiguration><CORSRule><AllowedOrigin>https://app.example.com</AllowedOrigin>\
                 <AllowedMethod>POST</AllowedMethod><ExposeHeader>Location</ExposeHeader></CORSRule></CORSConfiguration>";
    store.request(Method::PUT, "/photos").query("cors", "").body(rules).send_header_signed().await;
    let post = |origin: &'static str| Form::new(&store, "a").header("origin", origin);
    let allowed = post("https://app.example.com").send().await;
    assert_eq!(allowed.header("access-control-allow-origin"), "https://app.example.com");
    assert_eq!(allowed.header("access-control-expose-headers"), "Location");
    let refused = post("https://app.example.com").forged_field("acl", "private").send().await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("access-control-allow-origin")),
        (403, "https://app.example.com")
    );
    assert_eq!(refused.header("x-content-type-options"), "nosniff");
    assert_eq!(post("https://evil.example.com").send().await.header("access-control-allow-origin"), "");
}
