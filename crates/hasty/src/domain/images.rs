//! Looking at photos.

use uuid::Uuid;

use crate::app::App;
use crate::db::images::{self, After, Image, Scope};
use crate::error::Error;

/// Newest update first, at most `limit`.
pub async fn page(app: &App, scope: Scope, after: Option<After>, limit: i64) -> Result<Vec<Image>, Error> {
    app.db.read(move |tx| Ok(images::list(tx, scope, after, limit)?)).await
}

pub async fn find(app: &App, scope: Scope, id: i64) -> Result<Image, Error> {
    let found: Option<Image> = app.db.read(move |tx| images::find(tx, scope, id).map_err(Error::from)).await?;
    found.ok_or(Error::NotFound)
}

/// The photo's logical name: never a token, and not where storage keeps it.
pub fn logical_folder(invitation_public_id: Uuid, id: i64) -> String {
    format!("{invitation_public_id}/{id}/")
}

/// `<id>.<ext>`
pub fn logical_filename(id: i64, extension: &str) -> String {
    format!("{id}{extension}")
}
