//! `/api/images.csv`: the list of what has arrived, to keep.

use crate::support::{Call, Database, TestApp, photo, sha256};

on_both_databases![it_lists_what_has_arrived, a_name_is_no_formula, it_is_only_for_who_may_look];

const HEAD: &str = "\u{feff}name,size,sha256,state,arrived\r\n";

async fn it_lists_what_has_arrived(on: Database) {
    let app = TestApp::start(on).await;
    let (guest, other) = (app.owner().invite("guest@example.com").await, app.owner().invite("b@example.com").await);
    assert_eq!(guest.get("/api/images.csv").answer().await.text(), HEAD);
    let id = guest.upload_jpeg("a \"b\", c.jpg", &photo(1)).await;
    guest.settled(id).await;
    guest.sign("never sent.jpg").await;
    other.upload_jpeg("foreign.jpg", &photo(2)).await;

    let list = guest.get("/api/images.csv").answer().await;
    assert_eq!((list.status.as_u16(), list.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(list.header("content-disposition"), "attachment; filename=\"photos.csv\"");
    let line = format!("\"a \"\"b\"\", c.jpg\",{},{},ready,", photo(1).len(), sha256(&photo(1)));
    let arrived = list
        .text()
        .strip_prefix(HEAD)
        .and_then(|rest| rest.strip_prefix(&line))
        .unwrap_or_else(|| panic!("{}", list.text()));
    assert!(arrived.strip_suffix("Z\r\n").is_some_and(|time| !time.contains('\n')), "{arrived}");

    assert_eq!(app.owner().get("/api/images.csv").answer().await.text().lines().count(), 3);
    let path = format!("/api/images.csv?invitation={}", app.owner().invitation_id(&other).await);
    let others = app.owner().get(&path).answer().await;
    assert!(others.text().lines().count() == 2 && others.text().contains("foreign.jpg"), "{}", others.text());
}

async fn a_name_is_no_formula(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    for (number, name) in ["=1+1.jpg", "+a.jpg", "-a.jpg", "@a.jpg"].iter().enumerate() {
        guest.upload_jpeg(name, &photo(number as u64)).await;
        let list = guest.get("/api/images.csv").answer().await;
        assert!(list.text().contains(&format!("\"'{name}\"")), "{}", list.text());
    }
}

async fn it_is_only_for_who_may_look(on: Database) {
    let app = TestApp::start(on).await;
    app.client().get("/api/images.csv").answer().await.error(403, "token_missing");
}
