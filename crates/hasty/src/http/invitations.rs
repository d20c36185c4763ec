//! `/api/invitation/`: the owner invites, looks, changes and revokes.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LINK, LOCATION};
use http::{StatusCode, Uri};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use super::body::{Fields, SINGLE_BYTES};
use super::extract::{Owner, PathText, PublicUrl, QueryText};
use super::{fields, paging};
use crate::app::App;
use crate::clock::Micros;
use crate::db::invitations::{Invitation, InvitedBy, LocationPolicy, Quota};
use crate::domain::invitations::{self, Change, End, Invite};
use crate::error::Error;

/// Pages of a list that nobody gave a limit for.
const DEFAULT_LIMIT: i64 = 1000;
const TITLE_CHARS: usize = 200;
const MESSAGE_CHARS: usize = 2000;

/// The original's answer.
#[derive(Serialize)]
struct InvitationView {
    token: Uuid,
    email: String,
    created_at: Micros,
    updated_at: Micros,
    expires_at: Micros,
    upload_link: Url,
}

/// What the owner sees: the original's answer, then ours.
#[derive(Serialize)]
struct OwnersView {
    #[serde(flatten)]
    invitation: InvitationView,
    id: Uuid,
    title: Option<String>,
    message: Option<String>,
    revoked_at: Option<Micros>,
    location: LocationPolicy,
    max_files: Option<i64>,
    max_bytes: Option<i64>,
    image_count: i64,
    total_bytes: i64,
}

/// For the owner, and in open mode for everybody. A body that cannot be read, or has no good
/// email, is a 409, as it always was.
pub async fn create(
    PublicUrl(page): PublicUrl,
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Response> {
    let legacy_error = |error: Error| error.into_response_with("error_message");
    let (mut head, body) = request.into_parts();
    let invited_by = match Owner::from_request_parts(&mut head, &app).await {
        Ok(Owner) => InvitedBy::Owner,
        Err(_) if app.is_open() => InvitedBy::Anybody,
        Err(error) => return Err(legacy_error(error)),
    };
    let fields = Fields::<SINGLE_BYTES>::from_request(Request::from_parts(head, body), &app).await;
    let Fields(fields) = fields.map_err(|error| legacy_error(error.into_invitation_error()))?;
    let invite = read_invite(&fields, invited_by).map_err(legacy_error)?;
    let invitation = invitations::invite(&app, invite).await.map_err(legacy_error)?;
    let location = format!("/api/invitation/{}/", invitation.public_id);
    let view = view(&app, &page, &invitation);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(view)).into_response())
}

pub async fn list(
    _: Owner,
    PublicUrl(page): PublicUrl,
    State(app): State<Arc<App>>,
    uri: Uri,
    query: QueryText,
) -> Result<Response, Error> {
    let limit = paging::limit(query.get("limit"))?.unwrap_or(DEFAULT_LIMIT);
    let after = query.get("after").map(|after| after.parse().map_err(|_| paging::bad_after())).transpose()?;
    let found = invitations::list(&app, after, limit + 1).await?;
    let shown = &found[..found.len().min(limit as usize)];
    let views: Vec<_> = shown.iter().map(|invitation| owners_view(&app, &page, invitation)).collect();
    let mut response = Json(views).into_response();
    if let (true, Some(last)) = (found.len() > shown.len(), shown.last()) {
        response.headers_mut().insert(LINK, paging::next_link(&uri, &last.id.to_string()));
    }
    Ok(response)
}

pub async fn show(
    _: Owner,
    PublicUrl(page): PublicUrl,
    State(app): State<Arc<App>>,
    PathText(id): PathText,
) -> Result<Response, Error> {
    let invitation = invitations::find(&app, public_id(&id)?).await?;
    Ok(Json(owners_view(&app, &page, &invitation)).into_response())
}

pub async fn change(
    _: Owner,
    PublicUrl(page): PublicUrl,
    State(app): State<Arc<App>>,
    PathText(id): PathText,
    Fields(body): Fields<SINGLE_BYTES>,
) -> Result<Response, Error> {
    let change = Change {
        title: title(&body)?,
        message: message(&body)?,
        location: location(&body)?,
        quota: quota(&body)?,
        end: end(&body)?,
    };
    let changed = invitations::change(&app, public_id(&id)?, change).await?;
    Ok(Json(owners_view(&app, &page, &changed)).into_response())
}

pub async fn revoke(_: Owner, State(app): State<Arc<App>>, PathText(id): PathText) -> Result<Response, Error> {
    invitations::revoke(&app, public_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The upload link as a QR code.
pub async fn qr_code(
    _: Owner,
    PublicUrl(page): PublicUrl,
    State(app): State<Arc<App>>,
    PathText(id): PathText,
) -> Result<Response, Error> {
    let invitation = invitations::find(&app, public_id(&id)?).await?;
    let link = view(&app, &page, &invitation).upload_link;
    let code =
        QrCode::new(link.as_str()).map_err(|_| Error::InvalidValue("the link is too long for a QR code".into()))?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(256, 256).build();
    Ok(([(CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

fn view(app: &App, page: &Url, invitation: &Invitation) -> InvitationView {
    let token = app.secrets.token(invitation.public_id);
    let mut upload_link = page.clone();
    upload_link.set_path("/api/upload/");
    upload_link.query_pairs_mut().append_pair("access_token", &token.to_string());
    InvitationView {
        token,
        email: invitation.email.clone(),
        created_at: invitation.created_at,
        updated_at: invitation.updated_at,
        expires_at: invitation.expires_at,
        upload_link,
    }
}

fn owners_view(app: &App, page: &Url, invitation: &Invitation) -> OwnersView {
    OwnersView {
        invitation: view(app, page, invitation),
        id: invitation.public_id,
        title: invitation.title.clone(),
        message: invitation.message.clone(),
        revoked_at: invitation.revoked_at,
        location: invitation.location,
        max_files: invitation.quota.max_files,
        max_bytes: invitation.quota.max_bytes,
        image_count: invitation.image_count,
        total_bytes: invitation.total_bytes,
    }
}

fn read_invite(body: &Map<String, Value>, invited_by: InvitedBy) -> Result<Invite, Error> {
    let email = match body.get("email") {
        None | Some(Value::Null) => return Err(Error::InvalidEmail("An email is required")),
        Some(Value::String(email)) => email.clone(),
        Some(_) => return Err(Error::InvalidEmail("This is not a valid email")),
    };
    Ok(Invite {
        email,
        title: title(body)?,
        message: message(body)?,
        location: location(body)?,
        quota: quota(body)?,
        end: end(body)?,
        invited_by,
    })
}

fn title(body: &Map<String, Value>) -> Result<Option<String>, Error> {
    fields::short_text(body, "title", TITLE_CHARS)
}

fn message(body: &Map<String, Value>) -> Result<Option<String>, Error> {
    fields::short_text(body, "message", MESSAGE_CHARS)
}

fn location(body: &Map<String, Value>) -> Result<Option<LocationPolicy>, Error> {
    let expected = || Error::InvalidValue("location: keep, coarse or strip is expected".into());
    fields::text(body, "location")?.map(|text| LocationPolicy::parse(text).ok_or_else(expected)).transpose()
}

fn quota(body: &Map<String, Value>) -> Result<Quota, Error> {
    Ok(Quota { max_files: fields::integer(body, "max_files")?, max_bytes: fields::integer(body, "max_bytes")? })
}

fn end(body: &Map<String, Value>) -> Result<Option<End>, Error> {
    if let Some(days) = fields::integer(body, "expires_in_days")? {
        return Ok(Some(End::InDays(u32::try_from(days).unwrap_or(u32::MAX))));
    }
    fields::text(body, "expires_at")?.map(str::parse).transpose()
}

fn public_id(text: &str) -> Result<Uuid, Error> {
    Uuid::try_parse(text).map_err(|_| Error::NotFound)
}
