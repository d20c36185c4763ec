//! A storage that refuses or hesitates, in front of one that does not.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

const BODY_LIMIT_BYTES: usize = 64 << 20;

pub struct Flaky {
    address: SocketAddr,
    doors: Arc<Doors>,
    server: JoinHandle<()>,
}

struct Doors {
    store: Url,
    client: reqwest::Client,
    /// By method and path: with what status, and how often still.
    refused: Mutex<HashMap<(Method, String), (StatusCode, u32)>>,
    /// Which answers wait, and how many do.
    held: watch::Sender<Option<Held>>,
    waiting: watch::Sender<usize>,
}

/// By method, and by how the path begins.
type Held = (Method, &'static str);

/// What is downloaded of photos.
pub const DOWNLOADS: Held = (Method::GET, "/hasty-media/photos/");
/// What a completion reads of what was sent.
pub const COMPLETIONS: Held = (Method::GET, "/hasty-media/incoming/");
/// What a sweep removes first of a photo that nobody shows.
pub const REMOVALS: Held = (Method::DELETE, "/hasty-media/previews/");

impl Flaky {
    pub async fn before(store: Url) -> Flaky {
        let (client, refused) = (reqwest::Client::new(), Mutex::default());
        let (held, waiting) = (watch::Sender::new(None), watch::Sender::new(0));
        let doors = Arc::new(Doors { store, client, refused, held, waiting });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(pass).with_state(doors.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Flaky { address, doors, server }
    }

    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).unwrap()
    }

    /// Answers 503 to the next calls for an object.
    pub fn refuse(&self, method: Method, key: &str, times: u32) {
        self.refuse_path(method, format!("/hasty-media/{key}"), StatusCode::SERVICE_UNAVAILABLE, times);
    }

    /// Answers so to the next who want to make the bucket (PUT), or to look for it (HEAD).
    pub fn refuse_bucket(&self, method: Method, bucket: &str, status: StatusCode, times: u32) {
        self.refuse_path(method, format!("/{bucket}"), status, times);
    }

    fn refuse_path(&self, method: Method, path: String, status: StatusCode, times: u32) {
        self.doors.refused.lock().unwrap().insert((method, path), (status, times));
    }

    /// Lets the answers to such calls wait until they are released.
    pub fn hold(&self, calls: Held) {
        self.doors.held.send_replace(Some(calls));
    }

    /// Returns once an answer waits.
    pub async fn holds_one(&self) {
        self.doors.waiting.subscribe().wait_for(|waiting| *waiting > 0).await.unwrap();
    }

    pub fn release(&self) {
        self.doors.held.send_replace(None);
    }
}

impl Drop for Flaky {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass(State(doors): State<Arc<Doors>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let call = (head.method.clone(), head.uri.path().to_owned());
    if let Some((status, times)) = doors.refused.lock().unwrap().get_mut(&call).filter(|(_, times)| *times > 0) {
        *times -= 1;
        return status.into_response();
    }
    let url = doors.store.join(head.uri.path_and_query().unwrap().as_str()).unwrap();
    let body = axum::body::to_bytes(body, BODY_LIMIT_BYTES).await.unwrap();
    // The signature covers the host that the caller knows.
    let answer = doors.client.request(head.method, url).headers(head.headers).body(body).send().await.unwrap();
    let (method, path) = call;
    let is_held = |held: &Option<Held>| held.as_ref().is_some_and(|held| method == held.0 && path.starts_with(held.1));
    if is_held(&doors.held.borrow()) {
        doors.waiting.send_modify(|waiting| *waiting += 1);
        doors.held.subscribe().wait_for(|held| !is_held(held)).await.unwrap();
        doors.waiting.send_modify(|waiting| *waiting -= 1);
    }
    http::Response::from(answer).map(Body::new)
}
