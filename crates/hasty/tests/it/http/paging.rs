//! `?limit=`: keyset pages, each with the next in its `Link` header (RFC 8288).

use serde_json::{Value, json};

use crate::support::{Answer, Call, Database, Guest, TestApp, path_and_query};

on_both_databases![
    pages_visit_each_image_exactly_once,
    heavy_pages_end_early_and_skip_nothing,
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
        let pages = pages(&guest, limit).await;
        assert!(pages.iter().all(|page| (1..=limit).contains(&shown(page).len())), "{limit}");
        assert_eq!(pages.iter().flat_map(shown).collect::<Vec<_>>(), whole, "{limit}");
    }
}

async fn heavy_pages_end_early_and_skip_nothing(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    sign_many(&guest, 120).await;
    // About what a guest who fills every field can make of a photo.
    let metadata = json!({"caption": "x".repeat(60_000)});
    app.damage_rows(format!("UPDATE images SET metadata = '{metadata}'").leak()).await;
    let whole: Vec<i64> = ids(&guest.images().await);
    let pages = pages(&guest, 1000).await;
    assert!(pages.iter().all(|page| page.body.len() < 6 << 20), "no page holds all");
    assert_eq!(pages.iter().flat_map(shown).collect::<Vec<_>>(), whole);
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

/// All pages, from the first one on.
async fn pages(guest: &Guest, limit: usize) -> Vec<Answer> {
    let (mut path, mut pages) = (Some(format!("/api/images/?limit={limit}")), Vec::new());
    while let Some(page) = path {
        let answer = guest.get(&page).answer().await;
        path = next(answer.header("link"));
        pages.push(answer);
    }
    pages
}

fn shown(page: &Answer) -> Vec<i64> {
    ids(page.json(200).as_array().unwrap())
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
