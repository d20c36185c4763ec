//! `/api/events/`: whoever watches hears of each image whose state changes.

use std::time::Duration;

use http::Method;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Call, Client, Database, Guest, Hasty, OWNER_KEY, Owner, Shared, TestApp, photo, worker_that};

on_both_databases![
    a_guest_hears_of_their_own_photos,
    the_owner_hears_of_all,
    whoever_was_away_hears_what_they_missed,
    a_rejection_comes_with_its_reason,
    a_photo_that_nobody_examines_any_more_is_kept_and_says_so,
    a_stop_sends_everybody_home,
    nobody_watches_without_a_right,
    a_revoked_invitation_is_told_nothing_more,
    an_expired_invitation_is_told_nothing_more,
    one_link_leaves_places_to_others,
];

async fn a_guest_hears_of_their_own_photos(on: Database) {
    let app = TestApp::start(on).await;
    let (guest, other) = (app.owner().invite("guest@example.com").await, app.owner().invite("b@example.com").await);
    let mut events = Events::open(guest.get("/api/events/")).await;
    assert_eq!(events.next().await.kind, "begin");
    let foreign = other.upload_jpeg("b.jpg", &photo(2)).await;
    other.settled(foreign).await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let heard = events.until(&json!({"image": id, "state": "ready", "rejection": null, "warnings": []})).await;
    guest.delete(id).await.is(204, "");
    let deleted = events.until(&json!({"image": id, "state": "deleted", "rejection": null, "warnings": []})).await;
    assert!(heard.iter().chain(&deleted).all(|event| event.data["image"] == id), "{heard:?} {deleted:?}");
}

async fn the_owner_hears_of_all(on: Database) {
    let app = TestApp::start(on).await;
    let (guest, other) = (app.owner().invite("guest@example.com").await, app.owner().invite("b@example.com").await);
    let mut events = Events::open(app.owner().get("/api/events/")).await;
    for (number, guest) in [(1, guest), (2, other)] {
        let id = guest.upload_jpeg("a.jpg", &photo(number)).await;
        events.until(&json!({"image": id, "state": "ready", "rejection": null, "warnings": []})).await;
    }
}

async fn whoever_was_away_hears_what_they_missed(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let begin = Events::open(guest.get("/api/events/")).await.next().await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    guest.settled(id).await;
    let ready = json!({"image": id, "state": "ready", "rejection": null, "warnings": []});

    let mut events = Events::open(guest.get("/api/events/").header("last-event-id", &begin.id)).await;
    let heard = events.until(&ready).await;
    let mut by_query = Events::open(guest.get(&format!("/api/events/?after={}", begin.id))).await;
    by_query.until(&ready).await;
    // Told once is told.
    let last = &heard.last().unwrap().id;
    let mut rest = Events::open(guest.get("/api/events/").header("last-event-id", last)).await;
    assert_eq!(rest.next().await.kind, "begin");
    let next = guest.upload_jpeg("b.jpg", &photo(2)).await;
    assert_eq!(rest.next().await.data["image"], next);
}

async fn a_rejection_comes_with_its_reason(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let mut events = Events::open(guest.get("/api/events/")).await;
    let id = guest.upload_jpeg("a.jpg", b"no photo at all").await;
    loop {
        let data = events.next().await.data;
        if data["state"] == "rejected" {
            assert_eq!((&data["image"], &data["rejection"]["code"]), (&json!(id), &json!("not_an_image")));
            assert!(data["rejection"]["message"].as_str().is_some_and(|message| message.len() > 3), "{data}");
            return;
        }
    }
}

async fn a_photo_that_nobody_examines_any_more_is_kept_and_says_so(on: Database) {
    let folder = TempDir::new().unwrap();
    let broken = folder.path().join("broken");
    std::fs::write(&broken, "").unwrap();
    let script = format!("[ -e {} ] && exit 71\nexec {} \"$@\"", broken.display(), env!("CARGO_BIN_EXE_hasty"));
    let app = TestApp::with_worker(on, worker_that(folder.path(), &script)).await;
    let guest = app.owner().invite("guest@example.com").await;
    let mut events = Events::open(guest.get("/api/events/")).await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    // As it is after a day and more.
    app.damage_rows("UPDATE jobs SET attempts = 199").await;
    events.until(&json!({"image": id, "state": "uploaded", "rejection": null, "warnings": ["not_examined"]})).await;
    assert_eq!(guest.image(id).await["warnings"], json!(["not_examined"]));
    assert_eq!(guest.download(id).await, photo(1));
    // As `hasty check --fix` does, once what was wrong is mended.
    std::fs::remove_file(&broken).unwrap();
    app.damage_rows("UPDATE jobs SET due_at = 0, attempts = 0").await;
    events.until(&json!({"image": id, "state": "ready", "rejection": null, "warnings": []})).await;
}

async fn a_stop_sends_everybody_home(on: Database) {
    let mut app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let mut events = Events::open(guest.get("/api/events/")).await;
    assert_eq!(events.next().await.kind, "begin");
    let stopped = app.begin_stop();
    assert!(events.ends().await);
    tokio::time::timeout(Duration::from_secs(20), stopped).await.expect("nobody holds the server").unwrap().unwrap();
}

async fn nobody_watches_without_a_right(on: Database) {
    let app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    app.client().get("/api/events/").answer().await.error(403, "token_missing");
    guest.get("/api/events/?after=x").answer().await.error(400, "invalid_value");
    app.owner().revoke(&guest).await;
    guest.get("/api/events/").answer().await.error(403, "token_expired");
}

async fn a_revoked_invitation_is_told_nothing_more(on: Database) {
    is_told_nothing_more_after(on, async |app, guest| app.owner().revoke(guest).await).await;
}

async fn an_expired_invitation_is_told_nothing_more(on: Database) {
    is_told_nothing_more_after(on, async |app, _| app.let_pass(24 * 365)).await;
}

async fn is_told_nothing_more_after(on: Database, end: impl AsyncFn(&TestApp, &Guest)) {
    let mut app = TestApp::start(on).await;
    let guest = app.owner().invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    guest.settled(id).await;
    let mut events = Events::open(guest.get("/api/events/")).await;
    assert_eq!(events.next().await.kind, "begin");
    end(&app, &guest).await;
    let other = app.owner().invite("b@example.com").await;
    let mut owners = Events::open(app.owner().get("/api/events/")).await;
    app.owner().call(Method::DELETE, &format!("/api/images/{id}/")).answer().await.is(204, "");
    owners.until(&json!({"image": id, "state": "deleted", "rejection": null, "warnings": []})).await;
    for number in [2, 3] {
        // Each is told after all that has happened before it.
        let id = other.upload_jpeg("b.jpg", &photo(number)).await;
        owners.until(&json!({"image": id, "state": "ready", "rejection": null, "warnings": []})).await;
    }
    let stopped = app.begin_stop();
    assert!(events.ends().await, "nothing comes before the end");
    stopped.await.unwrap().unwrap();
}

async fn one_link_leaves_places_to_others(on: Database) {
    let app = TestApp::before_ingest(on).await;
    let (guest, other) = (app.owner().invite("guest@example.com").await, app.owner().invite("b@example.com").await);
    let mut open = Vec::new();
    for _ in 0..100 {
        open.push(Events::open(guest.get("/api/events/")).await);
    }
    let refusal = guest.get("/api/events/").answer().await.error(503, "busy");
    assert_eq!(refusal["message"], "Too many are watching: try again in a moment.");
    Events::open(other.get("/api/events/")).await;
    Events::open(app.owner().get("/api/events/")).await;
}

#[tokio::test]
async fn an_upload_wakes_only_those_whom_it_concerns() {
    const WATCHERS: usize = 60;
    let data = TempDir::new().unwrap();
    let environment = [("HASTY_OWNER_KEY", OWNER_KEY), ("HASTY_METRICS_LISTEN", "127.0.0.1:0")];
    let (hasty, url, _) = Hasty::start(data.path(), &environment).await;
    let (owner, figures) = (Owner::new(Client::new(url), OWNER_KEY), Client::new(hasty.figures_url().await));
    let (guest, other) = (owner.invite("guest@example.com").await, owner.invite("b@example.com").await);
    let mut open = Vec::new();
    for _ in 0..WATCHERS {
        open.push(Events::open(other.get("/api/events/")).await);
    }
    let mut owners = Events::open(owner.get("/api/events/")).await;
    let before = looks(&figures).await;
    for number in 0..2 {
        let id = guest.upload_jpeg("a.jpg", &photo(number)).await;
        owners.until(&json!({"image": id, "state": "ready", "rejection": null, "warnings": []})).await;
    }
    let looks = looks(&figures).await - before;
    assert!(looks < WATCHERS, "{looks} looks at the database");
    let id = other.upload_jpeg("b.jpg", &photo(2)).await;
    for mut events in open {
        events.until(&json!({"image": id, "state": "ready", "rejection": null, "warnings": []})).await;
    }
}

/// How often the database has been looked at.
async fn looks(figures: &Client) -> usize {
    let answer = figures.get("/metrics").answer().await;
    let is_look = |line: &&str| line.contains("_transaction_duration_seconds_count") && line.contains("kind=\"read\"");
    answer.text().lines().filter(is_look).map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap()).sum()
}

#[tokio::test]
async fn what_one_instance_does_is_heard_at_another() {
    let store = TestApp::start(Database::Sqlite).await;
    let shared = Shared::storing_at(store.url()).await;
    let (one, other) = (shared.instance().await, shared.instance().await);
    let guest = one.owner().invite("guest@example.com").await;
    let mut events = Events::open(Guest::new(other.client(), &guest.token, &guest.link).get("/api/events/")).await;
    assert_eq!(events.next().await.kind, "begin");
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    events.until(&json!({"image": id, "state": "ready", "rejection": null, "warnings": []})).await;
    guest.delete(id).await.is(204, "");
    events.until(&json!({"image": id, "state": "deleted", "rejection": null, "warnings": []})).await;
}

#[derive(Debug, Default)]
struct Event {
    kind: String,
    id: String,
    data: Value,
}

/// A stream of events, as a browser reads it.
struct Events {
    response: Response,
    text: String,
}

impl Events {
    async fn open(request: RequestBuilder) -> Events {
        let response = request.send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"text/event-stream".parse().unwrap())
        );
        Events { response, text: String::new() }
    }

    async fn next(&mut self) -> Event {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if !block.starts_with(':') {
                    return read(&block);
                }
                continue;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(30), self.response.chunk());
            let chunk = chunk.await.expect("news comes in time").unwrap().expect("the stream goes on");
            self.text.push_str(str::from_utf8(&chunk).unwrap());
        }
    }

    /// All events up to the one with this data.
    async fn until(&mut self, data: &Value) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            let event = self.next().await;
            let is_last = event.data == *data;
            if event.kind != "begin" {
                events.push(event);
            }
            if is_last {
                return events;
            }
        }
    }

    /// Whether the stream ends, and tells nothing before.
    async fn ends(&mut self) -> bool {
        loop {
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.response.chunk()).await;
            match chunk {
                Ok(Ok(Some(comment))) if comment.starts_with(b":") => {}
                end => return matches!(end, Ok(Ok(None))),
            }
        }
    }
}

fn read(block: &str) -> Event {
    let mut event = Event::default();
    for (name, value) in block.lines().filter_map(|line| line.split_once(": ")) {
        match name {
            "event" => event.kind = value.to_owned(),
            "id" => event.id = value.to_owned(),
            "data" => event.data = serde_json::from_str(value).unwrap(),
            _ => panic!("an unknown field: {block}"),
        }
    }
    event
}
