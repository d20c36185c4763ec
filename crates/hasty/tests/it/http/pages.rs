//! The pages: the guest's at the upload link, a kind one where the link has ended, and the owner's.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Call, Database, TestApp, path_and_query};

on_both_databases![
    the_upload_link_opens_the_guests_page,
    the_page_tells_what_the_owner_wrote_and_runs_none_of_it,
    without_a_good_token_a_page_says_why,
    nothing_of_the_query_is_in_the_page,
    the_page_can_be_installed_for_its_very_link,
    the_owners_page_is_at_admin,
    assets_are_kept_for_good_and_typed,
];

async fn the_upload_link_opens_the_guests_page(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for path in [path_and_query(&guest.link), path_and_query(&guest.link).replace("/?", "?")] {
        let answer = app.client().get(&path).answer().await;
        let told = told(&answer);
        assert_eq!(
            (&told["title"], &told["message"], &told["max_file_bytes"]),
            (&Value::Null, &Value::Null, &json!(524_288_000))
        );
        assert_eq!(told["expires_at"], app.owner().invitations().await[0]["expires_at"]);
        assert!(!answer.text().contains(&guest.token));
    }
    let as_bearer = guest.get("/api/upload/").answer().await;
    told(&as_bearer);
    app.client().call(Method::HEAD, &path_and_query(&guest.link)).answer().await.is(200, "");
}

async fn the_page_tells_what_the_owner_wrote_and_runs_none_of_it(on: Database) {
    let app = TestApp::with(on, &["--max-file-bytes", "12345"]).await;
    let title = "</script><script>alert(1)</script><!-- & \u{2028} \"quoted\" 写 {{invitation}}";
    let body = json!({"email": "guest@example.com", "title": title, "message": "]]> -->\n\u{202e}<b>"});
    let guest = app.owner().guest_of(&app.owner().invite_with(&body).await.json(201));
    let answer = app.client().get(&guest.link).answer().await;
    let told = told(&answer);
    assert_eq!(
        (&told["title"], &told["message"], &told["max_file_bytes"]),
        (&body["title"], &body["message"], &json!(12345))
    );
    assert!(!answer.text().contains("alert(1)</script>") && !answer.text().contains("<b>"), "{}", answer.text());
}

async fn the_page_can_be_installed_for_its_very_link(on: Database) {
    let app = TestApp::start(on).await;
    let body = json!({"email": "guest@example.com", "title": "Anna & Ben \"<3\""});
    let guest = app.owner().guest_of(&app.owner().invite_with(&body).await.json(201));
    let page = path_and_query(&guest.link);
    let manifest = app.client().get(&page.replace("/?", "/manifest.webmanifest?")).answer().await;
    assert_eq!((manifest.status.as_u16(), manifest.header("content-type")), (200, "application/manifest+json"));
    let manifest: Value = serde_json::from_slice(&manifest.body).unwrap();
    assert_eq!((&manifest["name"], &manifest["start_url"]), (&body["title"], &json!(page)));
    assert_eq!((&manifest["share_target"]["action"], &manifest["scope"]), (&json!(page), &json!("/api/upload/")));
    let icon = app.client().get(manifest["icons"][0]["src"].as_str().unwrap()).answer().await;
    assert_eq!((icon.status.as_u16(), icon.header("content-type")), (200, "image/svg+xml"));
    let stranger = app.client().get("/api/upload/manifest.webmanifest?access_token=wrong").answer().await;
    stranger.error(403, "token_unknown");

    let worker = app.client().get("/api/upload/service-worker.js").answer().await;
    assert_eq!((worker.header("cache-control"), worker.status.as_u16()), ("no-cache", 200));
    // What it did not take, on a first visit, leads to the page.
    let shared = app.client().call(Method::POST, &page).answer().await;
    assert_eq!((shared.status.as_u16(), shared.header("location")), (303, page.as_str()));
}

async fn without_a_good_token_a_page_says_why(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let revoked = app.owner().invite("revoked@example.com").await;
    app.owner().revoke(&revoked).await;
    for (path, reason) in [
        ("/api/upload/".to_owned(), "missing"),
        ("/api/upload".to_owned(), "missing"),
        ("/api/upload/?access_token=".to_owned(), "missing"),
        ("/api/upload/?access_token=wrong".to_owned(), "unknown"),
        ("/api/upload/?access_token=%D1%82%ff%00".to_owned(), "unknown"),
        (path_and_query(&revoked.link), "expired"),
    ] {
        is_closed(&app.client().get(&path).answer().await, reason);
    }
    app.move_clock(8 * 24);
    is_closed(&app.client().get(&guest.link).answer().await, "expired");
}

async fn nothing_of_the_query_is_in_the_page(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let needle = "zz9injected";
    for path in [
        format!("/api/upload/?access_token=<script>{needle}</script>"),
        format!("/api/upload/?access_token=%3Cscript%3E{needle}"),
        format!("/api/upload/?access_token=\"{needle}"),
        format!("/api/upload/?{needle}={needle}"),
        format!("{}&{needle}=<b>{needle}</b>#{needle}", path_and_query(&guest.link)),
    ] {
        let answer = app.client().get(&path).answer().await;
        assert!(answer.text().contains("<"), "a page");
        assert!(!answer.text().contains(needle), "{path}");
    }
}

async fn the_owners_page_is_at_admin(on: Database) {
    let app = TestApp::start(on).await;
    let home = app.client().get("/").answer().await;
    assert_eq!((home.status.as_u16(), home.header("location")), (307, "/admin/"));
    for path in ["/admin/", "/admin"] {
        let answer = app.client().get(path).answer().await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/html; charset=utf-8"));
        assert_eq!(answer.header("referrer-policy"), "strict-origin");
    }
}

async fn assets_are_kept_for_good_and_typed(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let pages = [app.client().get(&guest.link).answer().await, app.client().get("/admin/").answer().await];
    for page in &pages {
        for path in page.text().split('"').filter(|text| text.starts_with("/assets/")) {
            let answer = app.client().get(path).answer().await;
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable", "{path}");
            let content_type = match path.rsplit('.').next().unwrap() {
                "js" => "text/javascript; charset=utf-8",
                "css" => "text/css; charset=utf-8",
                "svg" => "image/svg+xml",
                other => panic!("{other}: {path}"),
            };
            assert_eq!(answer.header("content-type"), content_type, "{path}");
            let plain_bytes = answer.body.clone();
            let packed = app.client().get(path).header("accept-encoding", "gzip;q=0.5, br").answer().await;
            assert_eq!(packed.header("vary"), "accept-encoding", "{path}");
            assert!(["br", ""].contains(&packed.header("content-encoding")), "{path}");
            assert!(packed.body.len() <= plain_bytes.len(), "{path}");
        }
    }
    for missing in [
        "/assets/none.js",
        "/assets/../guest.html",
        "/assets/%2e%2e/guest.html",
        "/assets/..%2fguest.html",
        "/assets/%ff",
    ] {
        app.client().get(missing).answer().await.error(404, "not_found");
    }
}

/// What the guest's page is told.
#[track_caller]
fn told(answer: &Answer) -> Value {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/html; charset=utf-8"));
    let (_, from_script) = answer.text().split_once("id=\"invitation\">").expect("the page holds what it is told");
    let (script, _) = from_script.split_once("</script>").unwrap();
    serde_json::from_str(script.trim()).unwrap_or_else(|error| panic!("{error}: {script}"))
}

#[track_caller]
fn is_closed(answer: &Answer, reason: &str) {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (403, "text/html; charset=utf-8"));
    assert!(answer.text().contains(&format!("data-reason=\"{reason}\"")), "{reason}: {}", answer.text());
    assert!(!answer.text().contains("id=\"invitation\""), "no picker");
}
