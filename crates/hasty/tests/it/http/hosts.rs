//! Links lead where the configuration says, never where a stranger's request says.

use http::header::HOST;
use serde_json::json;

use crate::support::{Call, Database, TestApp};

on_both_databases![
    a_configured_address_is_in_every_link,
    a_foreign_host_header_is_in_no_link,
    a_loopback_host_header_is_followed,
    addresses_that_are_no_origin_are_refused,
];

const TRICKS: [(&str, &str); 5] = [
    ("x-forwarded-host", "evil.example.com"),
    ("x-forwarded-server", "evil.example.com"),
    ("x-original-host", "evil.example.com"),
    ("forwarded", "host=evil.example.com;proto=https"),
    ("x-forwarded-proto", "https"),
];

async fn a_configured_address_is_in_every_link(on: Database) {
    let app = TestApp::with(on, &["--public-url", "https://photos.example.com"]).await;
    for host in ["photos.example.com", "evil.example.com", "localhost"] {
        let (status, invitation, policy) = links(&app, host).await;
        assert_eq!(status, 201);
        assert!(invitation.starts_with("https://photos.example.com/api/upload/?access_token="), "{host}: {invitation}");
        assert!(policy.starts_with("https://photos.example.com/hasty-media/incoming/"), "{host}: {policy}");
    }
}

async fn a_foreign_host_header_is_in_no_link(on: Database) {
    let app = TestApp::start(on).await;
    let port = app.address.port();
    let own = app.url();
    for host in [
        "evil.example.com".to_owned(),
        format!("evil.example.com:{port}"),
        format!("localhost.evil.example.com:{port}"),
        format!("127.0.0.1.evil.example.com:{port}"),
        format!("localhost:{port}@evil.example.com"),
        format!("evil.example.com#@localhost:{port}"),
        format!("evil.example.com/@localhost:{port}"),
        "128.0.0.1".to_owned(),
        "[2001:db8::1]".to_owned(),
    ] {
        let (status, invitation, policy) = links(&app, &host).await;
        if status == 400 {
            continue;
        }
        assert_eq!(status, 201, "{host}");
        assert!(invitation.starts_with(&format!("{own}api/upload/?access_token=")), "{host}: {invitation}");
        assert!(policy.starts_with(&format!("{own}hasty-media/incoming/")), "{host}: {policy}");
    }
}

async fn a_loopback_host_header_is_followed(on: Database) {
    let app = TestApp::start(on).await;
    let port = app.address.port();
    for host in ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"] {
        let (status, invitation, policy) = links(&app, &format!("{host}:{port}")).await;
        assert_eq!(status, 201, "{host}");
        assert!(invitation.starts_with(&format!("http://{host}:{port}/api/upload/?access_token=")), "{invitation}");
        assert!(policy.starts_with(&format!("http://{host}:{port}/hasty-media/incoming/")), "{policy}");
    }
}

async fn addresses_that_are_no_origin_are_refused(on: Database) {
    for address in ["https://photos.example.com/path", "ftp://photos.example.com", "https://a:b@photos.example.com"] {
        let refused = TestApp::try_with(on, &["--public-url", address]).await.map(drop).unwrap_err();
        assert!(format!("{refused:#}").contains("HASTY_PUBLIC_URL"), "{refused:#}");
    }
}

/// The status of an invitation, its link, and the link of a policy, all asked for with this Host header.
async fn links(app: &TestApp, host: &str) -> (u16, String, String) {
    let guest = app.owner().invite("guest@example.com").await;
    let mut invite = app.owner().post("/api/invitation/").header(HOST, host);
    let mut policy = app.client().post("/api/files/policy/").bearer_auth(&guest.token).header(HOST, host);
    for (name, value) in TRICKS {
        (invite, policy) = (invite.header(name, value), policy.header(name, value));
    }
    let invited = invite.json(&json!({"email": "guest@example.com"})).answer().await;
    if invited.status != 201 {
        return (invited.status.as_u16(), String::new(), String::new());
    }
    let link = invited.json(201)["upload_link"].as_str().unwrap().to_owned();
    let signed = policy.json(&json!({"filename": "a.jpg"})).answer().await.json(200);
    (201, link, signed["url"].as_str().unwrap().to_owned())
}
