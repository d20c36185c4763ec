//! `/api/files/policy/` and `/api/files/complete/`: sign uploads, and say that they have arrived.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::body::{Fields, kind};
use super::extract::{Guest, PublicUrl};
use super::fields;
use crate::app::App;
use crate::db::invitations::Invitation;
use crate::domain::complete::{self, Completion};
use crate::domain::images::{logical_filename, logical_folder};
use crate::domain::policy::{self, Answer, FILENAME_CHARS, FILES_LIMIT, NewFile, SignedPut, SignedUpload, Way};
use crate::error::Error;

type Object = Map<String, Value>;

/// Also takes what belongs to `complete`, when the body names a `file`: so the original's README tells its clients.
pub async fn sign(
    guest: Guest,
    page: PublicUrl,
    State(app): State<Arc<App>>,
    body: Result<Fields, Error>,
) -> Result<Response, Response> {
    let legacy_error = |error: Error| error.into_response_with("message");
    // A body that cannot be read is told as on every endpoint.
    let Fields(body) = body.map_err(IntoResponse::into_response)?;
    match body.get("files") {
        Some(files) => sign_batch(&app, guest, page, files).await.map_err(legacy_error),
        None if body.contains_key("file") => {
            complete_one(&app, &guest.0, &body).await.map_err(IntoResponse::into_response)
        }
        None => sign_one(&app, guest, page, &body).await.map_err(legacy_error),
    }
}

pub async fn complete(guest: Guest, State(app): State<Arc<App>>, body: Fields) -> Result<Response, Error> {
    let Some(files) = body.0.get("files") else {
        return complete_one(&app, &guest.0, &body.0).await;
    };
    let completions = items(files)?.iter().map(|item| completion(item).and_then(required)).collect();
    let completed = complete::complete_all(&app, &guest.0, completions).await;
    let saved =
        |result: Result<i64, Error>| result.map_or_else(|error| error.item(), |id| json!({"id": id, "saved": true}));
    Ok(Json(json!({"files": completed.into_iter().map(saved).collect::<Vec<_>>()})).into_response())
}

async fn complete_one(app: &Arc<App>, invitation: &Invitation, body: &Object) -> Result<Response, Error> {
    let Some(completion) = read_completion(body)? else {
        return Ok(Json(json!({})).into_response());
    };
    let id = complete::complete(app, invitation, completion).await?;
    Ok(Json(json!({"id": id, "saved": true})).into_response())
}

async fn sign_one(app: &App, guest: Guest, page: PublicUrl, body: &Object) -> Result<Response, Error> {
    let extended = ["size", "type", "sha256", "file_id", "multipart"].iter().any(|name| body.contains_key(*name));
    let file = read_new_file(body)?;
    let signed = policy::sign(app, &guest.0, &page.0, vec![Ok(file)]).await?;
    let answer = match signed.into_iter().next().ok_or(Error::FilenameRequired)?? {
        Answer::Upload(signed) if !extended => policy_answer(app, &guest.0, &signed),
        answer => full_answer(app, &guest.0, &answer),
    };
    Ok(Json(answer).into_response())
}

async fn sign_batch(app: &App, guest: Guest, page: PublicUrl, files: &Value) -> Result<Response, Error> {
    let files = items(files)?.iter().map(|item| object(item).and_then(read_new_file)).collect();
    let signed = policy::sign(app, &guest.0, &page.0, files).await?;
    let answers = signed.into_iter().map(|signed| match signed {
        Ok(answer) => Value::Object(full_answer(app, &guest.0, &answer)),
        Err(error) => error.item(),
    });
    Ok(Json(json!({"files": answers.collect::<Vec<_>>()})).into_response())
}

fn full_answer(app: &App, invitation: &Invitation, answer: &Answer) -> Object {
    match answer {
        Answer::Upload(signed) => {
            let mut answer = policy_answer(app, invitation, signed);
            answer.extend(extended_answer(&signed.way));
            answer
        }
        Answer::DuplicateOf(id) => Object::from_iter([("duplicate_of".to_owned(), json!(id))]),
    }
}

/// The original's six keys.
fn policy_answer(app: &App, invitation: &Invitation, signed: &SignedUpload) -> Object {
    let answer = [
        ("key", json!(app.storage.access_key_id())),
        ("file_bucket_path", json!(logical_folder(invitation.public_id, signed.id))),
        ("file_id", json!(signed.id)),
        ("filename", json!(logical_filename(signed.id, &signed.extension))),
        ("url", json!(signed.way.url())),
        ("token", json!(app.secrets.token(invitation.public_id))),
    ];
    answer.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn extended_answer(way: &Way) -> Object {
    let answer = match way {
        Way::Put(SignedPut { headers, expires_at, .. }) => {
            vec![("method", json!("PUT")), ("headers", fields::headers(headers)), ("expires_at", json!(expires_at))]
        }
        Way::Parts(plan) => vec![("multipart", json!({"part_size": plan.part_size, "parts": plan.parts()}))],
    };
    answer.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn read_new_file(body: &Object) -> Result<NewFile, Error> {
    let file_id = fields::integer(body, "file_id")?;
    let filename = fields::text(body, "filename")?.filter(|name| !name.trim().is_empty());
    if filename.is_some_and(|name| name.chars().count() > FILENAME_CHARS) {
        return Err(Error::FilenameTooLong { limit: FILENAME_CHARS });
    }
    if filename.is_none() && file_id.is_none() {
        return Err(Error::FilenameRequired);
    }
    Ok(NewFile {
        filename: filename.unwrap_or_default().to_owned(),
        size_bytes: fields::integer(body, "size")?.map(i64::unsigned_abs),
        content_type: fields::mime_type(body, "type")?,
        sha256: fields::sha256(body, "sha256")?,
        file_id,
        multipart: fields::truth(body, "multipart")?,
    })
}

/// `None` where no `file` is named: the original answers such a call with nothing.
fn read_completion(body: &Object) -> Result<Option<Completion>, Error> {
    let metadata = fields::metadata(body)?;
    fields::integer(body, "fileSize")?;
    fields::short_text(body, "fileType", 255)?;
    let pick = fields::integer(body, "pick")?;
    match body.get("file") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        // An id that is no number names nothing that exists.
        Some(_) => match fields::integer(body, "file") {
            Ok(Some(file)) => Ok(Some(Completion { file, metadata, pick })),
            _ => Err(Error::NotFound),
        },
    }
}

fn completion(item: &Value) -> Result<Option<Completion>, Error> {
    read_completion(object(item)?)
}

fn required(completion: Option<Completion>) -> Result<Completion, Error> {
    completion.ok_or_else(|| Error::InvalidValue("file: an id is expected".into()))
}

pub(super) fn items(files: &Value) -> Result<&[Value], Error> {
    match files {
        Value::Array(items) if (1..=FILES_LIMIT).contains(&items.len()) => Ok(items),
        Value::Array(_) => Err(Error::TooManyFiles { limit: FILES_LIMIT }),
        other => Err(Error::InvalidValue(format!("files: a list is expected, not {}", kind(other)))),
    }
}

pub(super) fn object(item: &Value) -> Result<&Object, Error> {
    match item {
        Value::Object(fields) => Ok(fields),
        other => Err(Error::InvalidValue(format!("files: each must be an object, not {}", kind(other)))),
    }
}
