//! `/api/images/`: a guest sees the photos of their invitation, the owner sees all.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, LINK, LOCATION};
use http::{StatusCode, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;
use uuid::Uuid;

use super::extract::{PathText, PublicUrl, QueryText, Viewer};
use super::image_view::{Audience, ImageView};
use super::paging;
use crate::app::App;
use crate::clock::Micros;
use crate::db::images::{After, Image, Scope};
use crate::domain::images::Page;
use crate::domain::{copies, images, invitations};
use crate::error::Error;

/// Rows at most that are in memory at a time while a whole list is streamed.
const CHUNK: i64 = 500;

pub async fn list(
    viewer: Viewer,
    PublicUrl(page): PublicUrl,
    State(app): State<Arc<App>>,
    uri: Uri,
    query: QueryText,
) -> Result<Response, Error> {
    let scope = narrow(&app, viewer.scope(), query.get("invitation")).await?;
    let audience = Audience::from(&viewer);
    let after = query.get("after").map(read_after).transpose()?;
    let Some(limit) = paging::limit(query.get("limit"))? else {
        return whole(app, page, audience, scope, after).await;
    };
    let Page { images, next } = images::page(&app, scope, after, limit).await?;
    let links = app.links(&page);
    let views: Vec<_> = images.iter().map(|image| ImageView::new(&app, &links, audience, image)).collect();
    let mut response = Json(views).into_response();
    if let Some(After { updated_at, id }) = next {
        let next = paging::next_link(&uri, &format!("{}_{id}", updated_at.0));
        response.headers_mut().insert(LINK, next);
    }
    Ok(response)
}

pub async fn show(
    viewer: Viewer,
    PublicUrl(page): PublicUrl,
    State(app): State<Arc<App>>,
    id: PathText,
) -> Result<Response, Error> {
    let image = images::find(&app, viewer.scope(), id.id()?).await?;
    Ok(Json(ImageView::new(&app, &app.links(&page), Audience::from(&viewer), &image)).into_response())
}

pub async fn delete(viewer: Viewer, State(app): State<Arc<App>>, id: PathText) -> Result<Response, Error> {
    images::delete(&app, viewer.scope(), id.id()?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Leads to the small preview.
pub async fn thumbnail(
    viewer: Viewer,
    PublicUrl(page): PublicUrl,
    State(app): State<Arc<App>>,
    id: PathText,
) -> Result<Response, Error> {
    let image = images::find(&app, viewer.scope(), id.id()?).await?;
    let [key, _] = images::preview_keys(&image).ok_or(Error::NoPreview)?;
    Ok((StatusCode::FOUND, [(LOCATION, app.links(&page).get(&key))]).into_response())
}

/// Leads to the original, to be saved under its name; with `location=strip`, a copy that does not tell where it was taken.
pub async fn download(
    viewer: Viewer,
    PublicUrl(page): PublicUrl,
    State(app): State<Arc<App>>,
    id: PathText,
    query: QueryText,
) -> Result<Response, Error> {
    let image = images::find(&app, viewer.scope(), id.id()?).await?;
    let disposition = attachment(&image.name);
    match query.get("location") {
        None | Some("keep") => {
            let key = copies::ready_key(&image)?;
            let link = app.storage.presign_download(&page, key, &disposition, app.link_ttl());
            Ok((StatusCode::FOUND, [(LOCATION, link.as_str())]).into_response())
        }
        Some("strip") => {
            let copy = copies::without_location(&app, &image).await?;
            let size_bytes = copy.size_bytes.to_string();
            let headers =
                [(CONTENT_TYPE, &image.file_type), (CONTENT_LENGTH, &size_bytes), (CONTENT_DISPOSITION, &disposition)];
            Ok((headers, copy.body).into_response())
        }
        Some(_) => Err(Error::InvalidValue("location: keep or strip is expected".into())),
    }
}

/// RFC 6266, with the name as RFC 8187 spells it.
fn attachment(name: &str) -> String {
    format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}

/// Only the owner's view can be narrowed: a guest's already is.
pub(super) async fn narrow(app: &App, scope: Scope, invitation: Option<&str>) -> Result<Scope, Error> {
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

/// The whole list as one array.
async fn whole(
    app: Arc<App>,
    page: Url,
    audience: Audience,
    scope: Scope,
    after: Option<After>,
) -> Result<Response, Error> {
    let shown = app.clone();
    let array = streamed(app, scope, after, move |found, part| {
        let links = shown.links(&page);
        chunk(found.iter().map(|image| ImageView::new(&shown, &links, audience, image)), part)
    });
    Ok(([(CONTENT_TYPE, "application/json")], array.await?).into_response())
}

/// Where a chunk of a list stands in it.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

/// A whole list, read and sent a chunk at a time. The first chunk is read before anything is sent, so that a database that
/// does not answer is told as everywhere.
pub(super) async fn streamed(
    app: Arc<App>,
    scope: Scope,
    after: Option<After>,
    render: impl Fn(&[Image], Part) -> Bytes + Send + 'static,
) -> Result<Body, Error> {
    let first = images::page(&app, scope, after, CHUNK).await?;
    let start = (app, render, Some(first), true);
    Ok(Body::from_stream(stream::try_unfold(start, move |(app, render, found, is_first)| async move {
        let Some(Page { images, next }) = found else {
            return Ok(None);
        };
        let bytes = render(&images, Part { is_first, is_last: next.is_none() });
        let next = match next {
            Some(_) => Some(images::page(&app, scope, next, CHUNK).await.inspect_err(Error::log)?),
            None => None,
        };
        Ok::<_, Error>(Some((bytes, (app, render, next, false))))
    })))
}

/// A part of a JSON array.
fn chunk<'a>(views: impl ExactSizeIterator<Item = ImageView<'a>>, part: Part) -> Bytes {
    let mut bytes = Vec::with_capacity(views.len() * 2048 + 2);
    bytes.extend(part.is_first.then_some(b'['));
    for (index, view) in views.enumerate() {
        bytes.extend((!part.is_first || index > 0).then_some(b','));
        // Writing to memory fails for no image.
        let _ = serde_json::to_writer(&mut bytes, &view);
    }
    bytes.extend(part.is_last.then_some(b']'));
    Bytes::from(bytes)
}
