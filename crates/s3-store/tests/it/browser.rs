//! What a browser may do with a stranger's object: look at a picture, save the rest, run nothing.

use http::Method;

use crate::support::request::{Answer, send};
use crate::support::{TestStore, path_of};

fn assert_hardened(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
}

async fn put(store: &TestStore, key: &str, content_type: &str, disposition: Option<&str>) {
    let mut put = store.request(Method::PUT, &path_of(key)).header("content-type", content_type).body("<script>");
    if let Some(disposition) = disposition {
        put = put.header("content-disposition", disposition);
    }
    assert_eq!(put.send().await.status, 200);
}

#[tokio::test]
async fn pictures_are_shown() {
    let store = TestStore::start().await;
    for content_type in
        ["image/jpeg", "image/png", "image/webp", "image/avif", "IMAGE/GIF", "image/heic; a=b", "video/mp4"]
    {
        put(&store, "a", content_type, None).await;
        let got = store.get("a").await;
        assert_eq!((got.header("content-type"), got.header("content-disposition")), (content_type, ""));
        assert_hardened(&got);
    }
}

#[tokio::test]
async fn documents_are_saved_and_never_opened() {
    let store = TestStore::start().await;
    let types = [
        "text/html",
        "image/svg+xml",
        "application/xml",
        "text/xml",
        "application/xhtml+xml",
        "text/javascript",
        "application/pdf",
        "text/plain",
        "image/png, text/html",
        "image/png; a, text/html",
        "image/png; a=\"b, text/html",
        "nonsense",
        "multipart/x-mixed-replace",
    ];
    for content_type in types {
        put(&store, "a", content_type, Some("inline; filename=\"a.html\"")).await;
        for method in [Method::GET, Method::HEAD] {
            let got = store.request(method, &path_of("a")).send().await;
            let expected = "attachment; filename=\"a.html\"";
            assert_eq!(got.header("content-disposition"), expected, "{content_type}");
            // S3 clients still see the type that was stored.
            assert_eq!(got.header("content-type"), content_type);
            assert_hardened(&got);
        }
        let range = store.request(Method::GET, &path_of("a")).header("range", "bytes=1-2").send().await;
        assert!(range.header("content-disposition").starts_with("attachment"), "{content_type}");
    }
}

#[tokio::test]
async fn a_signed_override_follows_the_same_rule() {
    let store = TestStore::start().await;
    put(&store, "a", "image/png", None).await;
    let get = |name: &str, value: &str| store.request(Method::GET, &path_of("a")).query(name, value).send();
    let html = get("response-content-type", "text/html").await;
    assert_eq!((html.header("content-type"), html.header("content-disposition")), ("text/html", "attachment"));
    let named = get("response-content-disposition", "attachment; filename=\"x.png\"").await;
    assert_eq!(named.header("content-disposition"), "attachment; filename=\"x.png\"");

    put(&store, "a", "text/html", None).await;
    let inline = get("response-content-disposition", "inline").await;
    assert_eq!(inline.header("content-disposition"), "attachment");
    let png = get("response-content-type", "image/png").await;
    assert_eq!((png.header("content-type"), png.header("content-disposition")), ("image/png", ""));
}

#[tokio::test]
async fn errors_are_hardened_too() {
    let store = TestStore::start().await;
    assert_hardened(&store.get("nothing").await);
    assert_hardened(&send(&store, Method::GET, "/photos/a", vec![], vec![]).await);
    assert_hardened(&store.request(Method::GET, "/photos").send().await);
    assert_hardened(&send(&store, Method::OPTIONS, "/photos/a", vec![], vec![]).await);
}

#[tokio::test]
async fn no_other_spelling_of_the_path_gets_around_the_rule() {
    let store = TestStore::start().await;
    put(&store, "dir/evil.html", "text/html", None).await;
    let target = store.request(Method::GET, &path_of("dir/evil.html")).target();
    for spelling in ["/photos%2Fdir/evil.html", "/photos%2fdir%2Fevil.html", "/%70hotos/dir/evil%2Ehtml"] {
        let target = target.replace("/photos/dir/evil.html", spelling);
        let got = send(&store, Method::GET, &target, vec![], vec![]).await;
        assert_hardened(&got);
        assert!(got.status != 200 || got.header("content-disposition") == "attachment", "{spelling}");
    }
}
