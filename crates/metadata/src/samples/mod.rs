//! Small real photos, made on the spot, for the tests of every crate: each with what a right reading of it says.
//!
//! Their EXIF is written by another hand (`kamadak-exif`) than the one that reads it, their pixels by `image`. HEIC, AVIF,
//! JPEG XL and the raws have true containers around bytes that no decoder takes for a picture.

mod camera;
mod described;
mod directory;
mod heif;
mod jxl;
mod pixels;
mod raws;

use crate::{FileType, Metadata};

/// A file and what is to be read of it.
#[derive(Clone, Debug)]
pub struct Sample {
    /// A file name; its extension is wrong where that is the point.
    pub name: String,
    pub bytes: Vec<u8>,
    /// `None`: no image.
    pub file_type: Option<FileType>,
    pub expected: Metadata,
}

/// A photo to be made. The same one gives the same bytes; another seed gives other bytes.
#[derive(Clone, Copy, Debug)]
pub struct Photo {
    pub width: u32,
    pub height: u32,
    pub seed: u64,
    /// EXIF Orientation, 1 to 8; `None`: without any EXIF.
    pub orientation: Option<u32>,
}

impl Photo {
    /// An upright photo with EXIF.
    pub fn new(width: u32, height: u32, seed: u64) -> Self {
        Self { width, height, seed, orientation: Some(1) }
    }

    pub fn with_orientation(self, orientation: u32) -> Self {
        Self { orientation: Some(orientation), ..self }
    }

    pub fn without_exif(self) -> Self {
        Self { orientation: None, ..self }
    }

    pub fn bytes(&self, file_type: FileType) -> Vec<u8> {
        match file_type {
            FileType::Jpeg => pixels::jpeg(self),
            FileType::Png => pixels::png(self),
            FileType::WebP => pixels::webp(self),
            FileType::Gif => pixels::gif(self),
            FileType::Tiff => camera::tiff(self, &pixels::rgb(self)),
            FileType::Heic => heif::heic(self),
            FileType::Avif => heif::avif(self),
            FileType::Jxl => jxl::container(self),
            FileType::Dng => raws::dng(self),
            FileType::Cr2 => raws::cr2(self),
            FileType::Cr3 => raws::cr3(self),
            FileType::Nef => raws::nef(self),
            FileType::Arw => raws::arw(self),
            FileType::Orf => raws::orf(self),
            FileType::Rw2 => raws::rw2(self),
            FileType::Pef => raws::pef(self),
            FileType::Raf => raws::raf(self),
        }
    }

    /// What is to be read of [`Photo::bytes`].
    pub fn expected(&self, file_type: FileType) -> Metadata {
        let in_exif = match self.orientation {
            Some(orientation) if file_type != FileType::Gif => camera::expected(orientation),
            _ => Metadata::default(),
        };
        let make = raws::make(file_type).map(str::to_owned).or(in_exif.make);
        Metadata {
            make,
            x_dimension: Some(self.width),
            y_dimension: Some(self.height),
            width: Some(self.width),
            height: Some(self.height),
            ..in_exif
        }
    }

    fn sample(&self, name: &str, file_type: FileType) -> Sample {
        let (bytes, expected) = (self.bytes(file_type), self.expected(file_type));
        Sample { name: name.to_owned(), bytes, file_type: Some(file_type), expected }
    }
}

/// A JPEG with EXIF; 640 by 480 are about 50 kB.
pub fn jpeg(width: u32, height: u32, seed: u64) -> Vec<u8> {
    Photo::new(width, height, seed).bytes(FileType::Jpeg)
}

/// One sound photo of every type, with and without EXIF, turned ones, and every kind of awkward file.
pub fn all() -> Vec<Sample> {
    let mut samples = sound();
    samples.extend(described());
    samples.extend(awkward());
    samples
}

/// A JPEG XL whose EXIF is packed with Brotli: a build without the feature `brotli` reads its dimensions alone.
pub fn packed_jxl() -> Sample {
    let photo = Photo::new(96, 64, 5);
    Sample { bytes: jxl::packed_container(&photo), ..photo.sample("packed.jxl", FileType::Jxl) }
}

/// One photo of every type, with and without EXIF, and a JPEG of every orientation.
pub fn sound() -> Vec<Sample> {
    let photo = Photo::new(96, 64, 1);
    let mut samples = Vec::new();
    for file_type in FileType::ALL {
        let extension = file_type.extension();
        samples.push(photo.sample(&format!("photo.{extension}"), file_type));
        samples.push(Photo { seed: 2, ..photo }.without_exif().sample(&format!("plain.{extension}"), file_type));
    }
    for orientation in 1..=8 {
        let turned = Photo { seed: 10 + u64::from(orientation), ..photo }.with_orientation(orientation);
        samples.push(turned.sample(&format!("turned-{orientation}.jpg"), FileType::Jpeg));
    }
    samples.push(Photo { seed: 3, ..photo }.sample("übergroß 写真 \u{1f4f7}.jpg", FileType::Jpeg));
    samples
}

/// Photos with XMP or IPTC, most of them without EXIF.
pub fn described() -> Vec<Sample> {
    let photo = Photo::new(96, 64, 6);
    let sample =
        |name: String, file_type, bytes, expected| Sample { name, bytes, file_type: Some(file_type), expected };
    let with_xmp = FileType::ALL.into_iter().filter_map(|file_type| {
        let name = format!("described.{}", file_type.extension());
        let bytes = described::with_xmp(&photo, file_type)?;
        Some(sample(name, file_type, bytes, described::xmp_expected(&photo, file_type)))
    });
    let jpeg = (described::jpeg_with_iptc(&photo), described::iptc_expected(&photo, FileType::Jpeg));
    let png = (described::png_with_profiles(&photo), described::profiles_expected(&photo));
    let others = [
        sample("iptc.jpg".to_owned(), FileType::Jpeg, jpeg.0, jpeg.1),
        sample("profiles.png".to_owned(), FileType::Png, png.0, png.1),
    ];
    with_xmp.chain(others).collect()
}

/// Cut off, empty, wrongly named, no image at all.
pub fn awkward() -> Vec<Sample> {
    let photo = Photo::new(96, 64, 4);
    let mut cut_off = photo.sample("cut-off.jpg", FileType::Jpeg);
    cut_off.bytes.truncate(cut_off.bytes.len() - 500);
    let no_image = |name: &str, bytes: &[u8]| Sample {
        name: name.to_owned(),
        bytes: bytes.to_vec(),
        file_type: None,
        expected: Metadata::default(),
    };
    vec![
        cut_off,
        photo.sample("png-inside.jpg", FileType::Png),
        photo.sample("no-extension", FileType::Jpeg),
        no_image("empty.jpg", b""),
        no_image("notes.txt", b"Bring the tripod.\n"),
        no_image("text-inside.jpg", b"This is no photo.\n"),
    ]
}
