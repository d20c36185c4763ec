//! Browsers of other origins: answered by the bucket's rules.

use http::Method;

use crate::support::request::{Answer, send};
use crate::support::{TestStore, path_of};

const RULES: &str = "<CORSConfiguration>
    <CORSRule><AllowedOrigin>https://*.example.com</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>
        <AllowedMethod>GET</AllowedMethod><AllowedHeader>Content-*</AllowedHeader>
        <AllowedHeader>x-amz-checksum-sha256</AllowedHeader><ExposeHeader>ETag</ExposeHeader>
        <MaxAgeSeconds>600</MaxAgeSeconds></CORSRule>
    <CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod></CORSRule>
</CORSConfiguration>";

async fn store_with_rules() -> TestStore {
    let store = TestStore::start().await;
    let put = store.request(Method::PUT, "/photos").query("cors", "").body(RULES).send_header_signed().await;
    assert_eq!(put.status, 200, "{}", put.text());
    store
}

async fn preflight(store: &TestStore, origin: &str, method: &str, headers: &str) -> Answer {
    let mut sent =
        vec![("origin".to_owned(), origin.to_owned()), ("access-control-request-method".to_owned(), method.to_owned())];
    if !headers.is_empty() {
        sent.push(("access-control-request-headers".to_owned(), headers.to_owned()));
    }
    send(store, Method::OPTIONS, "/photos/some/key", sent, vec![]).await
}

#[tokio::test]
async fn a_preflight_is_answered_by_the_rules() {
    let store = store_with_rules().await;
    let allowed = preflight(&store, "https://a.example.com", "PUT", "content-type, X-Amz-Checksum-Sha256").await;
    assert_eq!(allowed.status, 200, "{}", allowed.text());
    assert_eq!(allowed.header("access-control-allow-origin"), "https://a.example.com");
    assert_eq!(allowed.header("access-control-allow-methods"), "PUT, GET");
    assert_eq!(allowed.header("access-control-allow-headers"), "content-type, x-amz-checksum-sha256");
    assert_eq!(allowed.header("access-control-max-age"), "600");
    assert!(allowed.header("vary").contains("Origin"));
    assert_eq!(preflight(&store, "https://other.org", "HEAD", "").await.header("access-control-allow-origin"), "*");

    let refused = [
        ("https://a.example.com", "DELETE", ""),
        ("https://a.example.com", "PUT", "authorization"),
        ("https://example.com.evil.org", "PUT", ""),
        ("http://a.example.com", "PUT", ""),
    ];
    for (origin, method, headers) in refused {
        let answer = preflight(&store, origin, method, headers).await;
        assert_eq!(answer.error(), (403, "AccessForbidden".to_owned()), "{origin} {method} {headers}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    let no_origin = send(&store, Method::OPTIONS, "/photos/key", vec![], vec![]).await;
    assert_eq!(no_origin.status, 400);
}

#[tokio::test]
async fn answers_and_errors_carry_the_headers_too() {
    let store = store_with_rules().await;
    let origin = "https://a.example.com";
    let put = store.request(Method::PUT, &path_of("a")).unsigned_header("origin", origin).body("x").send().await;
    assert_eq!(put.status, 200);
    assert_eq!(put.header("access-control-allow-origin"), origin);
    assert_eq!(put.header("access-control-expose-headers"), "ETag");
    assert_eq!(put.header("vary"), "Origin");
    let missing = store.request(Method::GET, &path_of("b")).unsigned_header("origin", origin).send().await;
    assert_eq!((missing.status.as_u16(), missing.header("access-control-allow-origin")), (404, origin));
    let foreign = store.request(Method::GET, &path_of("a")).unsigned_header("origin", "https://evil.org").send().await;
    assert_eq!(foreign.header("access-control-allow-origin"), "");
    assert_eq!(foreign.header("vary"), "Origin", "a cache must not serve this to the allowed origin");
}

#[tokio::test]
async fn rules_are_kept_changed_and_deleted() {
    let store = store_with_rules().await.restart().await;
    let get = async |store: &TestStore| store.request(Method::GET, "/photos").query("cors", "").send().await;
    assert_eq!(get(&store).await.all("AllowedOrigin"), ["https://*.example.com", "*"]);
    assert_eq!(preflight(&store, "https://a.example.com", "PUT", "").await.status, 200);

    let malformed = RULES.replace("<AllowedMethod>PUT</AllowedMethod>", "<AllowedMethod>PATCH</AllowedMethod>");
    let put = store.request(Method::PUT, "/photos").query("cors", "").body(malformed).send_header_signed().await;
    assert_eq!(put.error(), (400, "InvalidRequest".to_owned()));

    assert_eq!(store.request(Method::DELETE, "/photos").query("cors", "").send().await.status, 204);
    assert_eq!(get(&store).await.error(), (404, "NoSuchCORSConfiguration".to_owned()));
    let refused = preflight(&store, "https://a.example.com", "PUT", "").await;
    assert_eq!(refused.error(), (403, "AccessForbidden".to_owned()));
}
