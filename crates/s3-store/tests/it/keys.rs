//! Keys: any text up to 1,024 bytes, whatever a path, a terminal or XML would make of it.

use http::Method;

use crate::support::request::send;
use crate::support::sigv4::encode;
use crate::support::{BUCKET, TestStore, path_of};

#[tokio::test]
async fn control_characters_come_back_as_they_were() {
    let store = TestStore::start().await;
    let keys =
        ["a\u{1}b", "a\tb", "a\nb", "a\rb", "a\r\nb", "\u{7f}", "\u{85}", "\u{fffe}", "\u{202e}x", " ", "a ", " a"];
    for key in keys {
        let put = store.put(key, key).await;
        assert_eq!(put.status, 200, "{key:?}: {}", put.text());
        assert_eq!(store.get(key).await.text(), key);
    }
    let mut expected = keys.map(|key| encode(key, "/")).to_vec();
    expected.sort();
    let list = store.request(Method::GET, "/photos").query("list-type", "2").query("encoding-type", "url").send().await;
    let mut listed = list.all("Key");
    listed.sort();
    assert_eq!(listed, expected);

    // Without an encoding, as S3 writes them: as references.
    let plain = store.request(Method::GET, "/photos").query("prefix", "a\u{1}").send().await;
    assert!(plain.text().contains("<Key>a&#x1;b</Key>") && plain.text().contains("<Prefix>a&#x1;</Prefix>"));
    let plain = store.request(Method::GET, "/photos").query("prefix", "a\r").send().await;
    assert_eq!(plain.all("Key"), ["a&#xD;\nb", "a&#xD;b"]);

    // And as references they are taken.
    let body = "<Delete><Object><Key>a&#9;b</Key></Object><Object><Key>a&#13;b</Key></Object></Delete>";
    let deleted = store.request(Method::POST, "/photos").query("delete", "").body(body).send_header_signed().await;
    assert_eq!(deleted.all("Key"), ["a\tb", "a&#xD;b"], "{}", deleted.text());
    assert_eq!((store.get("a\tb").await.status.as_u16(), store.get("a\rb").await.status.as_u16()), (404, 404));
    assert_eq!(store.get("a\r\nb").await.status, 200);
}

#[tokio::test]
async fn an_error_names_no_control_character_as_it_is() {
    let store = TestStore::start().await;
    let missing = store.get("\u{1}\u{1b}[31m").await;
    assert_eq!(missing.error(), (404, "NoSuchKey".to_owned()));
    assert!(missing.text().bytes().all(|byte| byte >= b' ' || byte == b'\n'), "{:?}", missing.text());
}

#[tokio::test]
async fn a_key_is_decoded_once_and_only_once() {
    let store = TestStore::start().await;
    for (key, spelled) in [
        ("%2e%2e/x", "%252e%252e/x"),
        ("a%2Fb", "a%252Fb"),
        ("a+b", "a%2Bb"),
        ("a b", "a%20b"),
        ("100%", "100%25"),
        ("?x=1", "%3Fx%3D1"),
        ("#x", "%23x"),
    ] {
        store.put(key, key).await;
        let target = store.request(Method::GET, &path_of(key)).target();
        assert!(target.starts_with(&format!("/{BUCKET}/{spelled}?")), "{target}");
        assert_eq!(send(&store, Method::GET, &target, vec![], vec![]).await.text(), key);
        // Nobody gets at it by a spelling that was not signed, whatever that decodes to.
        let twice = target.replacen(spelled, &spelled.replace('%', "%25"), 1);
        assert_eq!(
            send(&store, Method::GET, &twice, vec![], vec![]).await.error(),
            (403, "SignatureDoesNotMatch".to_owned())
        );
    }
    assert_eq!(store.keys().await.len(), 7);
}

#[tokio::test]
async fn what_is_no_text_is_refused() {
    let store = TestStore::start().await;
    let target = store.request(Method::PUT, &path_of("KEY")).target();
    for (odd, status) in [("%ff", 400), ("%c3%28", 400), ("%ed%a0%80", 400), ("%", 403), ("%zz", 403), ("%00", 403)] {
        let answer = send(&store, Method::PUT, &target.replace("KEY", odd), vec![], b"x".to_vec()).await;
        assert!(answer.status == status || answer.status == 403, "{odd}: {} {}", answer.status, answer.text());
    }
    for (key, code) in [("a\0b", "InvalidArgument"), ("\0", "InvalidArgument")] {
        assert_eq!(store.put(key, "x").await.error(), (400, code.to_owned()), "{key:?}");
    }
    let longest = "ü".repeat(512);
    assert_eq!(store.put(&longest, "x").await.status, 200);
    assert_eq!(store.put(&format!("{longest}x"), "y").await.error(), (400, "KeyTooLongError".to_owned()));
    let copy = |source: String| store.request(Method::PUT, &path_of("b")).header("x-amz-copy-source", source).send();
    assert_eq!(copy(format!("photos/{}", "k".repeat(1025))).await.status, 400);
    let upload = |key: &str| store.request(Method::POST, &path_of(key)).query("uploads", "").send();
    assert_eq!(upload("a\0b").await.error(), (400, "InvalidArgument".to_owned()));
    assert_eq!(store.keys().await, [longest]);
}

#[tokio::test]
async fn delimiters_may_be_any_text() {
    let store = TestStore::start().await;
    for key in ["bar", "baz", "cab", "foo%x", "foo x", "ünder"] {
        store.put(key, "x").await;
    }
    let prefixes = async |delimiter: &str| {
        let list = store.request(Method::GET, "/photos").query("list-type", "2").query("delimiter", delimiter);
        list.send().await.all("CommonPrefixes").concat().replace("<Prefix>", "").replace("</Prefix>", " ")
    };
    assert_eq!(prefixes("a").await, "ba ca ");
    assert_eq!(prefixes("%").await, "foo% ");
    assert_eq!(prefixes(" ").await, "foo  ");
    assert_eq!(prefixes("ü").await, "ü ");
    assert_eq!(prefixes("\u{a}").await, "");
    assert_eq!(prefixes("").await, "");
}
