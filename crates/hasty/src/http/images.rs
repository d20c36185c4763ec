//! `/api/images/`: a guest sees the photos of their invitation, the owner sees all.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use http::Uri;
use http::header::{CONTENT_TYPE, LINK};
use url::Url;
use uuid::Uuid;

use super::extract::{PathText, PublicUrl, QueryText, Viewer};
use super::image_view::ImageView;
use super::paging;
use crate::app::App;
use crate::clock::Micros;
use crate::db::images::{After, Image, Scope};
use crate::domain::{images, invitations};
use crate::error::Error;

/// Rows that are in memory at a time while a whole list is streamed.
const CHUNK: i64 = 500;

pub async fn list(
    viewer: Viewer,
    PublicUrl(page): PublicUrl,
    State(app): State<Arc<App>>,
    uri: Uri,
    query: QueryText,
) -> Result<Response, Error> {
    let scope = narrow(&app, viewer.scope(), query.get("invitation")).await?;
    let after = query.get("after").map(read_after).transpose()?;
    let Some(limit) = paging::limit(query.get("limit"))? else {
        return Ok(whole(app, page, scope, after));
    };
    let found = images::page(&app, scope, after, limit + 1).await?;
    let shown = &found[..found.len().min(limit as usize)];
    let mut response =
        Json(shown.iter().map(|image| ImageView::new(&app, &page, image)).collect::<Vec<_>>()).into_response();
    if let (true, Some(last)) = (found.len() > shown.len(), shown.last()) {
        let next = paging::next_link(&uri, &format!("{}_{}", last.updated_at.0, last.id));
        response.headers_mut().insert(LINK, next);
    }
    Ok(response)
}

pub async fn show(
    viewer: Viewer,
    PublicUrl(page): PublicUrl,
    State(app): State<Arc<App>>,
    PathText(id): PathText,
) -> Result<Response, Error> {
    let digits = Some(id).filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
    let id = digits.and_then(|digits| digits.parse().ok()).ok_or(Error::NotFound)?;
    let image = images::find(&app, viewer.scope(), id).await?;
    Ok(Json(ImageView::new(&app, &page, &image)).into_response())
}

/// Only the owner's view can be narrowed: a guest's already is.
async fn narrow(app: &App, scope: Scope, invitation: Option<&str>) -> Result<Scope, Error> {
    match (scope, invitation) {
        (Scope::All, Some(public_id)) => {
            let public_id = Uuid::try_parse(public_id).map_err(|_| Error::NotFound)?;
            Ok(Scope::Invitation(invitations::find(app, public_id).await?.id))
        }
        (scope, _) => Ok(scope),
    }
}

fn read_after(text: &str) -> Result<After, Error> {
    let parts = text.split_once('_').and_then(|(updated, id)| Some((updated.parse().ok()?, id.parse().ok()?)));
    let (updated_at, id) = parts.ok_or_else(paging::bad_after)?;
    Ok(After { updated_at: Micros(updated_at), id })
}

/// The whole list as one array, read and sent a chunk at a time.
fn whole(app: Arc<App>, page: Url, scope: Scope, after: Option<After>) -> Response {
    struct Progress {
        app: Arc<App>,
        page: Url,
        after: Option<After>,
        ready: VecDeque<Bytes>,
        ended: bool,
    }
    let start = Progress { app, page, after, ready: VecDeque::from([Bytes::from_static(b"[")]), ended: false };
    let chunks = stream::try_unfold((start, true), move |(mut progress, first)| async move {
        if let Some(bytes) = progress.ready.pop_front() {
            return Ok(Some((bytes, (progress, first))));
        }
        if progress.ended {
            return Ok(None);
        }
        let found = images::page(&progress.app, scope, progress.after, CHUNK).await?;
        progress.ended = found.len() < CHUNK as usize;
        progress.after =
            found.last().map(|image| After { updated_at: image.updated_at, id: image.id }).or(progress.after);
        let mut bytes = array_items(&progress.app, &progress.page, &found, first);
        if progress.ended {
            bytes.push(b']');
        }
        Ok::<_, Error>(Some((Bytes::from(bytes), (progress, first && found.is_empty()))))
    });
    ([(CONTENT_TYPE, "application/json")], Body::from_stream(chunks)).into_response()
}

fn array_items(app: &App, page: &Url, images: &[Image], first: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(images.len() * 2048);
    for (index, image) in images.iter().enumerate() {
        if !(first && index == 0) {
            bytes.push(b',');
        }
        // Writing to memory fails for no image.
        let _ = serde_json::to_writer(&mut bytes, &ImageView::new(app, page, image));
    }
    bytes
}
