//! The kinds of image that are understood, and the names they go by.

use serde::{Serialize, Serializer};

/// An image format. Serialised as its MIME type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileType {
    Jpeg,
    Png,
    WebP,
    Gif,
    Tiff,
    /// HEIF with HEVC, and any other still of the HEIF family that is not AVIF.
    Heic,
    Avif,
}

impl FileType {
    pub const ALL: [Self; 7] = [Self::Jpeg, Self::Png, Self::WebP, Self::Gif, Self::Tiff, Self::Heic, Self::Avif];

    /// The registered MIME type (IANA, image/*).
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Tiff => "image/tiff",
            Self::Heic => "image/heic",
            Self::Avif => "image/avif",
        }
    }

    /// The usual file extension, lower-case, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Tiff => "tiff",
            Self::Heic => "heic",
            Self::Avif => "avif",
        }
    }

    /// The type a `Content-Type` value names, common misnomers included; case and parameters do not matter.
    pub fn from_mime(mime: &str) -> Option<Self> {
        let essence = mime.split(';').next()?.trim().to_ascii_lowercase();
        match essence.strip_prefix("image/")? {
            "jpeg" | "jpg" | "pjpeg" => Some(Self::Jpeg),
            "png" | "x-png" | "apng" => Some(Self::Png),
            "webp" => Some(Self::WebP),
            "gif" => Some(Self::Gif),
            "tiff" | "tif" | "x-tiff" => Some(Self::Tiff),
            "heic" | "heif" | "heic-sequence" | "heif-sequence" => Some(Self::Heic),
            "avif" | "avif-sequence" => Some(Self::Avif),
            _ => None,
        }
    }

    /// The type a file extension names, without a dot; case does not matter.
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" | "jpe" | "jfif" => Some(Self::Jpeg),
            "png" | "apng" => Some(Self::Png),
            "webp" => Some(Self::WebP),
            "gif" => Some(Self::Gif),
            "tif" | "tiff" => Some(Self::Tiff),
            "heic" | "heif" | "hif" | "heics" | "heifs" => Some(Self::Heic),
            "avif" | "avifs" => Some(Self::Avif),
            _ => None,
        }
    }
}

impl Serialize for FileType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.mime())
    }
}

#[cfg(test)]
mod tests {
    use super::FileType;

    #[test]
    fn every_type_is_found_by_its_own_names() {
        for file_type in FileType::ALL {
            assert_eq!(FileType::from_mime(file_type.mime()), Some(file_type));
            assert_eq!(FileType::from_extension(file_type.extension()), Some(file_type));
        }
    }

    #[test]
    fn common_other_names_are_understood() {
        assert_eq!(FileType::from_mime("IMAGE/JPG; charset=binary"), Some(FileType::Jpeg));
        assert_eq!(FileType::from_mime(" image/heif "), Some(FileType::Heic));
        assert_eq!(FileType::from_extension("JPEG"), Some(FileType::Jpeg));
        assert_eq!(FileType::from_extension("TIF"), Some(FileType::Tiff));
    }

    #[test]
    fn what_is_not_an_image_has_no_type() {
        for mime in ["", "image/", "image", "text/html", "image/svg+xml", "video/mp4", "jpeg"] {
            assert_eq!(FileType::from_mime(mime), None, "{mime}");
        }
        for extension in ["", "txt", ".jpg", "svg"] {
            assert_eq!(FileType::from_extension(extension), None, "{extension}");
        }
    }
}
