//! JSON, forms and multipart forms are equals; bad JSON is a 400, another type a 415.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Call, Database, EVERY_BODY_TYPE, OWNER_KEY, TestApp, exactly, photo, signed};

on_both_databases![
    every_endpoint_takes_all_three,
    numbers_and_objects_may_be_text,
    bad_json_is_a_parse_error,
    another_type_is_unsupported,
    a_content_type_is_read_as_browsers_write_it,
];

async fn every_endpoint_takes_all_three(on: Database) {
    let app = TestApp::before_ingest(on).await;
    for body_type in EVERY_BODY_TYPE {
        let email = format!("{body_type:?}@example.com");
        let invite =
            app.owner().post("/api/invitation/").fields(body_type, &[("email", &email), ("title", "Tür & Tor")]);
        let guest = app.owner().guest_of(&invite.answer().await.json(201));
        let seen = &app.owner().invitations().await[0];
        assert_eq!((&seen["email"], &seen["title"]), (&json!(email), &json!("Tür & Tor")), "{body_type:?}");

        let policy =
            guest.call(Method::POST, "/api/files/policy/").fields(body_type, &[("filename", "Größe 1+1=2 & 写真.JPG")]);
        let policy = signed(&policy.answer().await.json(200));
        assert_eq!(guest.image(policy.id).await["name"], "Größe 1+1=2 & 写真.JPG", "{body_type:?}");
        let put = guest.put(&policy, &photo(1)).await;
        assert_eq!(put.status, 200, "{}", put.text());

        let id = policy.id.to_string();
        let metadata = r#"{"make": "Example & Söhne", "xDimension": "48", "orientation": 6}"#;
        let complete = guest.call(Method::POST, "/api/files/complete/");
        let complete = complete.fields(body_type, &[("file", &id), ("fileSize", "10"), ("meta_data", metadata)]);
        complete.answer().await.is(200, &format!(r#"{{"id":{id},"saved":true}}"#));
        let image = guest.image(policy.id).await;
        assert_eq!((&image["make"], &image["xDimension"]), (&json!("Example & Söhne"), &json!(48)), "{body_type:?}");

        let path = format!("/api/invitation/{}/", app.owner().invitation_id(&guest).await);
        let patch =
            app.owner().call(Method::PATCH, &path).fields(body_type, &[("title", "New"), ("expires_in_days", "9")]);
        assert_eq!(patch.answer().await.json(200)["title"], "New", "{body_type:?}");
        app.client().post("/api/session/").fields(body_type, &[("key", OWNER_KEY)]).answer().await.is(204, "");
    }
}

async fn numbers_and_objects_may_be_text(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for (number, body_type) in (10..).zip(EVERY_BODY_TYPE) {
        let bytes = photo(number);
        let (size, exact) = (bytes.len().to_string(), exactly("a.jpg", "image/jpeg", &bytes));
        let sha256 = exact["sha256"].as_str().unwrap();
        let fields = [("filename", "a.jpg"), ("size", &size), ("type", "image/jpeg"), ("sha256", sha256)];
        let policy = guest.call(Method::POST, "/api/files/policy/").fields(body_type, &fields).answer().await;
        let policy = signed(&policy.json(200));
        let refused = guest.put(&policy, &photo(2)).await;
        assert!(refused.status.is_client_error(), "{}", refused.text());
        let put = guest.put(&policy, &bytes).await;
        assert_eq!(put.status, 200, "{}", put.text());
        let id = policy.id.to_string();
        let fields = [("file", id.as_str()), ("fileSize", "17"), ("fileType", "image/png"), ("metadata", "{}")];
        let complete = guest.call(Method::POST, "/api/files/complete/").fields(body_type, &fields).answer().await;
        complete.is(200, &format!(r#"{{"id":{id},"saved":true}}"#));
    }
}

async fn bad_json_is_a_parse_error(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = app.owner().invitation_id(&guest).await;
    for bad in
        ["{", "{\"filename\": \"a.jpg\"", "nothing", "{'filename': 'a.jpg'}", "[1,", "{\"a\":1}}", "\u{0}", "\"\\x\""]
    {
        let calls = [
            guest.call(Method::POST, "/api/files/policy/"),
            guest.call(Method::POST, "/api/files/complete/"),
            app.owner().call(Method::PATCH, &format!("/api/invitation/{id}/")),
            app.client().post("/api/session/"),
        ];
        for call in calls {
            let answer = call.header("content-type", "application/json").body(bad).answer().await;
            let detail = answer.legacy_error(400, "parse_error", "detail");
            assert!(detail.starts_with("JSON parse error - "), "{bad}: {detail}");
        }
    }
    let not_unicode = guest.call(Method::POST, "/api/files/policy/").header("content-type", "application/json");
    not_unicode.body(&b"{\"filename\": \"\xff.jpg\"}"[..]).answer().await.legacy_error(400, "parse_error", "detail");
    assert_eq!(guest.images().await, Vec::<Value>::new());
}

async fn another_type_is_unsupported(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for content_type in
        ["text/plain", "image/jpeg", "application/xml", "application/jsonp", "multipart/mixed", "x", "", "/"]
    {
        for path in ["/api/files/policy/", "/api/files/complete/"] {
            let call = guest.call(Method::POST, path).header("content-type", content_type).body("{}");
            call.answer().await.legacy_error(415, "unsupported_media_type", "detail");
        }
        let call = app.client().post("/api/session/").header("content-type", content_type).body("{}");
        call.answer().await.legacy_error(415, "unsupported_media_type", "detail");
    }
}

async fn a_content_type_is_read_as_browsers_write_it(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for (content_type, body) in [
        ("application/json; charset=utf-8", r#"{"filename":"a.jpg"}"#),
        ("APPLICATION/JSON", r#"{"filename":"a.jpg"}"#),
        ("application/x-www-form-urlencoded;charset=UTF-8", "filename=a.jpg"),
        (
            "multipart/form-data; boundary=\"a b\"",
            "--a b\r\nContent-Disposition: form-data; name=\"filename\"\r\n\r\na.jpg\r\n--a b--\r\n",
        ),
    ] {
        let call = guest.call(Method::POST, "/api/files/policy/").header("content-type", content_type).body(body);
        call.answer().await.json(200);
    }
}
