//! `?limit=`: keyset pages, each with the next in its `Link` header (RFC 8288).

use serde_json::{Value, json};

use crate::support::{Call, Database, Guest, TestApp, path_and_query};

on_both_databases![
    pages_visit_each_image_exactly_once,
    what_changes_meanwhile_is_never_skipped,
    the_owners_pages_stay_narrowed,
    limits_that_are_none_are_refused,
];

async fn pages_visit_each_image_exactly_once(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    // Signed in one request, these were all updated in the same moment.
    sign_many(&guest, 13).await;
    let whole: Vec<i64> = ids(&guest.images().await);
    for limit in [1, 4, 12, 13, 14, 1000] {
        let (mut path, mut seen) = (format!("/api/images/?limit={limit}&access_token={}", guest.token), Vec::new());
        loop {
            let answer = app.client().get(&path).answer().await;
            let page = ids(answer.json(200).as_array().unwrap());
            assert!((1..=limit).contains(&page.len()), "{limit}: {page:?}");
            seen.extend(page);
            match next(answer.header("link")) {
                Some(next) => path = next,
                None => break,
            }
        }
        assert_eq!(seen, whole, "{limit}");
    }
}

async fn what_changes_meanwhile_is_never_skipped(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    sign_many(&guest, 6).await;
    let whole = ids(&guest.images().await);
    let first = guest.get("/api/images/?limit=2").answer().await;
    let path = next(first.header("link")).unwrap();
    sign_many(&guest, 3).await;
    let rest = guest.get(&path.replace("limit=2", "limit=1000")).answer().await.json(200);
    assert_eq!(ids(rest.as_array().unwrap()), whole[2..]);
}

async fn the_owners_pages_stay_narrowed(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let (one, other) = (app.owner().invite("one@example.com").await, app.owner().invite("other@example.com").await);
    sign_many(&one, 3).await;
    sign_many(&other, 3).await;
    let invitation = app.owner().invitation_id(&one).await;
    let first = app.owner().get(&format!("/api/images/?limit=2&invitation={invitation}")).answer().await;
    let second = app.owner().get(&next(first.header("link")).unwrap()).answer().await;
    let mut seen = ids(first.json(200).as_array().unwrap());
    seen.extend(ids(second.json(200).as_array().unwrap()));
    assert_eq!((seen, second.header("link")), (ids(&one.images().await), ""));
}

async fn limits_that_are_none_are_refused(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for query in [
        "limit=0",
        "limit=-1",
        "limit=1001",
        "limit=x",
        "limit=",
        "limit=1.5",
        "limit=99999999999999999999",
        "limit=%00",
        "limit=2&after=x",
        "limit=2&after=1",
        "limit=2&after=1_x",
        "limit=2&after=",
        "limit=2&after=%ff",
        "after=x",
    ] {
        guest.get(&format!("/api/images/?{query}")).answer().await.legacy_error(400, "invalid_value", "detail");
        app.owner().get(&format!("/api/images/?{query}")).answer().await.legacy_error(400, "invalid_value", "detail");
    }
    for query in ["limit=0", "limit=1001", "limit=x", "limit=2&after=x", "limit=2&after=1_1"] {
        app.owner().get(&format!("/api/invitation/?{query}")).answer().await.legacy_error(
            400,
            "invalid_value",
            "detail",
        );
    }
    for far in ["limit=2&after=-9223372036854775808_0", "limit=2&after=9223372036854775807_9223372036854775807"] {
        guest.get(&format!("/api/images/?{far}")).answer().await.is(200, "[]");
    }
}

async fn sign_many(guest: &Guest, count: usize) {
    let files: Vec<_> = (0..count).map(|n| json!({"filename": format!("{n}.jpg")})).collect();
    guest.policy(&json!({"files": files})).await.json(200);
}

fn ids(images: &[Value]) -> Vec<i64> {
    images.iter().map(|image| image["id"].as_i64().unwrap()).collect()
}

/// The path of the next page.
fn next(link: &str) -> Option<String> {
    let url = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?;
    Some(path_and_query(url))
}
