//! Whatever is sent, the answer is a clear 4xx or a success, never a 5xx, and nothing half is stored.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Call, Database, EVERY_BODY_TYPE, Guest, TestApp, photo};

on_both_databases![
    no_value_of_any_field_breaks_the_server,
    no_body_breaks_the_server,
    bodies_that_are_no_objects_are_refused,
    deep_json_is_refused,
    a_lone_surrogate_leaves_the_rest_of_a_batch_alone,
    no_text_of_a_form_breaks_the_server,
];

/// Values that servers choke on.
fn nasty() -> Vec<Value> {
    let texts = [
        "",
        " ",
        "\u{0}",
        "a\u{0}b",
        "\u{202e}gpj",
        "\u{200f}",
        "<script>alert(1)</script>",
        "'\"`;--",
        "%00%ff",
        "${7*7}",
        "{{7*7}}",
        "../../etc/passwd",
        "写真",
        "\u{fffd}",
        "\u{10ffff}",
        "\u{feff}",
        "-1",
        "1e400",
        "NaN",
        "Infinity",
        "0x10",
        "١٢",
        "null",
        "true",
        "9223372036854775808",
        "\r\nX-Injected: 1",
        "[]",
        "{}",
        "{",
        "\"",
        "\\u0000",
    ];
    let mut values: Vec<Value> = texts.into_iter().map(Value::from).collect();
    values.extend(["x".repeat(255), "x".repeat(256), "写".repeat(300), "x".repeat(70_000)].map(Value::from));
    values.extend([
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1),
        json!(1.5),
        json!(-0.0),
        json!(1e300),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!([]),
        json!({}),
        json!([[]]),
        json!([null]),
        json!({"": ""}),
        json!({"\u{0}": "\u{0}"}),
        json!([1, "a", {}]),
        json!({"make": {"make": []}}),
    ]);
    values
}

const FIELDS: [(&str, &[&str]); 6] = [
    ("/api/invitation/", &["email", "title", "message", "expires_at", "expires_in_days"]),
    ("/api/files/policy/", &["filename", "size", "type", "sha256", "file_id", "multipart", "files", "file"]),
    ("/api/files/complete/", &["file", "fileSize", "fileType", "uploaded", "metadata", "meta_data", "files"]),
    ("/api/files/parts/", &["file", "parts"]),
    ("/api/session/", &["key"]),
    ("PATCH", &["title", "message", "expires_at", "expires_in_days", "email"]),
];

async fn no_value_of_any_field_breaks_the_server(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let invitation = format!("/api/invitation/{}/", app.owner().invitation_id(&guest).await);
    for (path, fields) in FIELDS {
        for field in fields {
            for value in nasty() {
                let mut body = json!({"email": "nasty@example.com", "filename": "a.jpg", "metadata": {}});
                if path == "/api/files/complete/" {
                    body["file"] = json!(id);
                }
                body[*field] = value;
                is_clear(&send(&app, &guest, path, &invitation, &body).await, &body);
            }
        }
    }
    for name in
        ["make", "xDimension", "orientation", "taken_at", "latitude", "altitude", "iso", "exposure_time", "unknown"]
    {
        for value in nasty() {
            let body = json!({"file": id, "metadata": {name: value}});
            is_clear(&guest.complete_with(&body).await, &body);
        }
    }
    // Still there, and sound.
    assert_eq!(guest.download(id).await, photo(1));
    app.owner().get("/api/images/").answer().await.json(200);
}

async fn no_body_breaks_the_server(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let bodies: [&[u8]; 14] = [
        b"",
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"{\"filename\":\"\\ud800\"}",
        b"{\"filename\":1e999}",
        b"{\"a\":1,\"a\":2}",
        b"nul",
        b"{\"filename\": \"a\", }",
        b"=&=&&%",
        b"filename=%ff%00",
        b"--x\r\n",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--",
        b"--x\r\nContent-Disposition: form-data; name=\"filename\"; filename=\"a\"\r\n\r\n\xff\xd8\xff\0\r\n--x--\r\n",
    ];
    for body in bodies {
        for content_type in [
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "application/json; charset=utf-16",
        ] {
            for path in ["/api/files/policy/", "/api/files/complete/"] {
                let call = guest.call(Method::POST, path).header("content-type", content_type).body(body.to_vec());
                is_clear(&call.answer().await, &json!(content_type));
            }
            let call = app.owner().post("/api/invitation/").header("content-type", content_type).body(body.to_vec());
            is_clear(&call.answer().await, &json!(content_type));
        }
    }
}

async fn bodies_that_are_no_objects_are_refused(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for body in [json!([]), json!([{"filename": "a.jpg"}]), json!(7), json!("a.jpg"), json!(null), json!(true)] {
        guest.policy(&body).await.is_refused();
        guest.complete_with(&body).await.is_refused();
        app.client().post("/api/session/").json(&body).answer().await.is_refused();
        let invited = app.owner().invite_with(&body).await;
        assert_eq!(invited.status, 409, "{body}");
        invited.is_refused();
    }
    assert_eq!((guest.images().await.len(), app.owner().invitations().await.len()), (0, 1));
}

async fn deep_json_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        for body in
            [deep.clone(), format!("{{\"filename\":{deep}}}"), format!("{{\"filename\":\"a.jpg\",\"extra\":{deep}}}")]
        {
            let call = guest.call(Method::POST, "/api/files/policy/").header("content-type", "application/json");
            call.body(body).answer().await.is_refused();
        }
        guest.complete_with(&json!({"file": id, "metadata": deep})).await.is_refused();
        let call = app.owner().post("/api/invitation/").header("content-type", "application/json").body(deep);
        call.answer().await.is_refused();
    }
    assert_eq!(guest.images().await.len(), 1);
}

/// Windows allows them in file names, and `JSON.stringify` writes them as they are.
async fn a_lone_surrogate_leaves_the_rest_of_a_batch_alone(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let body = r#"{"files":[{"filename":"good.jpg"},{"filename":"\ud800.jpg"},{"filename":"\udc00\ud800"},{"filename":"\ud83d\udcf7.jpg"}]}"#;
    let call = guest.call(Method::POST, "/api/files/policy/").header("content-type", "application/json").body(body);
    let answer = call.answer().await.json(200);
    assert_eq!(answer["files"].as_array().unwrap().len(), 4);
    let names: Vec<Value> = guest.images().await.iter().map(|image| image["name"].clone()).collect();
    assert!(names.contains(&json!("good.jpg")) && names.contains(&json!("📷.jpg")), "{names:?}");
}

async fn no_text_of_a_form_breaks_the_server(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for body_type in EVERY_BODY_TYPE {
        for value in nasty().iter().filter_map(Value::as_str) {
            let fields = [("filename", value), ("size", value), ("files", value), (value, value)];
            let policy = guest.call(Method::POST, "/api/files/policy/").fields(body_type, &fields);
            is_clear(&policy.answer().await, &json!(value));
            let fields = [("file", value), ("metadata", value), (value, value)];
            let complete = guest.call(Method::POST, "/api/files/complete/").fields(body_type, &fields);
            is_clear(&complete.answer().await, &json!(value));
        }
    }
}

async fn send(app: &TestApp, guest: &Guest, path: &str, invitation: &str, body: &Value) -> Answer {
    match path {
        "PATCH" => app.owner().call(Method::PATCH, invitation).json(body).answer().await,
        "/api/invitation/" => app.owner().invite_with(body).await,
        path => guest.post(path, body).await,
    }
}

/// A success, or a refusal that says what is wrong.
#[track_caller]
fn is_clear(answer: &Answer, given: &Value) {
    let shown: String = given.to_string().chars().take(300).collect();
    assert!(!answer.status.is_server_error(), "{shown}: {} {}", answer.status, answer.text());
    if !answer.status.is_success() {
        answer.is_refused();
    }
}
