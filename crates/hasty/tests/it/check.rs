//! `hasty check` finds what must never happen, mends what can be mended, and loses nothing.

use std::cell::Cell;

use futures::{StreamExt, stream};
use http::Method;
use serde_json::Value;
use tempfile::TempDir;

use crate::ingest::ready;
use crate::support::{Call, Database, Guest, OWNER_KEY, S3_KEY_PAIR, TestApp, external, photo};

on_both_databases![
    a_sound_installation_has_no_finding,
    what_happens_meanwhile_is_no_finding,
    what_the_bucket_has_lost_is_named,
    what_no_row_knows_is_named_and_goes_later,
    a_photo_without_rows_stays_and_can_come_again,
    previews_that_were_to_go_stay_when_their_photo_comes_again,
    counts_and_jobs_are_put_right,
    what_a_process_dies_of_again_and_again_is_given_up,
    a_server_that_uses_the_embedded_store_is_asked_to_stop,
];

async fn a_sound_installation_has_no_finding(on: Database) {
    let house = House::start(on, &[]).await;
    let guest = house.guest().await;
    let other = house.app.owner().invite("other@example.com").await;
    ready(&guest, "a.jpg", &photo(1)).await;
    ready(&other, "same.jpg", &photo(1)).await;
    let deleted = ready(&guest, "deleted.jpg", &photo(2)).await;
    guest.delete(deleted).await.is(204, "");
    let rejected = guest.upload_jpeg("rejected.jpg", b"no photo").await;
    guest.settled(rejected).await;
    guest.put(&guest.sign("pending.jpg").await, &photo(3)).await;
    house.store.store().put("backup/of-somebody-elses.txt", b"not ours").await;
    let (status, output) = house.check(&[]).await;
    assert_eq!(status, Some(0), "{output}");
    assert!(output.ends_with(" objects, 2 images, 2 contents: all fits together\n"), "{output}");
}

async fn what_happens_meanwhile_is_no_finding(on: Database) {
    const UPLOADS: u64 = 12;
    let house = House::start(on, &[]).await;
    let guests = [house.guest().await, house.app.owner().invite("other@example.com").await];
    let uploads = Cell::new(0);
    let come_and_go = async {
        for number in 0_u64.. {
            // Both send the same bytes, one after the other.
            let guest = &guests[(number % 2) as usize];
            let id = guest.upload_jpeg("a.jpg", &photo(number / 2)).await;
            if number % 3 == 0 {
                guest.delete(id).await.is(204, "");
            }
            uploads.set(number + 1);
        }
    };
    let checks = async {
        // As many checks as meet enough uploads, however fast this machine is at either.
        for number in 1.. {
            let before = uploads.get();
            house.finds(&[], &[]).await;
            if number >= 4 && uploads.get() > before.max(UPLOADS) {
                break;
            }
        }
    };
    tokio::select! {
        () = come_and_go => {}
        () = checks => {}
    }
}

async fn what_the_bucket_has_lost_is_named(on: Database) {
    let house = House::start(on, &[]).await;
    let guest = house.guest().await;
    let (lost, pale) = (ready(&guest, "lost\u{1b}.jpg", &photo(1)).await, ready(&guest, "pale.jpg", &photo(2)).await);
    let (photo_key, preview_key) = (key(&guest, lost, "image_link").await, key(&guest, pale, "preview_link").await);
    house.store.store().delete(&photo_key).await;
    house.store.store().delete(&preview_key).await;

    let invitation = house.app.owner().invitation_id(&guest).await;
    let name = "\"lost\\u{1b}.jpg\"";
    let photo_line = format!("photo missing: image {lost} {name} of invitation {invitation}, at {photo_key}");
    let preview_line = format!("preview missing: {preview_key} of content 2, shown by image {pale}");
    house.finds(&[], &[&photo_line, &preview_line]).await;
    let irreparable = format!("{photo_line}; cannot be mended: only a backup has it");
    let output = house.finds(&["--fix"], &[&irreparable, &preview_line]).await;
    assert!(output.contains("findings: 2, of which 1 are mended"), "{output}");
    house.finds(&[], &[&photo_line]).await;
    let image = guest.image(pale).await;
    assert_eq!((&image["state"], &image["preview_link"]), (&Value::from("ready"), &Value::Null), "{image}");
    assert_eq!(guest.download(pale).await, photo(2));

    // What is missing altogether is the bucket's fault: the rows stay as they are, for its backup.
    let bare = ready(&guest, "bare.jpg", &photo(3)).await;
    for link in ["image_link", "thumbnail_link", "preview_link"] {
        house.store.store().delete(&key(&guest, bare, link).await).await;
    }
    let bare_line = format!("photo missing: image {bare} ");
    house.finds(&["--fix"], &[&photo_line, &bare_line, "preview missing: "]).await;
    house.finds(&[], &[&photo_line, &bare_line, "preview missing: "]).await;
}

async fn what_no_row_knows_is_named_and_goes_later(on: Database) {
    let house = House::start(on, &[]).await;
    let store = house.store.store();
    let (id, hash) = ("0123456789abcdef0123456789abcdef", "0123456789abcdef".repeat(4));
    let (photo_key, upload) = (format!("photos/{id}.jpg"), format!("incoming/{id}"));
    let (preview, misnamed) = (format!("previews/{hash}-320"), format!("photos/{hash}.jpg"));
    let foreign = ["photos/holiday 1+1 写.jpg", "photos/a%2Fb"];
    for key in [&photo_key, &upload, &preview, &misnamed] {
        assert_eq!(store.put(key, &photo(1)).await.status, 200);
    }
    for key in ["photos/holiday%201%2B1%20%E5%86%99.jpg", "photos/a%252Fb"] {
        assert_eq!(store.put(key, &photo(1)).await.status, 200);
    }
    let output = house.check(&["--min-age-hours", "24"]).await;
    assert_eq!(output, (Some(0), "6 objects, 0 images, 0 contents: all fits together\n".to_owned()));

    let all = [&photo_key, &upload, &preview, &misnamed, foreign[0], foreign[1]];
    let lines = all.map(|key: &str| format!("object without a row: {key}"));
    house.finds(&[], &lines.each_ref().map(String::as_str)).await;
    let output = house.finds(&["--fix"], &lines.each_ref().map(String::as_str)).await;
    assert!(output.contains(&format!("{}; the server removes it in 7 days", lines[0])), "{output}");
    assert!(output.contains(&format!("{}; the server removes it in an hour", lines[1])), "{output}");
    house.finds(&[], &[&lines[3], &lines[4], &lines[5]]).await;

    house.app.let_pass(26);
    house.app.sweep_until(async || store.keys().await.len() == 4).await;
    assert_eq!(store.get(&photo_key).await.body, photo(1));
    house.app.let_pass(7 * 24);
    house.app.sweep_until(async || store.keys().await.len() == 3).await;
}

async fn a_photo_without_rows_stays_and_can_come_again(on: Database) {
    let house = House::start(on, &[]).await;
    let guest = house.guest().await;
    let id = ready(&guest, "a.jpg", &photo(1)).await;
    let photo_key = key(&guest, id, "image_link").await;
    house.app.damage_rows(FORGET_PHOTOS).await;
    let line = format!("object without a row: {photo_key}");
    let output = house.finds(&["--fix"], &[&line, "object without a row: incoming/"]).await;
    assert!(output.contains(&format!("{line}; the server removes it in 7 days")), "{output}");
    house.finds(&[], &[]).await;

    let again = ready(&guest, "a.jpg", &photo(1)).await;
    house.app.let_pass(9 * 24);
    house.app.sweep_until(async || house.store.store().keys().await.len() == 3).await;
    assert_eq!(house.store.store().get(&photo_key).await.body, photo(1), "image {again} shows it");
    house.finds(&[], &[]).await;
}

async fn previews_that_were_to_go_stay_when_their_photo_comes_again(on: Database) {
    let house = House::start(on, &[]).await;
    let guest = house.guest().await;
    let id = ready(&guest, "a.jpg", &photo(1)).await;
    house.store.store().delete(&key(&guest, id, "image_link").await).await;
    house.app.damage_rows(FORGET_PHOTOS).await;
    let previews = "object without a row: previews/";
    house.finds(&["--fix"], &[previews, previews, "object without a row: incoming/"]).await;

    ready(&guest, "a.jpg", &photo(1)).await;
    house.app.let_pass(9 * 24);
    house.app.sweep_until(async || house.store.store().keys().await.len() == 3).await;
    house.finds(&[], &[]).await;
}

async fn counts_and_jobs_are_put_right(on: Database) {
    let house = House::start(on, &[]).await;
    let guest = house.guest().await;
    let id = ready(&guest, "a.jpg", &photo(1)).await;
    house.app.damage_rows("UPDATE contents SET refs = 5").await;
    let line = "count wrong: content 1 is shown by 1 images and counted for 5";
    house.finds(&[], &[line]).await;
    house.finds(&["--fix"], &[&format!("{line}; right now")]).await;
    house.finds(&[], &[]).await;
    guest.delete(id).await.is(204, "");
    house.finds(&[], &[]).await;

    let house = House::start(on, &["--ingest-jobs", "0"]).await;
    let guest = house.guest().await;
    let (given_up, lost) = (guest.upload_jpeg("a.jpg", &photo(1)).await, guest.upload_jpeg("b.jpg", &photo(2)).await);
    house.app.damage_rows("DELETE FROM jobs WHERE key = '2'; UPDATE jobs SET due_at = NULL, error = 'no luck'").await;
    let lines = [
        format!("work given up: ingest {given_up}: no luck"),
        format!("nobody examines image {lost}, which has been uploaded"),
    ];
    let lines = lines.each_ref().map(String::as_str);
    house.finds(&[], &lines).await;
    let output = house.finds(&["--fix"], &lines).await;
    assert!(output.ends_with("findings: 2, of which 2 are mended\n"), "{output}");
    house.finds(&[], &[]).await;
}

async fn what_a_process_dies_of_again_and_again_is_given_up(on: Database) {
    let house = House::start(on, &[]).await;
    ready(&house.guest().await, "a.jpg", &photo(1)).await;
    // As it is after 200 servers that began it and did not live to say how it ended.
    let begun = "INSERT INTO jobs (kind, key, due_at, attempts, created_at) VALUES ('ingest', '1', 0, 200, 0)";
    house.app.damage_rows(begun).await;
    let line = "work given up: ingest 1: it was begun 200 times, and nobody came to its end";
    for tries in 0.. {
        assert!(tries < 100, "it is not given up");
        if house.check(&[]).await.1.contains(line) {
            break;
        }
    }
}

async fn a_server_that_uses_the_embedded_store_is_asked_to_stop(on: Database) {
    let mut app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    ready(&guest, "a.jpg", &photo(1)).await;
    let (id, secret) = S3_KEY_PAIR;
    let key_pair = ["--s3-access-key-id", id, "--s3-secret-access-key", secret];
    let arguments = [&["check", "--owner-key", OWNER_KEY, "--min-age-hours", "0"], &key_pair[..]].concat();
    let (status, output) = app.run(&arguments).await;
    assert!(status == Some(1) && output.starts_with("hasty: a server works with the store in "), "{output}");
    assert_eq!(output.lines().count(), 1, "{output}");

    app.begin_stop().await.unwrap().unwrap();
    // Its last connections let go of the store a moment later.
    let (mut tries, mut last) = (0, (status, output));
    while last.1.contains("a server works") && tries < 500 {
        last = app.run(&arguments).await;
        tries += 1;
    }
    assert_eq!(last, (Some(0), "5 objects, 1 images, 1 contents: all fits together\n".to_owned()));
}

#[tokio::test]
async fn looks_at_every_page_of_a_large_bucket() {
    const OBJECTS: usize = 1003;
    let house = House::start(Database::Sqlite, &[]).await;
    let store = house.store.store();
    let keys: Vec<String> = (0..OBJECTS).map(|number| format!("photos/{number:032x}.jpg")).collect();
    let put = async |key: String| assert_eq!(store.put(&key, b"x").await.status, 200);
    stream::iter(keys.clone()).for_each_concurrent(16, put).await;
    let lines: Vec<String> = keys.iter().map(|key| format!("object without a row: {key}")).collect();
    let beginnings: Vec<&str> = lines.iter().map(String::as_str).collect();
    house.finds(&["--fix"], &beginnings).await;
    house.finds(&[], &[]).await;
}

#[tokio::test]
async fn makes_nothing_where_nothing_is() {
    let data = TempDir::new().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hasty"));
    let output = command.arg("check").env_clear().env("HASTY_DATA_DIR", data.path()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && error.contains("there is no database in"), "{error}");
    assert!(std::fs::read_dir(data.path()).unwrap().next().is_none());
}

/// As an older backup of the database does.
const FORGET_PHOTOS: &str = "DELETE FROM images; DELETE FROM contents; DELETE FROM perceptual_quarters";

/// A server whose photos lie in the S3 of another one, so that it can be checked while it runs.
struct House {
    app: TestApp,
    store: TestApp,
}

impl House {
    async fn start(on: Database, flags: &[&str]) -> House {
        let store = TestApp::start(Database::Sqlite).await;
        let endpoint = store.url();
        let app = TestApp::with(on, &[&external(endpoint.as_str()), flags].concat()).await;
        House { app, store }
    }

    async fn guest(&self) -> Guest {
        let body = serde_json::json!({"email": "guest@example.com", "expires_in_days": 90});
        let invitation = self.app.owner().invite_with(&body).await.json(201);
        self.app.owner().guest_of(&invitation)
    }

    /// Of objects of every age, unless these arguments say another one.
    async fn check(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let endpoint = self.store.url();
        let age = if arguments.contains(&"--min-age-hours") { &[][..] } else { &["--min-age-hours", "0"] };
        let all = [&["check", "--owner-key", OWNER_KEY], &external(endpoint.as_str())[..], age, arguments].concat();
        self.app.run(&all).await
    }

    /// Finds as many things as there are beginnings of lines here, and each of these. Answers the output.
    async fn finds(&self, arguments: &[&str], beginnings: &[&str]) -> String {
        let (status, output) = self.check(arguments).await;
        let findings = output.lines().count() - 1;
        assert_eq!((status, findings), (Some(i32::from(!beginnings.is_empty())), beginnings.len()), "{output}");
        for beginning in beginnings {
            assert!(output.lines().any(|line| line.starts_with(beginning)), "{beginning}: {output}");
        }
        output
    }
}

/// Where the bucket holds what a link of an image leads to.
async fn key(guest: &Guest, id: i64, link: &str) -> String {
    let image = guest.image(id).await;
    let url: url::Url = image[link].as_str().unwrap_or_else(|| panic!("no {link}: {image}")).parse().unwrap();
    assert_eq!(guest.client.call(Method::GET, url.as_str()).answer().await.status, 200);
    url.path().trim_start_matches("/hasty-media/").to_owned()
}
