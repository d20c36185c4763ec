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
    /// Whether downloads of photos wait, and how many do.
    held: watch::Sender<bool>,
    waiting: watch::Sender<usize>,
}

impl Flaky {
    pub async fn before(store: Url) -> Flaky {
        let (client, refused) = (reqwest::Client::new(), Mutex::default());
        let (held, waiting) = (watch::Sender::new(false), watch::Sender::new(0));
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

    /// Answers so to the next who want to make the bucket.
    pub fn refuse_bucket(&self, bucket: &str, status: StatusCode, times: u32) {
        self.refuse_path(Method::PUT, format!("/{bucket}"), status, times);
    }

    fn refuse_path(&self, method: Method, path: String, status: StatusCode, times: u32) {
        self.doors.refused.lock().unwrap().insert((method, path), (status, times));
    }

    /// Lets downloads of photos wait until it is released.
    pub fn hold(&self) {
        self.doors.held.send_replace(true);
    }

    /// Returns once a download waits.
    pub async fn holds_one(&self) {
        self.doors.waiting.subscribe().wait_for(|waiting| *waiting > 0).await.unwrap();
    }

    pub fn release(&self) {
        self.doors.held.send_replace(false);
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
    if head.method == Method::GET && head.uri.path().starts_with("/hasty-media/photos/") {
        doors.waiting.send_modify(|waiting| *waiting += 1);
        doors.held.subscribe().wait_for(|held| !held).await.unwrap();
        doors.waiting.send_modify(|waiting| *waiting -= 1);
    }
    let url = doors.store.join(head.uri.path_and_query().unwrap().as_str()).unwrap();
    let body = axum::body::to_bytes(body, BODY_LIMIT_BYTES).await.unwrap();
    // The signature covers the host that the caller knows.
    let answer = doors.client.request(head.method, url).headers(head.headers).body(body).send().await.unwrap();
    http::Response::from(answer).map(Body::new)
}
