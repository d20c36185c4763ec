//! What a reader gets never changes after `complete`, and a link allows exactly what was signed.

use http::Method;
use url::Url;

use crate::support::{Call, Database, Signed, TestApp, photo};

on_both_databases![
    the_same_bytes_again_succeed,
    other_bytes_after_complete_never_reach_a_reader,
    what_was_not_signed_is_refused_and_leaves_nothing,
    an_edited_link_is_refused_and_leaves_nothing,
    an_expired_link_is_refused_and_leaves_nothing,
    no_upload_link_writes_where_readers_look,
    a_download_link_only_downloads,
    an_unsigned_copy_source_reads_nothing,
    an_upload_that_breaks_off_leaves_nothing,
    a_client_that_goes_away_leaves_no_second_copy,
];

async fn the_same_bytes_again_succeed(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign_exactly("a.jpg", "image/jpeg", &photo(1)).await;
    for _ in 0..2 {
        assert_eq!(guest.put(&signed, &photo(1)).await.status, 200);
        assert_eq!(guest.put(&signed, &photo(1)).await.status, 200);
        guest.complete(signed.id).await.json(200);
        assert_eq!(guest.download(signed.id).await, photo(1));
    }
}

async fn other_bytes_after_complete_never_reach_a_reader(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign("a.jpg").await;
    guest.put(&signed, &photo(1)).await;
    guest.complete(signed.id).await.json(200);
    let before = guest.image(signed.id).await;
    let link = before["image_link"].as_str().unwrap().to_owned();

    guest.put(&signed, &photo(2)).await;
    assert_eq!(guest.client.get(&link).answer().await.body, photo(1));
    guest.complete(signed.id).await.json(200);
    assert_eq!(guest.client.get(&link).answer().await.body, photo(1));
    assert_eq!(guest.download(signed.id).await, photo(1));
    let after = guest.image(signed.id).await;
    assert_eq!((&after["size"], &after["sha256"]), (&before["size"], &before["sha256"]));
}

async fn what_was_not_signed_is_refused_and_leaves_nothing(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let bytes = photo(1);
    let signed = guest.sign_exactly("a.jpg", "image/jpeg", &bytes).await;
    let mut flipped = bytes.clone();
    flipped[20] ^= 1;
    let shorter = &bytes[..bytes.len() - 1];
    let longer = [&bytes[..], b"x"].concat();
    for (body, headers) in [
        (&flipped[..], &[][..]),
        (shorter, &[]),
        (&longer, &[]),
        (b"", &[]),
        (&bytes, &[("content-type", "text/html")]),
        (&bytes, &[("content-type", "image/png")]),
        (&bytes, &[("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]),
        (&bytes, &[("x-amz-acl", "public-read")]),
        (&bytes, &[("x-amz-meta-a", "b")]),
        (&bytes, &[("x-amz-tagging", "a=b")]),
        (&bytes, &[("host", "localhost")]),
    ] {
        let answer = guest.put_with(&signed, body, headers).await;
        assert!(answer.status.is_client_error(), "{headers:?}: {} {}", answer.status, answer.text());
    }
    for missing in ["content-type", "x-amz-checksum-sha256"] {
        let headers = signed.headers.iter().filter(|(name, _)| name != missing).cloned().collect();
        let answer = guest.put(&Signed { headers, ..signed.clone() }, &bytes).await;
        assert!(answer.status.is_client_error(), "without {missing}: {}", answer.status);
    }
    assert_eq!(app.store().keys().await, Vec::<String>::new());
    guest.complete(signed.id).await.error(409, "not_uploaded");
    assert_eq!(guest.put(&signed, &bytes).await.status, 200);
}

async fn an_edited_link_is_refused_and_leaves_nothing(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let bytes = photo(1);
    let signed = guest.sign_exactly("a.jpg", "image/jpeg", &bytes).await;
    let url = signed.url.as_str();
    let parameter = |name: &str| signed.url.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned();
    let path = signed.url.path();
    for edited in [
        url.replace("X-Amz-Expires=86400", "X-Amz-Expires=604800"),
        url.replace("X-Amz-Expires=86400", "X-Amz-Expires=99999999"),
        url.replace("content-length%3B", ""),
        url.replace("%3Bx-amz-checksum-sha256", ""),
        url.replace(&parameter("X-Amz-Date"), "20990101T000000Z"),
        url.replace(&parameter("X-Amz-Signature"), &"0".repeat(64)),
        url.replace(&parameter("X-Amz-Signature"), ""),
        url.replace("incoming/", "incoming/x"),
        url.replace("incoming/", "incoming/../incoming/x"),
        url.replace("hasty-media", "other-bucket"),
        format!("{url}&partNumber=1&uploadId=x"),
        format!("{url}&acl"),
        app.url().join(path).unwrap().to_string(),
        format!("{}{}?access_token={}", app.url(), path.trim_start_matches('/'), guest.token),
    ] {
        assert_ne!(edited, url);
        let edited = Signed { url: edited.parse().unwrap(), ..signed.clone() };
        let answer = guest.put(&edited, &bytes).await;
        assert!(answer.status.is_client_error(), "{}: {} {}", edited.url, answer.status, answer.text());
    }
    for method in [Method::GET, Method::HEAD, Method::DELETE, Method::POST] {
        let answer = app.client().call(method.clone(), url).answer().await;
        assert!(answer.status.is_client_error(), "{method}: {}", answer.status);
    }
    assert_eq!(app.store().keys().await, Vec::<String>::new());
    guest.complete(signed.id).await.error(409, "not_uploaded");
}

async fn an_expired_link_is_refused_and_leaves_nothing(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    app.move_clock(-25);
    let old = guest.sign("a.jpg").await;
    app.move_clock(25);
    let refused = guest.put(&old, &photo(1)).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert_eq!(app.store().keys().await, Vec::<String>::new());
    guest.complete(old.id).await.error(409, "not_uploaded");

    let again = guest.sign_with(&serde_json::json!({"filename": "a.jpg", "file_id": old.id})).await;
    assert_eq!(guest.put(&again, &photo(1)).await.status, 200);
    guest.complete(old.id).await.json(200);
}

async fn no_upload_link_writes_where_readers_look(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let photo_url: Url = guest.image(id).await["image_link"].as_str().unwrap().parse().unwrap();
    let signed = guest.sign("b.jpg").await;
    assert!(signed.url.path().starts_with("/hasty-media/incoming/"));
    let key = signed.url.path().strip_prefix("/hasty-media/").unwrap();
    for path in [
        photo_url.path().to_owned(),
        key.replace("incoming/", "/hasty-media/photos/"),
        format!("/hasty-media/incoming/..%2f{}", photo_url.path().trim_start_matches("/hasty-media/")),
        format!("/hasty-media//{key}"),
    ] {
        let mut url = signed.url.clone();
        url.set_path(&path);
        let answer = guest.put(&Signed { url, ..signed.clone() }, &photo(2)).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
    assert_eq!(guest.download(id).await, photo(1));
}

async fn a_download_link_only_downloads(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let (guest, other) = (app.owner().invite("guest@example.com").await, app.owner().invite("other@example.com").await);
    let (id, secret) = (guest.upload_jpeg("a.jpg", &photo(1)).await, other.upload_jpeg("b.jpg", &photo(2)).await);
    let link: Url = guest.image(id).await["image_link"].as_str().unwrap().parse().unwrap();
    for method in [Method::PUT, Method::DELETE, Method::POST] {
        let answer = app.client().call(method.clone(), link.as_str()).body("other").answer().await;
        assert!(answer.status.is_client_error(), "{method}: {}", answer.status);
    }
    let mut edited = link.clone();
    edited.set_path(other.image(secret).await["image_link"].as_str().unwrap().parse::<Url>().unwrap().path());
    assert_eq!(app.client().get(edited.as_str()).answer().await.status, 403);
    assert_eq!(app.client().get(link.path()).answer().await.status, 403);
    assert_eq!(guest.download(id).await, photo(1));
}

async fn an_unsigned_copy_source_reads_nothing(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let (victim, stranger) =
        (app.owner().invite("victim@example.com").await, app.owner().invite("stranger@example.com").await);
    let id = victim.upload_jpeg("a.jpg", &photo(1)).await;
    let source: Url = victim.image(id).await["image_link"].as_str().unwrap().parse().unwrap();
    let signed = stranger.sign("b.jpg").await;
    for header in ["x-amz-copy-source", "X-Amz-Copy-Source"] {
        for source in [source.path().to_owned(), source.path().trim_start_matches('/').to_owned()] {
            let answer = stranger.put_with(&signed, b"", &[(header, &source)]).await;
            assert_eq!(answer.status, 403, "{}", answer.text());
        }
    }
    stranger.complete(signed.id).await.error(409, "not_uploaded");
    assert!(app.store().keys().await.iter().all(|key| !signed.url.path().ends_with(key.as_str())));
}

async fn an_upload_that_breaks_off_leaves_nothing(on: Database) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let signed = guest.sign("a.jpg").await;
    let (path, query, address) = (signed.url.path(), signed.url.query().unwrap(), app.address);
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PUT {path}?{query} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut went_on = [0; 25];
    connection.read_exact(&mut went_on).await.unwrap();
    assert!(went_on.starts_with(b"HTTP/1.1 100 Continue"), "{}", String::from_utf8_lossy(&went_on));
    connection.write_all(&[7; 500]).await.unwrap();
    // Half of it was sent; the other half never comes.
    drop(connection);
    guest.complete(signed.id).await.error(409, "not_uploaded");
    assert_eq!(app.store().keys().await, Vec::<String>::new());
    assert_eq!(guest.put(&signed, &photo(1)).await.status, 200);
    guest.complete(signed.id).await.json(200);
    assert_eq!(guest.download(signed.id).await, photo(1));
}

/// Bad Wi-Fi: the answer to `complete` is not waited for, again and again.
async fn a_client_that_goes_away_leaves_no_second_copy(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let mut ids = Vec::new();
    for n in 0..20 {
        let signed = guest.sign("a.jpg").await;
        guest.put(&signed, &photo(n)).await;
        ids.push(signed.id);
    }
    for (n, id) in ids.iter().enumerate() {
        let call = guest.call(Method::POST, "/api/files/complete/").json(&serde_json::json!({"file": id})).send();
        let patience = std::time::Duration::from_millis(n as u64 % 10);
        drop(tokio::time::timeout(patience, call).await);
        guest.complete(*id).await.json(200);
    }
    for tries in 0.. {
        let photos = app.store().keys().await.into_iter().filter(|key| key.starts_with("photos/")).count();
        if photos == ids.len() {
            break;
        }
        assert!(tries < 500, "{photos} copies of {} photos", ids.len());
    }
}
