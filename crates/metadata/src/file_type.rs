//! The kinds of image that are understood, and the names they go by.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

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
    /// JPEG XL, as a bare codestream or in its container.
    Jxl,
    /// Adobe's raw format, which some cameras and phones write too.
    Dng,
    /// Canon's raw format, built on TIFF.
    Cr2,
    /// Canon's raw format, built on the ISO base media file format.
    Cr3,
    /// Nikon's raw format.
    Nef,
    /// Sony's raw format.
    Arw,
    /// Olympus's raw format.
    Orf,
    /// Panasonic's raw format.
    Rw2,
    /// Pentax's raw format.
    Pef,
    /// Fujifilm's raw format.
    Raf,
}

impl FileType {
    pub const ALL: [Self; 17] = [
        Self::Jpeg,
        Self::Png,
        Self::WebP,
        Self::Gif,
        Self::Tiff,
        Self::Heic,
        Self::Avif,
        Self::Jxl,
        Self::Dng,
        Self::Cr2,
        Self::Cr3,
        Self::Nef,
        Self::Arw,
        Self::Orf,
        Self::Rw2,
        Self::Pef,
        Self::Raf,
    ];

    /// Whether the file holds a sensor's data, which no browser shows.
    pub fn is_raw(self) -> bool {
        match self {
            Self::Dng | Self::Cr2 | Self::Cr3 | Self::Nef | Self::Arw => true,
            Self::Orf | Self::Rw2 | Self::Pef | Self::Raf => true,
            Self::Jpeg | Self::Png | Self::WebP | Self::Gif | Self::Tiff | Self::Heic | Self::Avif | Self::Jxl => false,
        }
    }

    /// The MIME type: registered (IANA, image/*), or for a camera's own format the one that ExifTool and most others use.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Tiff => "image/tiff",
            Self::Heic => "image/heic",
            Self::Avif => "image/avif",
            Self::Jxl => "image/jxl",
            Self::Dng => "image/x-adobe-dng",
            Self::Cr2 => "image/x-canon-cr2",
            Self::Cr3 => "image/x-canon-cr3",
            Self::Nef => "image/x-nikon-nef",
            Self::Arw => "image/x-sony-arw",
            Self::Orf => "image/x-olympus-orf",
            Self::Rw2 => "image/x-panasonic-rw2",
            Self::Pef => "image/x-pentax-pef",
            Self::Raf => "image/x-fujifilm-raf",
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
            Self::Jxl => "jxl",
            Self::Dng => "dng",
            Self::Cr2 => "cr2",
            Self::Cr3 => "cr3",
            Self::Nef => "nef",
            Self::Arw => "arw",
            Self::Orf => "orf",
            Self::Rw2 => "rw2",
            Self::Pef => "pef",
            Self::Raf => "raf",
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
            "jxl" | "x-jxl" => Some(Self::Jxl),
            "x-adobe-dng" | "x-dng" | "dng" => Some(Self::Dng),
            "x-canon-cr2" | "x-cr2" | "cr2" => Some(Self::Cr2),
            "x-canon-cr3" | "x-cr3" | "cr3" => Some(Self::Cr3),
            "x-nikon-nef" | "x-nef" | "nef" => Some(Self::Nef),
            "x-sony-arw" | "x-arw" | "arw" => Some(Self::Arw),
            "x-olympus-orf" | "x-orf" | "orf" => Some(Self::Orf),
            "x-panasonic-rw2" | "x-rw2" | "rw2" | "x-panasonic-raw" => Some(Self::Rw2),
            "x-pentax-pef" | "x-pef" | "pef" => Some(Self::Pef),
            "x-fuji-raf" | "x-fujifilm-raf" | "x-raf" | "raf" => Some(Self::Raf),
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
            "jxl" => Some(Self::Jxl),
            "dng" => Some(Self::Dng),
            "cr2" => Some(Self::Cr2),
            "cr3" => Some(Self::Cr3),
            "nef" => Some(Self::Nef),
            "arw" => Some(Self::Arw),
            "orf" => Some(Self::Orf),
            "rw2" => Some(Self::Rw2),
            "pef" => Some(Self::Pef),
            "raf" => Some(Self::Raf),
            _ => None,
        }
    }
}

impl Serialize for FileType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.mime())
    }
}

impl<'de> Deserialize<'de> for FileType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mime = String::deserialize(deserializer)?;
        Self::from_mime(&mime).ok_or_else(|| de::Error::custom("no image's MIME type"))
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
        assert_eq!(FileType::from_mime("image/x-dng"), Some(FileType::Dng));
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
