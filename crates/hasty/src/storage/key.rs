//! The names of objects in the bucket. None comes from a guest, and none gives away an invitation or a token.

use std::fmt;

use metadata::FileType;
use uuid::Uuid;

/// What lies in the bucket, by kind.
#[derive(Clone, Copy, Debug)]
pub enum StorageKey {
    /// Where a guest may write: the only kind that an upload link is ever signed for.
    Incoming {
        id: Uuid,
        file_type: Option<FileType>,
    },
    /// Where readers are sent until ingest has read the photo: no upload link ever named it.
    Arrived {
        id: Uuid,
        file_type: Option<FileType>,
    },
    /// Where they are sent from then on: the same for the same bytes.
    Photo {
        content: ContentHash,
        file_type: Option<FileType>,
    },
    Preview {
        content: ContentHash,
        size: PreviewSize,
    },
}

/// A keyed hash of a photo's SHA-256: whoever knows a photo cannot tell from a key that it is here.
#[derive(Clone, Copy, Debug)]
pub struct ContentHash(pub [u8; 32]);

/// The longer side of a preview.
#[derive(Clone, Copy, Debug)]
pub enum PreviewSize {
    Px320,
    Px1600,
}

/// Folders of the bucket that we write to, each with its slash.
pub const FOLDERS: [&str; 3] = ["photos/", "previews/", "incoming/"];

/// What a key that was found in the bucket was made for, by its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape<'a> {
    /// One upload, or one attempt to move it: never used again.
    Once,
    /// A content, by its hash in hex: used again when the same bytes come again.
    Photo(&'a str),
    Preview(&'a str),
}

impl Shape<'_> {
    /// `None`: nothing here has ever made such a key.
    pub fn of(key: &str) -> Option<Shape<'_>> {
        let (folder, name) = key.split_once('/')?;
        if folder == "previews" {
            let (hash, side) = name.split_once('-')?;
            return (is_hex(hash, 64) && matches!(side, "320" | "1600")).then_some(Shape::Preview(hash));
        }
        let (stem, extension) = name.split_once('.').unwrap_or((name, "jpg"));
        let is_extension = (1..=4).contains(&extension.len())
            && extension.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        match folder {
            _ if !is_extension => None,
            "incoming" | "photos" if is_hex(stem, 32) => Some(Shape::Once),
            "photos" if is_hex(stem, 64) => Some(Shape::Photo(stem)),
            _ => None,
        }
    }
}

/// The keys of the previews that belong to a photo of [`Shape::Photo`].
pub fn preview_keys(photo_key: &str) -> Option<[String; 2]> {
    match Shape::of(photo_key) {
        Some(Shape::Photo(hash)) => Some(["320", "1600"].map(|side| format!("previews/{hash}-{side}"))),
        _ => None,
    }
}

fn is_hex(text: &str, len: usize) -> bool {
    text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

impl fmt::Display for StorageKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file_type = match self {
            StorageKey::Incoming { id, file_type } => {
                write!(out, "incoming/{}", id.simple())?;
                file_type
            }
            StorageKey::Arrived { id, file_type } => {
                write!(out, "photos/{}", id.simple())?;
                file_type
            }
            StorageKey::Photo { content, file_type } => {
                write!(out, "photos/{}", hex::encode(content.0))?;
                file_type
            }
            StorageKey::Preview { content, size: PreviewSize::Px320 } => {
                return write!(out, "previews/{}-320", hex::encode(content.0));
            }
            StorageKey::Preview { content, size: PreviewSize::Px1600 } => {
                return write!(out, "previews/{}-1600", hex::encode(content.0));
            }
        };
        match file_type {
            Some(file_type) => write!(out, ".{}", file_type.extension()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_shape() {
        let (id, content, file_type) = (Uuid::nil(), ContentHash([7; 32]), Some(FileType::Tiff));
        let hash = hex::encode([7; 32]);
        for (key, shape) in [
            (StorageKey::Incoming { id, file_type }, Shape::Once),
            (StorageKey::Incoming { id, file_type: None }, Shape::Once),
            (StorageKey::Arrived { id, file_type: None }, Shape::Once),
            (StorageKey::Photo { content, file_type }, Shape::Photo(&hash)),
            (StorageKey::Preview { content, size: PreviewSize::Px320 }, Shape::Preview(&hash)),
            (StorageKey::Preview { content, size: PreviewSize::Px1600 }, Shape::Preview(&hash)),
        ] {
            let key = key.to_string();
            assert_eq!(Shape::of(&key), Some(shape), "{key}");
            for other in [format!("{key}?"), format!("{key}%2e"), format!("{key}/../x"), format!("x{key}")] {
                assert_eq!(Shape::of(&other), None, "{other}");
            }
        }
        assert_eq!(Shape::of("photos/../secret"), None);
    }
}
