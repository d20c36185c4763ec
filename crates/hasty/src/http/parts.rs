//! `/api/files/parts/` and `/api/files/<id>/parts/`: large files go to storage in parts.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde_json::{Value, json};

use super::body::{Fields, SINGLE_BYTES, kind};
use super::extract::{Guest, PathText, PublicUrl};
use super::fields;
use crate::app::App;
use crate::domain::parts::{self, NewPart, PARTS_LIMIT, SignedPart};
use crate::error::Error;
use crate::storage::multipart::StoredPart;

pub async fn sign(
    guest: Guest,
    page: PublicUrl,
    State(app): State<Arc<App>>,
    Fields(body): Fields<SINGLE_BYTES>,
) -> Result<Json<Value>, Error> {
    let file = fields::integer(&body, "file")?.ok_or_else(|| Error::InvalidValue("file: an id is expected".into()))?;
    let wanted = wanted(body.get("parts").unwrap_or(&Value::Null))?;
    let signed = parts::sign(&app, &guest.0, &page.0, file, wanted).await?;
    Ok(Json(json!({"parts": signed.iter().map(signed_part).collect::<Vec<_>>()})))
}

pub async fn list(guest: Guest, State(app): State<Arc<App>>, id: PathText) -> Result<Json<Value>, Error> {
    let (plan, stored) = parts::list(&app, &guest.0, id.id()?).await?;
    let stored: Vec<_> = stored.iter().map(stored_part).collect();
    Ok(Json(json!({"part_size": plan.part_size, "parts": plan.parts(), "stored": stored})))
}

pub async fn abort(guest: Guest, State(app): State<Arc<App>>, id: PathText) -> Result<StatusCode, Error> {
    parts::abort(&app, &guest.0, id.id()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn wanted(parts: &Value) -> Result<Vec<NewPart>, Error> {
    match parts {
        Value::Array(parts) if (1..=PARTS_LIMIT).contains(&parts.len()) => parts.iter().map(new_part).collect(),
        Value::Array(_) => Err(Error::TooManyParts { limit: PARTS_LIMIT }),
        other => Err(Error::InvalidValue(format!("parts: a list is expected, not {}", kind(other)))),
    }
}

fn new_part(part: &Value) -> Result<NewPart, Error> {
    let Value::Object(part) = part else {
        return Err(Error::InvalidValue(format!("parts: each must be an object, not {}", kind(part))));
    };
    let number = fields::integer(part, "number")?;
    let number = number.ok_or_else(|| Error::InvalidValue("number: which part it is, from 1, is expected".into()))?;
    Ok(NewPart { number: number.unsigned_abs(), sha256: fields::sha256(part, "sha256")? })
}

fn signed_part(part: &SignedPart) -> Value {
    json!({
        "number": part.number,
        "url": part.url,
        "method": "PUT",
        "headers": fields::headers(&part.headers),
        "expires_at": part.expires_at,
    })
}

fn stored_part(part: &StoredPart) -> Value {
    // An object that is whole has parts no more.
    let etag = Some(&part.etag).filter(|etag| !etag.is_empty());
    json!({"number": part.number, "size": part.size_bytes, "etag": etag})
}
