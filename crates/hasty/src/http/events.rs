//! `/api/events/`: server-sent events (HTML, "Server-sent events") of images whose state changes. A guest hears of their
//! own, the owner of all.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response, sse};
use futures::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::extract::{QueryText, Viewer};
use super::image_view::rejection_view;
use crate::app::App;
use crate::db::events::Event;
use crate::domain::events::Watcher;
use crate::error::Error;

/// What is silent for longer, a proxy may take for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// From behind the event that `Last-Event-ID` or `?after=` names on; without, from now.
pub async fn watch(
    viewer: Viewer,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    query: QueryText,
) -> Result<Response, Error> {
    let last = headers.get("last-event-id").map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
    let after = last.or_else(|| query.get("after").map(str::to_owned)).filter(|after| !after.is_empty());
    let after = after.map(|after| after.parse().map_err(|_| bad_after())).transpose()?;
    let watcher = Watcher::start(&app, viewer.scope(), after).await?;
    // Whoever is cut off before anything happens must know from where to go on, too.
    let begin = sse::Event::default().event("begin").id(watcher.floor().to_string()).data("{}");
    let news = stream::unfold((app, watcher), async |(app, mut watcher)| {
        let news = watcher.next(&app).await?;
        Some((stream::iter(news.into_iter().map(|event| told(&event))), (app, watcher)))
    });
    let all = stream::iter([begin]).chain(news.flatten()).map(Ok::<_, Infallible>);
    let mut response = Sse::new(all).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // nginx would hold news back until there is enough of it.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

fn told(event: &Event) -> sse::Event {
    let data = json!({
        "image": event.image_id,
        "state": event.state,
        "rejection": event.rejection.as_deref().and_then(rejection_view),
        "warnings": serde_json::from_str::<Value>(&event.warnings).unwrap_or_default(),
    });
    sse::Event::default().event("image").id(event.id.to_string()).data(data.to_string())
}

fn bad_after() -> Error {
    Error::InvalidValue("Last-Event-ID: the id of an event is expected".into())
}
