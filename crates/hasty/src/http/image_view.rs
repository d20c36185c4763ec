//! An image as the API shows it: the original's keys in the original's order, then ours.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use super::extract::Viewer;
use crate::app::App;
use crate::db::images::Image;
use crate::domain::claim::{self, FIELDS, LEGACY_FIELDS};
use crate::domain::images::{logical_filename, logical_folder, preview_keys};
use crate::domain::rejection::Rejection;
use crate::storage::Links;

pub struct ImageView<'a> {
    app: &'a App,
    links: &'a Links,
    audience: Audience,
    image: &'a Image,
}

/// Whom an image is shown to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Guest,
    Owner,
}

impl From<&Viewer> for Audience {
    fn from(viewer: &Viewer) -> Audience {
        match viewer {
            Viewer::Guest(_) => Audience::Guest,
            Viewer::Owner => Audience::Owner,
        }
    }
}

impl<'a> ImageView<'a> {
    /// `links` are signed for the origin that the caller sees the server at.
    pub fn new(app: &'a App, links: &'a Links, audience: Audience, image: &'a Image) -> ImageView<'a> {
        ImageView { app, links, audience, image }
    }

    fn image_link(&self) -> Option<String> {
        let key = self.image.photo_key.as_deref().filter(|_| self.image.state.has_photo())?;
        Some(self.links.get(key))
    }

    fn preview_links(&self) -> [Option<String>; 2] {
        preview_keys(self.image).map_or_else(Default::default, |keys| keys.map(|key| Some(self.links.get(&key))))
    }

    fn rejection(&self) -> Option<Value> {
        rejection_view(self.image.rejection.as_deref()?)
    }
}

/// A code and a sentence for the guest; `None`: no code of ours.
pub fn rejection_view(code: &str) -> Option<Value> {
    let rejection = Rejection::from_code(code)?;
    Some(json!({"code": rejection.code(), "message": rejection.to_string()}))
}

impl Serialize for ImageView<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let image = self.image;
        let metadata = claim::stored(&image.metadata);
        let path = logical_folder(image.invitation_public_id, image.id) + &logical_filename(image.id, &image.extension);
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("name", &image.name)?;
        map.serialize_entry("path", &path)?;
        map.serialize_entry("size", &image.size_bytes)?;
        map.serialize_entry("file_type", &image.file_type)?;
        map.serialize_entry("timestamp", &image.created_at)?;
        map.serialize_entry("updated", &image.updated_at)?;
        map.serialize_entry("uploaded", &image.state.has_photo())?;
        map.serialize_entry("active", &image.active)?;
        map.serialize_entry("token", &self.app.secrets.token(image.invitation_public_id))?;
        for (name, _) in &FIELDS[..LEGACY_FIELDS] {
            map.serialize_entry(name, &metadata.get(*name))?;
        }
        map.serialize_entry("image_link", &self.image_link())?;
        map.serialize_entry("id", &image.id)?;
        map.serialize_entry("state", &image.state)?;
        map.serialize_entry("sha256", &image.sha256)?;
        for (name, _) in &FIELDS[LEGACY_FIELDS..] {
            map.serialize_entry(name, &metadata.get(*name))?;
        }
        let [thumbnail_link, preview_link] = self.preview_links();
        map.serialize_entry("thumbnail_link", &thumbnail_link)?;
        map.serialize_entry("preview_link", &preview_link)?;
        map.serialize_entry("thumb_hash", &image.thumb_hash)?;
        map.serialize_entry("rejection", &self.rejection())?;
        map.serialize_entry("warnings", &serde_json::from_str::<Value>(&image.warnings).unwrap_or_default())?;
        if self.audience == Audience::Owner {
            map.serialize_entry("similar_to", &image.near_image_id)?;
        }
        map.end()
    }
}
