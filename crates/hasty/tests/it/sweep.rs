//! What lies under `incoming/` goes once its photo has moved and the last link to it has ended.

use crate::ingest::ready;
use crate::support::{Database, Flaky, Guest, REMOVALS, Signed, TestApp, external, photo};

on_both_databases![
    removes_what_no_link_can_write_any_more,
    a_sweeper_that_was_frozen_removes_nothing_that_was_stored_anew,
];

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

async fn a_sweeper_that_was_frozen_removes_nothing_that_was_stored_anew(on: Database) {
    let store = TestApp::start(Database::Sqlite).await;
    let flaky = Flaky::before(store.url()).await;
    let app = TestApp::with(on, &external(flaky.url().as_str())).await;
    let guest = app.owner().invite("guest@example.com").await;
    for number in 1..=2 {
        let id = ready(&guest, "a.jpg", &photo(number)).await;
        guest.delete(id).await.is(204, "");
    }
    flaky.hold(REMOVALS);
    app.let_pass(26);
    let is_frozen = async || {
        flaky.holds_one().await;
        true
    };
    app.sweep_until(is_frozen).await;
    // Meanwhile another instance takes over and removes the first one; somebody sends it again.
    app.damage_rows("DELETE FROM perceptual_quarters; DELETE FROM contents WHERE doomed = 1 AND id = 1").await;
    let again = ready(&guest, "a.jpg", &photo(1)).await;
    app.let_pass(2);
    flaky.release();
    assert_eq!(guest.image(again).await["state"], "ready");
    // What it has left of the second one goes an hour later.
    let previews = async || store.store().keys().await.into_iter().filter(|key| key.starts_with("previews/")).count();
    app.sweep_until(async || previews().await == 2).await;
    assert_eq!(guest.download(again).await, photo(1));
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
