//! The store on a port of its own, as a host embeds it.
//!
//! `serve <folder> <address>`, with the key pair in `S3_ACCESS_KEY_ID` and `S3_SECRET_ACCESS_KEY`; port 0 takes a free
//! one. It prints the address once it serves, and stops at SIGTERM or Ctrl-C, after the requests under way.

use std::error::Error;
use std::path::PathBuf;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use s3_store::{Settings, Store};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(dir), Some(address)) = (arguments.next(), arguments.next()) else {
        return Err("usage: serve <folder> <address>".into());
    };
    let settings = Settings {
        dir: PathBuf::from(dir),
        access_key_id: variable("S3_ACCESS_KEY_ID")?,
        secret_access_key: variable("S3_SECRET_ACCESS_KEY")?,
        region: "us-east-1".to_owned(),
        max_object_bytes: 5 * 1024 * 1024 * 1024,
        reserved_buckets: Vec::new(),
    };
    let store = Store::open(settings)?;
    let router = Router::new().fallback(move |request: Request| {
        let store = store.clone();
        async move { store.call(request).await.map(Body::new) }
    });
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    // With the router, the store goes, and with it the log of its index goes into the database.
    Ok(axum::serve(listener, router).with_graceful_shutdown(stop).await?)
}

#[expect(clippy::disallowed_methods, reason = "a key on the command line would show in the list of processes")]
fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|error| format!("{name}: {error}"))
}
