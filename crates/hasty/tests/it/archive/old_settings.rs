//! A server that goes on with the old settings beside a move, or is started with them later: nothing that it takes is lost.

use serde_json::json;
use tokio::task::spawn_blocking;
use url::Url;

use super::Settings;
use super::faults::home;
use super::mistakes::refuses;
use crate::support::{COMPLETIONS, DOWNLOADS, Database, S3_KEY_PAIR, TestApp, photo};

#[tokio::test]
async fn a_move_notices_a_server_that_still_works() {
    let home = home(Database::Postgres).await;
    let (mut hasty, owner) = home.settings.start().await;
    let guest = owner.invite("guest@example.com").await;
    let title = json!({"file": home.photos[0], "metadata": {"title": "a title"}});
    for use_by_a_guest in [false, true] {
        let target = Settings::on(Database::Sqlite).await;
        let data = target.data();
        home.flaky.hold(DOWNLOADS);
        let to = ["move", "--to-data-dir", data.to_str().unwrap()];
        let ((status, words), ()) = tokio::join!(home.settings.run(&to), async {
            home.flaky.holds_one().await;
            match use_by_a_guest {
                true => drop(guest.complete_with(&title).await.json(200)),
                false => drop(owner.invite("somebody@example.com").await),
            }
            home.flaky.release();
        });
        assert!(status == Some(1) && words.contains("a server still works with the old database"), "{words}");
        assert!(words.contains("nothing was put into the database"), "{words}");
    }
    hasty.stop().await;
    let target = Settings::on(Database::Sqlite).await;
    let (status, words) = home.settings.run(&["move", "--to-data-dir", target.data().to_str().unwrap()]).await;
    assert!(status == Some(0) && words.contains("hasty check"), "{words}");
}

#[tokio::test]
async fn a_server_on_a_database_that_was_moved_ends_and_calls_no_photo_saved() {
    let home = home(Database::Postgres).await;
    let (mut hasty, owner) = home.settings.start().await;
    let guest = owner.invite("guest@example.com").await;
    let signed = guest.sign_exactly("c.jpg", "image/jpeg", &photo(3)).await;
    assert_eq!(guest.put(&signed, &photo(3)).await.status, 200);
    let target = Settings::on(Database::Sqlite).await;
    home.flaky.hold(COMPLETIONS);
    let (completed, ()) = tokio::join!(guest.complete(signed.id), async {
        home.flaky.holds_one().await;
        let (status, words) = home.settings.run(&["move", "--to-data-dir", target.data().to_str().unwrap()]).await;
        assert_eq!(status, Some(0), "{words}");
        home.flaky.release();
    });
    completed.error(503, "busy");
    let (status, log) = hasty.ended().await;
    assert!(!status.success() && log.contains("the rows of this database were moved on 20"), "{log}");

    let (mut hasty, owner) = target.start().await;
    let moved = owner.invite("guest@example.com").await;
    moved.complete(signed.id).await.error(409, "not_uploaded");
    assert_eq!(moved.images().await.iter().filter(|image| image["state"] == "ready").count(), 2);
    hasty.stop().await;
}

#[tokio::test]
async fn photos_that_were_moved_alone_are_not_looked_for_where_they_were() {
    let home = home(Database::Postgres).await;
    let (old_place, new_store) = (home.flaky.url(), TestApp::start(Database::Sqlite).await);
    let mut settings = home.settings;
    let (mut idle, _) = settings.start().await;
    for (from, to, is_running) in [(&old_place, &new_store.url(), true), (&new_store.url(), &old_place, false)] {
        let (status, words) = settings.run(&to_storage(to)).await;
        assert!(status == Some(0) && words.starts_with("0 rows, "), "{words}");
        let moved = format!("away from the bucket hasty-media at {from}");
        if is_running {
            let (status, log) = idle.ended().await;
            assert!(!status.success() && log.contains(&moved), "{log}");
        }
        refuses(&settings, &["serve"], &moved).await;
        set_endpoint(&mut settings, to);
        let (mut hasty, owner) = settings.start().await;
        let guest = owner.invite("guest@example.com").await;
        for (id, number) in home.photos.into_iter().zip(1..) {
            assert_eq!(guest.download(id).await, photo(number));
        }
        hasty.stop().await;
    }
    set_endpoint(&mut settings, &new_store.url());
    let (status, words) = settings.run(&["move", "--forget"]).await;
    assert!(status == Some(0) && words.contains("can start on this database again"), "{words}");
    settings.start().await.0.stop().await;
}

fn to_storage(endpoint: &Url) -> [&str; 7] {
    let (key_id, secret) = S3_KEY_PAIR;
    let flags = ["--to-s3-endpoint", "--to-s3-access-key-id", "--to-s3-secret-access-key"];
    ["move", flags[0], endpoint.as_str(), flags[1], key_id, flags[2], secret]
}

fn set_endpoint(settings: &mut Settings, endpoint: &Url) {
    let setting = settings.more.iter_mut().find(|(name, _)| *name == "HASTY_S3_ENDPOINT");
    setting.unwrap().1 = endpoint.to_string();
}

#[tokio::test]
async fn a_move_that_puts_nothing_into_the_new_database_leaves_the_old_one_in_use() {
    let home = home(Database::Sqlite).await;
    let target = Settings::on(Database::Postgres).await;
    let database = target.database.clone().unwrap();
    let url = database.url();
    assert_eq!(target.run(&["migrate"]).await.0, Some(0));
    let run = async |sql: &'static str| {
        let database = database.clone();
        spawn_blocking(move || database.execute_within(sql).unwrap()).await.unwrap();
    };
    run("ALTER TABLE images ADD CONSTRAINT nothing CHECK (name = '')").await;
    let to = ["move", "--to-database-url", &url];
    let (status, words) = home.settings.run(&to).await;
    assert!(status == Some(1) && words.contains("nothing was put into the database"), "{words}");
    home.settings.start().await.0.stop().await;
    run("ALTER TABLE images DROP CONSTRAINT nothing").await;
    let (status, words) = home.settings.run(&to).await;
    assert!(status == Some(0) && words.contains(" rows, 0 objects, "), "{words}");
}
