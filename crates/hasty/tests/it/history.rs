//! Two instances on one PostgreSQL and one S3 are as one: whatever many guests do at the same time, on either of them, while
//! connections to the database end, their answers are those that a single server could give, one request after the other.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Call, Client, Database, Guest, Operation, Random, Shared, Signed, TestApp, exactly, is_linearizable, photo,
    signed,
};

const CLIENTS: u64 = 8;
const OPERATIONS: u64 = 150;
/// Few, so that clients meet.
const PICTURES: usize = 6;
const INVITATIONS: usize = 3;
/// Operations between two ends of all connections to the database.
const OPERATIONS_TO_A_FAULT: usize = 250;

/// What was done to an image, and answered.
#[derive(Clone, Debug, PartialEq)]
enum Done {
    Signed,
    Put,
    Saved,
    NotUploaded,
    Deleted,
    Seen(String),
    Missing,
}

/// What is true of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    Unsigned,
    Pending { has_bytes: bool },
    Uploaded,
    Ready,
    Gone,
}

impl Stage {
    fn after(&self, done: &Done) -> Vec<Stage> {
        use Stage::{Gone, Pending, Ready, Unsigned, Uploaded};
        match (done, *self) {
            (Done::Signed, Unsigned) => vec![Pending { has_bytes: false }],
            (Done::Put, Pending { .. }) => vec![Pending { has_bytes: true }],
            // The link outlives what it was given for; nobody reads what comes by it then.
            (Done::Put, stage @ (Uploaded | Ready | Gone)) => vec![stage],
            (Done::Saved, Pending { has_bytes: true }) => vec![Uploaded],
            (Done::Saved, stage @ (Uploaded | Ready)) => vec![stage],
            (Done::NotUploaded, stage @ Pending { has_bytes: false }) => vec![stage],
            (Done::Deleted, Pending { .. } | Uploaded | Ready) => vec![Gone],
            (Done::Seen(state), stage @ Pending { .. }) if state == "pending" => vec![stage],
            (Done::Seen(state), stage @ Uploaded) if state == "uploaded" => vec![stage],
            // It is examined at any time.
            (Done::Seen(state), Uploaded | Ready) if state == "ready" => vec![Ready],
            (Done::Missing, stage @ (Unsigned | Gone)) => vec![stage],
            _ => vec![],
        }
    }
}

/// What was done with a picture in an invitation.
#[derive(Clone, Debug)]
enum Held {
    SignedAnew,
    Duplicate(i64),
    Saved(i64),
    Deleted(i64),
}

/// Whether each image that has shown this picture is there.
type Holders = BTreeMap<i64, bool>;

fn holders_after(holders: &Holders, held: &Held) -> Vec<Holders> {
    let first = holders.iter().find(|(_, is_there)| **is_there).map(|(id, _)| *id);
    let with = |id: i64, is_there| BTreeMap::from_iter(holders.clone().into_iter().chain([(id, is_there)]));
    match *held {
        Held::SignedAnew if first.is_none() => vec![holders.clone()],
        Held::Duplicate(id) if first == Some(id) => vec![holders.clone()],
        Held::Saved(id) if holders.get(&id) != Some(&false) => vec![with(id, true)],
        Held::Deleted(id) if holders.get(&id) != Some(&false) => vec![with(id, false)],
        _ => vec![],
    }
}

/// Each is known to be what it is once it is answered; then anybody may do anything to it.
#[derive(Clone)]
struct Known {
    id: i64,
    invitation: usize,
    picture: usize,
    link: Arc<Signed>,
}

#[derive(Default)]
struct Log {
    known: Vec<Known>,
    of_images: HashMap<i64, Vec<Operation<Done>>>,
    of_pictures: HashMap<(usize, usize), Vec<Operation<Held>>>,
    lists: Vec<(usize, Operation<HashMap<i64, String>>)>,
    unanswered: usize,
}

/// What all clients share.
struct World {
    /// The same guests, as each of the instances knows them.
    guests: Vec<Vec<Guest>>,
    shared: Shared,
    operations: AtomicUsize,
    log: Mutex<Log>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_answer_as_one() {
    let store = TestApp::start(Database::Sqlite).await;
    let shared = Shared::storing_at(store.url()).await;
    let instances = [shared.instance().await, shared.instance().await];
    let mut guests = Vec::new();
    for number in 0..INVITATIONS {
        let guest = instances[0].owner().invite(&format!("guest{number}@example.com")).await;
        let on = |app: &TestApp| Guest::new(app.client(), &guest.token, &guest.link);
        guests.push(instances.iter().map(on).collect());
    }
    let world = Arc::new(World { guests, shared, operations: AtomicUsize::new(0), log: Mutex::default() });
    let clients: Vec<_> = (0..CLIENTS).map(|seed| tokio::spawn(live(world.clone(), Random(seed + 1)))).collect();
    for client in clients {
        client.await.unwrap();
    }
    judge(&world);

    let known = { world.log.lock().unwrap().known.clone() };
    for known in known {
        let guest = &world.guests[known.invitation][0];
        let answer = guest.get(&format!("/api/images/{}/", known.id)).answer().await;
        if answer.status == 200 && answer.json(200)["uploaded"] == true {
            assert_eq!(guest.settled(known.id).await["state"], "ready");
            assert_eq!(guest.download(known.id).await, photo(known.picture as u64), "image {}", known.id);
        }
    }
    let [one, other] = [instances[0].owner().images().await, instances[1].owner().images().await];
    let ids = |images: &[Value]| images.iter().map(|image| image["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&one), ids(&other));
    let flags = world.shared.flags();
    for command in [[&["stats", "--rebuild"][..], &flags[..2]].concat(), [&["check"][..], &flags].concat()] {
        let (status, words) = instances[0].run(&command).await;
        assert_eq!(status, Some(0), "{}: {words}", command[0]);
    }
}

async fn live(world: Arc<World>, mut random: Random) {
    for _ in 0..OPERATIONS {
        if world.operations.fetch_add(1, Ordering::SeqCst) % OPERATIONS_TO_A_FAULT == OPERATIONS_TO_A_FAULT - 1 {
            let world = world.clone();
            tokio::task::spawn_blocking(move || world.shared.database.end_connections().unwrap()).await.unwrap();
        }
        let (instance, choice) = (random.below(2), random.below(100));
        if choice < 25 {
            world.sign(random.below(INVITATIONS), random.below(PICTURES), instance).await;
            continue;
        }
        let known = { world.log.lock().unwrap().known.clone() };
        // The newest ones, mostly: others have just begun with them.
        let reach = if choice.is_multiple_of(4) { known.len() } else { known.len().min(12) };
        let Some(image) = known.iter().rev().nth(random.below(reach.max(1))) else { continue };
        match choice {
            25..45 => world.put(image).await,
            45..65 => world.complete(image, instance).await,
            65..75 => world.delete(image, instance).await,
            75..92 => world.look(image, instance).await,
            _ => world.list(image.invitation, instance).await,
        }
    }
}

impl World {
    /// `None`: nobody knows whether it was done.
    async fn ask(
        &self,
        client: &Client,
        method: Method,
        path: &str,
        token: &str,
        body: Option<&Value>,
    ) -> Option<Answer> {
        let call = client.call(method, path).bearer_auth(token);
        let call = match body {
            Some(body) => call.json(body),
            None => call,
        };
        let answer = call.answer().await;
        if answer.status.is_server_error() {
            assert_eq!(answer.status, 503, "{}", answer.text());
            assert!(!answer.header("retry-after").is_empty(), "{}", answer.text());
            self.log.lock().unwrap().unanswered += 1;
            return None;
        }
        Some(answer)
    }

    async fn sign(&self, invitation: usize, picture: usize, instance: usize) {
        let guest = &self.guests[invitation][instance];
        let (began, body) = (Instant::now(), exactly("a.jpg", "image/jpeg", &photo(picture as u64)));
        let path = "/api/files/policy/";
        let Some(answer) = self.ask(&guest.client, Method::POST, path, &guest.token, Some(&body)).await else { return };
        let (ended, answer) = (Some(Instant::now()), answer.json(200));
        let mut log = self.log.lock().unwrap();
        let of_picture = log.of_pictures.entry((invitation, picture)).or_default();
        if let Some(id) = answer["duplicate_of"].as_i64() {
            of_picture.push(Operation { began, ended, what: Held::Duplicate(id) });
            return;
        }
        of_picture.push(Operation { began, ended, what: Held::SignedAnew });
        let link = Arc::new(signed(&answer));
        log.of_images.entry(link.id).or_default().push(Operation { began, ended, what: Done::Signed });
        log.known.push(Known { id: link.id, invitation, picture, link });
    }

    async fn put(&self, image: &Known) {
        let began = Instant::now();
        let answer = self.guests[image.invitation][0].put(&image.link, &photo(image.picture as u64)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.did(image, began, true, Done::Put);
    }

    async fn complete(&self, image: &Known, instance: usize) {
        let (guest, began) = (&self.guests[image.invitation][instance], Instant::now());
        let path = "/api/files/complete/";
        let answer = self.ask(&guest.client, Method::POST, path, &guest.token, Some(&json!({"file": image.id}))).await;
        let what = match answer.as_ref().map(|answer| answer.status.as_u16()) {
            None | Some(200) => Done::Saved,
            Some(409) => Done::NotUploaded,
            Some(404) => Done::Missing,
            Some(_) => panic!("{answer:?}"),
        };
        self.did(image, began, answer.is_some(), what.clone());
        if what == Done::Saved {
            self.held(image, began, answer.is_some(), Held::Saved(image.id));
        }
    }

    async fn delete(&self, image: &Known, instance: usize) {
        let (guest, began) = (&self.guests[image.invitation][instance], Instant::now());
        let path = format!("/api/images/{}/", image.id);
        let answer = self.ask(&guest.client, Method::DELETE, &path, &guest.token, None).await;
        let is_gone = answer.as_ref().is_some_and(|answer| answer.status == 404);
        self.did(image, began, answer.is_some(), if is_gone { Done::Missing } else { Done::Deleted });
        if !is_gone {
            self.held(image, began, answer.is_some(), Held::Deleted(image.id));
        }
    }

    async fn look(&self, image: &Known, instance: usize) {
        let (guest, began) = (&self.guests[image.invitation][instance], Instant::now());
        let path = format!("/api/images/{}/", image.id);
        let Some(answer) = self.ask(&guest.client, Method::GET, &path, &guest.token, None).await else { return };
        let what = if answer.status == 404 { Done::Missing } else { seen(&answer.json(200)) };
        self.did(image, began, true, what);
    }

    async fn list(&self, invitation: usize, instance: usize) {
        let (guest, began) = (&self.guests[invitation][instance], Instant::now());
        let answer = self.ask(&guest.client, Method::GET, "/api/images/", &guest.token, None).await;
        let Some(answer) = answer else { return };
        let state = |image: &Value| (image["id"].as_i64().unwrap(), image["state"].as_str().unwrap().to_owned());
        let what = answer.json(200).as_array().unwrap().iter().map(state).collect();
        let listed = Operation { began, ended: Some(Instant::now()), what };
        self.log.lock().unwrap().lists.push((invitation, listed));
    }

    fn did(&self, image: &Known, began: Instant, is_answered: bool, what: Done) {
        let ended = is_answered.then(Instant::now);
        self.log.lock().unwrap().of_images.entry(image.id).or_default().push(Operation { began, ended, what });
    }

    fn held(&self, image: &Known, began: Instant, is_answered: bool, what: Held) {
        let ended = is_answered.then(Instant::now);
        let mut log = self.log.lock().unwrap();
        log.of_pictures.entry((image.invitation, image.picture)).or_default().push(Operation { began, ended, what });
    }
}

fn seen(image: &Value) -> Done {
    Done::Seen(image["state"].as_str().unwrap().to_owned())
}

fn judge(world: &World) {
    let log = world.log.lock().unwrap();
    assert!(log.known.len() > 50 && log.lists.len() > 20, "{} images, {} lists", log.known.len(), log.lists.len());
    for image in &log.known {
        let mut history = log.of_images[&image.id].clone();
        // A list tells of each image that ever was: it is there, or it is not.
        for (_, list) in log.lists.iter().filter(|(invitation, _)| *invitation == image.invitation) {
            let what = list.what.get(&image.id).map_or(Done::Missing, |state| Done::Seen(state.clone()));
            history.push(Operation { began: list.began, ended: list.ended, what });
        }
        assert!(is_linearizable(Stage::Unsigned, &history, Stage::after), "image {}: {history:#?}", image.id);
    }
    for (which, history) in &log.of_pictures {
        assert!(is_linearizable(Holders::new(), history, holders_after), "picture {which:?}: {history:#?}");
    }
}

/// The judge is one only if it can condemn.
#[test]
fn what_cannot_have_happened_is_found() {
    let start = Instant::now();
    let at = |millis| start + Duration::from_millis(millis);
    let done = |began, ended: Option<u64>, what| Operation { began: at(began), ended: ended.map(at), what };
    let seen = |state: &str| Done::Seen(state.to_owned());
    let sound = |history: &[Operation<Done>]| is_linearizable(Stage::Unsigned, history, Stage::after);
    let arrived = [done(0, Some(1), Done::Signed), done(2, Some(3), Done::Put), done(4, Some(6), Done::Saved)];
    let and = |more: &[Operation<Done>]| [&arrived[..], more].concat();
    assert!(sound(&arrived));
    assert!(sound(&and(&[done(5, Some(7), seen("pending"))])), "they overlap");
    assert!(!sound(&and(&[done(7, Some(8), seen("pending"))])), "a stale read");
    assert!(!sound(&and(&[done(7, Some(8), Done::Missing)])), "it is lost");
    assert!(!sound(&and(&[done(7, Some(8), seen("ready")), done(9, Some(10), seen("uploaded"))])), "back in time");
    assert!(!sound(&[done(0, Some(1), Done::Signed), done(2, Some(3), Done::Saved)]), "saved without bytes");
    assert!(!sound(&and(&[done(7, Some(8), Done::Deleted), done(9, Some(10), seen("ready"))])), "back from the dead");
    assert!(sound(&and(&[done(7, None, Done::Deleted), done(9, Some(10), seen("ready"))])), "not deleted, or not yet");
    assert!(!sound(&and(&[
        done(7, None, Done::Deleted),
        done(9, Some(10), Done::Missing),
        done(11, Some(12), seen("ready"))
    ])));
    let held = |began, ended, what| Operation { began: at(began), ended: Some(at(ended)), what };
    let twice = [held(0, 1, Held::SignedAnew), held(2, 3, Held::Saved(1)), held(4, 5, Held::SignedAnew)];
    assert!(!is_linearizable(Holders::new(), &twice, holders_after), "the same bytes are asked for again");
    assert!(is_linearizable(Holders::new(), &twice[..2], holders_after));
}
