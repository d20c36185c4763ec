//! Counts that move along with the images, and never drift.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use metadata::FileType;
use metadata::samples::Photo;
use serde_json::{Value, json};

use crate::ingest::ready;
use crate::support::{Call, Database, Guest, Random, TestApp, exactly, photo, sha256, signed};

on_both_databases![
    counts_follow_the_images,
    days_without_uploads_are_there,
    only_the_owner_sees_them,
    no_count_drifts_in_ten_thousand_random_operations,
    what_has_drifted_is_put_right,
    a_recount_waits_for_nobody,
];

async fn counts_follow_the_images(on: Database) {
    let app = TestApp::start(on).await;
    let (one, other) = (app.owner().invite("one@example.com").await, app.owner().invite("other@example.com").await);
    let (a, b) = (ready(&one, "a.jpg", &photo(1)).await, ready(&other, "b.jpg", &photo(1)).await);
    let c = one.upload("c.png", "image/png", &Photo::new(48, 32, 1).bytes(FileType::Png)).await;
    one.settled(c).await;
    let rejected = one.upload_jpeg("d.jpg", b"no photo").await;
    one.settled(rejected).await;
    one.sign("pending.jpg").await;

    let stats = app.owner().stats().await;
    assert_eq!(stats["total"]["images"], 3, "{stats}");
    assert_eq!((&stats["most_popular_format"], &stats["formats"][0]["images"]), (&json!("image/jpeg"), &json!(2)));
    let model = one.image(a).await["model"].clone();
    assert_eq!(stats["camera_models"][0]["model"], model);
    assert_eq!(today(&stats)["images"], 3);
    assert_eq!(app.owner().stats_of(&one).await["total"]["images"], 2);

    one.delete(a).await.is(204, "");
    one.delete(c).await.is(204, "");
    let stats = app.owner().stats().await;
    assert_eq!(stats["total"], json!({"images": 1, "bytes": photo(1).len()}));
    assert_eq!(stats["formats"], json!([{"format": "image/jpeg", "images": 1, "bytes": photo(1).len()}]));
    assert_eq!(stats["camera_models"], json!([{"model": model, "images": 1}]));
    let nothing = app.owner().stats_of(&one).await;
    assert_eq!((&nothing["total"]["images"], &nothing["most_popular_format"]), (&json!(0), &Value::Null));
    other.delete(b).await.is(204, "");
}

async fn days_without_uploads_are_there(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite_with(&json!({"email": "guest@example.com", "expires_in_days": 90})).await.json(201);
    let guest = app.owner().guest_of(&guest);
    ready(&guest, "a.jpg", &photo(1)).await;
    app.let_pass(3 * 24);
    ready(&guest, "b.jpg", &photo(2)).await;
    let stats = app.owner().stats().await;
    let days = stats["uploads_per_day"].as_array().unwrap();
    let counts: Vec<_> = days.iter().map(|day| day["images"].as_i64().unwrap()).collect();
    assert_eq!((days.len(), &counts[26..], counts.iter().sum::<i64>()), (30, &[1, 0, 0, 1][..], 2));
    assert_eq!(days[29]["date"], app.now().to_string()[..10]);
}

async fn only_the_owner_sees_them(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    guest.get("/api/stats/").answer().await.error(401, "not_signed_in");
    let unknown = format!("/api/stats/?invitation={}", uuid::Uuid::new_v4());
    app.owner().get(&unknown).answer().await.error(404, "not_found");
}

async fn no_count_drifts_in_ten_thousand_random_operations(on: Database) {
    const AT_ONCE: u64 = 8;
    let app = TestApp::start(on).await;
    let mut guests = Vec::new();
    for number in 0..3 {
        guests.push(app.owner().invite(&format!("guest{number}@example.com")).await);
    }
    let ids = Arc::new(Mutex::new(Vec::new()));
    let workers: Vec<_> = (0..AT_ONCE)
        .map(|seed| tokio::spawn(operate(guests.clone(), ids.clone(), Random(seed + 1), 10_000 / AT_ONCE)))
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let stats = app.owner().stats().await;
    let listed = app.owner().images().await;
    assert_eq!(stats["total"]["images"], listed.iter().filter(|image| image["uploaded"] == true).count());
    assert!(stats["camera_models"].as_array().unwrap().len() > 3, "{stats}");
    let counted = app.run(&["stats", "--rebuild"]).await;
    assert_eq!(counted, (Some(0), "All counts are right.\n".to_owned()));
}

async fn what_has_drifted_is_put_right(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = ready(&guest, "a.jpg", &photo(1)).await;
    let before = app.owner().stats().await;
    app.damage_rows(
        "UPDATE stats SET images = images + 2 WHERE kind = 'total'; DELETE FROM stats WHERE kind = 'format';
         INSERT INTO stats (invitation_id, kind, value, images, bytes) VALUES (0, 'model', 'Nobody''s', 1, 7)",
    )
    .await;
    let (status, words) = app.run(&["stats", "--rebuild"]).await;
    assert_eq!((status, words.lines().count()), (Some(1), 6), "{words}");
    assert!(
        words.contains("invitation 0, total \"\": 1 images with") && words.contains("counted as 3 with"),
        "{words}"
    );
    assert!(words.ends_with("All counts are right now.\n"), "{words}");
    assert_eq!(app.owner().stats().await, before);
    guest.delete(id).await.is(204, "");
    assert_eq!(app.run(&["stats", "--rebuild"]).await, (Some(0), "All counts are right.\n".to_owned()));
}

async fn a_recount_waits_for_nobody(on: Database) {
    let app = TestApp::start(on).await;
    ready(&app.owner().invite("guest@example.com").await, "a.jpg", &photo(1)).await;
    let change = "UPDATE stats SET images = images WHERE invitation_id = 0 AND kind = 'total'";
    let counted = app.while_changing(change, app.run(&["stats", "--rebuild"]));
    let counted = tokio::time::timeout(Duration::from_secs(60), counted).await.expect("it need not wait");
    assert_eq!(counted, (Some(0), "All counts are right.\n".to_owned()));
}

/// Uploads, claims, completes again and deletes, whatever others do to the same images meanwhile.
async fn operate(guests: Vec<Guest>, ids: Arc<Mutex<Vec<i64>>>, mut random: Random, operations: u64) {
    for _ in 0..operations {
        let guest = &guests[random.below(guests.len())];
        let known = { ids.lock().unwrap().clone() };
        let id = known.get(random.below(known.len().max(1))).copied().unwrap_or(0);
        match random.below(100) {
            0..8 => {
                let body = exactly("a.jpg", "image/jpeg", &picture(random.below(50) as u64));
                let answer = guest.policy(&body).await.json(200);
                if answer["url"].is_string() {
                    let signed = signed(&answer);
                    let bytes = (0..50).map(picture).find(|bytes| body["sha256"] == sha256(bytes)).unwrap();
                    assert_eq!(guest.put(&signed, &bytes).await.status, 200);
                    ids.lock().unwrap().push(signed.id);
                }
            }
            8..12 => drop(guest.delete(id).await),
            12..60 => {
                let model = format!("Model {}", random.below(20));
                drop(guest.complete_with(&json!({"file": id, "metadata": {"model": model}})).await);
            }
            _ => drop(guest.complete(id).await),
        }
    }
}

/// Every other one says nothing of its camera, so that only claims do.
fn picture(number: u64) -> Vec<u8> {
    let picture = Photo::new(48, 32, number);
    let picture = if number.is_multiple_of(2) { picture } else { picture.without_exif() };
    picture.bytes(FileType::Jpeg)
}

fn today(stats: &Value) -> &Value {
    stats["uploads_per_day"].as_array().unwrap().last().unwrap()
}
