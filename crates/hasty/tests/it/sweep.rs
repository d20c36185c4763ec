//! What lies under `incoming/` goes once its photo has moved and the last link to it has ended.

use crate::support::{Database, Guest, Signed, TestApp, photo};

on_both_databases![removes_what_no_link_can_write_any_more];

async fn removes_what_no_link_can_write_any_more(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    app.move_clock(-26);
    let ended = guest.sign("ended.jpg").await;
    app.move_clock(26);
    let living = guest.sign("living.jpg").await;
    for (signed, number) in [(&ended, 1), (&living, 2)] {
        assert_eq!(app.store().put(&key(signed), &photo(number)).await.status, 200);
        guest.complete(signed.id).await.json(200);
    }
    assert_eq!(incoming(&app).await.len(), 2);

    app.sweep_until(async || incoming(&app).await == [key(&living)]).await;
    are_whole(&guest, [ended.id, living.id]).await;
    assert_eq!(guest.put(&living, &photo(2)).await.status, 200, "a lost answer is made good by the same bytes");
    are_whole(&guest, [ended.id, living.id]).await;
}

async fn are_whole(guest: &Guest, [one, two]: [i64; 2]) {
    assert_eq!((guest.download(one).await, guest.download(two).await), (photo(1).into(), photo(2).into()));
}

fn key(signed: &Signed) -> String {
    signed.url.path().trim_start_matches("/hasty-media/").to_owned()
}

async fn incoming(app: &TestApp) -> Vec<String> {
    app.store().keys().await.into_iter().filter(|key| key.starts_with("incoming/")).collect()
}
