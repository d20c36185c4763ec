//! Every path, with and without its trailing slash, for every method.

use http::Method;
use reqwest::RequestBuilder;

use crate::support::{Call, Database, TestApp, photo};

on_both_databases![
    every_path_answers_with_and_without_its_slash,
    a_wrong_method_names_the_right_ones,
    unknown_paths_are_not_found
];

const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// Who may call.
#[derive(Clone, Copy)]
enum Caller {
    Guest,
    Owner,
}

/// Path without its slash, its methods, and who may call. `{image}`, `{upload}` and `{invitation}` stand for ids.
const PATHS: [(&str, &str, Caller); 19] = [
    ("/api/invitation", "GET, HEAD, POST", Caller::Owner),
    ("/api/invitations", "GET, HEAD, POST", Caller::Owner),
    ("/invitation", "GET, HEAD, POST", Caller::Owner),
    ("/api/invitation/{invitation}", "GET, HEAD, PATCH, DELETE", Caller::Owner),
    ("/api/invitation/{invitation}/qr.svg", "GET, HEAD", Caller::Owner),
    ("/api/session", "POST, DELETE", Caller::Owner),
    ("/api/upload", "GET, HEAD, POST", Caller::Guest),
    ("/api/upload/manifest.webmanifest", "GET, HEAD", Caller::Guest),
    ("/api/files/policy", "POST", Caller::Guest),
    ("/api/files/complete", "POST", Caller::Guest),
    ("/api/files/parts", "POST", Caller::Guest),
    ("/api/files/{upload}/parts", "GET, HEAD, DELETE", Caller::Guest),
    ("/api/images", "GET, HEAD", Caller::Guest),
    ("/api/images/{image}", "GET, HEAD, DELETE", Caller::Guest),
    ("/api/images/{image}/thumbnail", "GET, HEAD", Caller::Guest),
    ("/api/stats", "GET, HEAD", Caller::Owner),
    ("/admin", "GET, HEAD", Caller::Owner),
    ("/healthz", "GET, HEAD", Caller::Owner),
    ("/readyz", "GET, HEAD", Caller::Owner),
];

async fn every_path_answers_with_and_without_its_slash(on: Database) {
    let app = TestApp::start(on).await;
    for (path, allow, caller) in PATHS {
        for method in METHODS {
            let allowed = allow.split(", ").any(|name| name == method.as_str());
            let mut statuses = Vec::new();
            for slash in ["", "/"] {
                // A path may be changed by the call before: each gets an invitation of its own.
                let answer = call(&app, caller, method.clone(), path, slash).await.answer().await;
                // What is shared with the page leads to the page; nothing leads to the other spelling of a path.
                assert!(!answer.status.is_redirection() || answer.status == 303, "{method} {path}{slash}");
                assert!(!answer.status.is_server_error(), "{method} {path}{slash}: {}", answer.text());
                assert_eq!(answer.status == 405, !allowed, "{method} {path}{slash}: {}", answer.status);
                // A path that does not exist is told as another thing than a preview that does not.
                let is_unknown = answer.status == 404 && !answer.text().contains("no_preview");
                assert!(!is_unknown || method == Method::HEAD, "{method} {path}{slash}");
                statuses.push(answer.status);
            }
            assert_eq!(statuses[0], statuses[1], "{method} {path}");
        }
    }
}

async fn a_wrong_method_names_the_right_ones(on: Database) {
    let app = TestApp::start(on).await;
    for (path, allow, caller) in PATHS {
        for method in METHODS.iter().filter(|method| !allow.split(", ").any(|name| name == method.as_str())) {
            let answer = call(&app, caller, method.clone(), path, "/").await.answer().await;
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
            if method == Method::HEAD {
                answer.is(405, "");
                continue;
            }
            let detail = answer.legacy_error(405, "method_not_allowed", "detail");
            assert_eq!(detail, format!("Method \"{method}\" not allowed."), "{path}");
        }
    }
}

async fn unknown_paths_are_not_found(on: Database) {
    let app = TestApp::start(on).await;
    for path in [
        "/api",
        "/api/",
        "/api/files/",
        "/api/file/policy/",
        "/api/images/1/2/",
        "/assets/",
        "/assets/none.js",
        "/assets/..%2fguest.html",
        "/admin/x",
        "/healthz/x",
        "/api//images/",
        "/API/images/",
    ] {
        for method in [Method::GET, Method::POST] {
            let answer = app.owner().call(method, path).answer().await;
            assert!([404, 405].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
            answer.is_refused();
        }
    }
    let answer = app.client().get("/api/nothing/").answer().await;
    assert_eq!(answer.legacy_error(404, "not_found", "detail"), "Not found.");
}

async fn call(app: &TestApp, caller: Caller, method: Method, path: &str, slash: &str) -> RequestBuilder {
    let guest = app.owner().invite(&format!("{}@example.com", uuid::Uuid::new_v4().simple())).await;
    let mut path = format!("{path}{slash}");
    if path.contains("{invitation}") {
        path = path.replace("{invitation}", &app.owner().invitation_id(&guest).await);
    }
    if path.contains("{image}") {
        path = path.replace("{image}", &guest.sign("a.jpg").await.id.to_string());
    }
    if path.contains("{upload}") {
        path = path.replace("{upload}", &guest.sign_large("a.jpg", photo(1)).await.id.to_string());
    }
    match caller {
        Caller::Guest => guest.call(method, &path),
        Caller::Owner => app.owner().call(method, &path),
    }
}
