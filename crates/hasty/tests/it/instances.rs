//! Instances on one PostgreSQL and one S3 share what is to be examined: each photo is one instance's, and what one leaves
//! another one takes.

use std::collections::BTreeMap;

use tempfile::TempDir;
use url::Url;

use crate::support::{Call, Client, DOWNLOADS, Database, Flaky, Guest, Hasty, OWNER_KEY, Shared, TestApp, photo};

#[tokio::test]
async fn what_a_stopping_instance_examines_another_one_takes_at_once() {
    let store = TestApp::start(Database::Sqlite).await;
    let flaky = Flaky::before(store.url()).await;
    let shared = Shared::storing_at(flaky.url()).await;
    let mut stopping = shared.instance().await;
    let guest = stopping.owner().invite("guest@example.com").await;
    // Its lease ends in more than an hour, as the other one's clock goes.
    stopping.let_pass(1);
    flaky.hold(DOWNLOADS);
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    flaky.holds_one().await;
    stopping.let_pass(-1);
    let other = shared.instance().await;
    stopping.begin_stop().await.unwrap().unwrap();
    flaky.release();
    let image = Guest::new(other.client(), &guest.token, &guest.link).settled(id).await;
    assert_eq!(image["state"], "ready");
}

#[tokio::test]
async fn no_two_instances_examine_the_same_photo() {
    const PHOTOS: u64 = 30;
    let store = TestApp::start(Database::Sqlite).await;
    let shared = Shared::storing_at(store.url()).await;
    let waiting = TestApp::with(Database::Sqlite, &[&shared.flags()[..], &["--ingest-jobs", "0"]].concat()).await;
    let guest = waiting.owner().invite("guest@example.com").await;
    let mut ids = Vec::new();
    for number in 0..PHOTOS {
        ids.push(guest.upload_jpeg("a.jpg", &photo(number)).await);
    }
    let folders = [0; 3].map(|_| TempDir::new().unwrap());
    let start = async |folder: &TempDir| {
        let more =
            [("HASTY_OWNER_KEY", OWNER_KEY), ("HASTY_INGEST_JOBS", "8"), ("HASTY_METRICS_LISTEN", "127.0.0.1:0")];
        Hasty::start(folder.path(), &[&shared.environment()[..], &more].concat()).await.0
    };
    let instances = futures::future::join_all(folders.iter().map(start)).await;
    for id in ids {
        assert_eq!(guest.settled(id).await["state"], "ready");
    }
    let mut ended = BTreeMap::new();
    // The last ones are counted a little later than they show.
    while ended.values().sum::<u64>() < PHOTOS {
        ended.clear();
        for instance in &instances {
            count_endings(instance.figures_url().await, &mut ended).await;
        }
    }
    assert_eq!(ended, BTreeMap::from([("\"ready\"".to_owned(), PHOTOS)]));
}

/// Adds what this instance says of how examinations ended.
async fn count_endings(figures: Url, ended: &mut BTreeMap<String, u64>) {
    for line in Client::new(figures).get("/metrics").answer().await.text().lines() {
        let outcome = line.strip_prefix("hasty_ingest_duration_seconds_count{outcome=");
        if let Some((outcome, count)) = outcome.and_then(|rest| rest.split_once("} ")) {
            *ended.entry(outcome.to_owned()).or_insert(0) += count.parse::<u64>().unwrap();
        }
    }
}
