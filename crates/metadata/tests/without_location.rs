//! Copies that do not tell where a photo was taken, and that are otherwise the photo.

use std::fs;
use std::path::PathBuf;

use metadata::samples::{self, Photo, Sample};
use metadata::{FileType, Metadata, NoCopy, Warning, read, without_location};

/// The formats of which nobody has published all that they may hold.
const NO_COPY: [FileType; 8] = [
    FileType::Cr2,
    FileType::Cr3,
    FileType::Nef,
    FileType::Arw,
    FileType::Orf,
    FileType::Rw2,
    FileType::Pef,
    FileType::Raf,
];

#[test]
fn a_copy_tells_no_place_and_all_else_of_its_camera() {
    for sample in samples::sound() {
        let Some(copy) = copy_of(&sample) else { continue };
        let reading = read(&copy);
        assert_eq!(reading.metadata, without_place(sample.expected), "{}", sample.name);
        assert_eq!((reading.warnings, reading.incomplete), (vec![], false), "{}", sample.name);
    }
}

#[test]
fn no_byte_of_a_place_is_left() {
    let place_in_exif = [33_u32, 1, 30, 1];
    let places = [
        place_in_exif.iter().flat_map(|number| number.to_le_bytes()).collect(),
        place_in_exif.iter().flat_map(|number| number.to_be_bytes()).collect(),
        b"Sometown".to_vec(),
        b"48,51.5N".to_vec(),
    ];
    let samples: Vec<_> = [samples::sound(), samples::described()].concat();
    for place in &places {
        assert!(samples.iter().any(|sample| holds(&sample.bytes, place)), "no sample has {place:?}");
    }
    for sample in samples {
        let Some(copy) = copy_of(&sample) else { continue };
        assert!(!places.iter().any(|place| holds(&copy, place)), "{}", sample.name);
    }
}

#[test]
fn the_picture_is_the_same() {
    for file_type in [FileType::Jpeg, FileType::Png, FileType::WebP, FileType::Gif] {
        let photo = Photo::new(640, 480, 3);
        for bytes in [photo.bytes(file_type), photo.without_exif().bytes(file_type)] {
            let pixels = |bytes: &[u8]| image::load_from_memory(bytes).expect("a picture").to_rgba8();
            assert_eq!(pixels(&copy(&bytes).expect("a copy")), pixels(&bytes), "{file_type:?}");
        }
    }
}

#[test]
fn a_copy_of_a_copy_is_the_same() {
    for sample in samples::sound() {
        let Some(first) = copy_of(&sample) else { continue };
        assert!(copy(&first).expect("a copy") == first, "{}", sample.name);
    }
}

#[test]
fn what_lies_behind_a_picture_goes() {
    let film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x20moov\xa9xyz+48.8584+002.2945/";
    for file_type in [FileType::Jpeg, FileType::Png, FileType::Gif] {
        let photo = Photo::new(96, 64, 1).bytes(file_type);
        assert!(copy(&[&photo, &film[..]].concat()) == copy(&photo), "{file_type:?}");
    }
}

#[test]
fn colours_stay_and_comments_go() {
    let photo = Photo::new(96, 64, 1).without_exif().bytes(FileType::Jpeg);
    let segment = |marker: u8, body: &[u8]| [&[0xff, marker, 0, body.len() as u8 + 2], body].concat();
    let kept = [segment(0xe2, b"ICC_PROFILE\0\x01\x01profile"), segment(0xee, b"Adobe\0\x64\0\0\0\0\0")].concat();
    let gone = [segment(0xfe, b"in the garden"), segment(0xe2, b"MPF\0"), segment(0xed, b"Photoshop 3.0\0")].concat();
    let file = [&photo[..2], &gone, &kept, &gone, &photo[2..]].concat();
    assert!(copy(&file) == Ok([&photo[..2], &kept, &photo[2..]].concat()));
}

#[test]
fn a_photo_that_is_cut_off_has_a_copy_of_what_is_there() {
    let photo = Photo::new(640, 480, 3).bytes(FileType::Jpeg);
    let short = copy(&photo[..photo.len() / 2]).expect("a copy");
    let whole = copy(&photo).expect("a copy");
    assert!(whole.starts_with(&short) && short.len() > whole.len() / 3);
}

#[test]
fn what_cannot_be_done_is_said() {
    for file_type in NO_COPY {
        let raw = Photo::new(96, 64, 1).bytes(file_type);
        assert!(copy(&raw) == Err(NoCopy::Format), "{file_type:?}");
    }
    assert!(copy(b"This is no photo.\n") == Err(NoCopy::Format));
    // Its directories are cut off.
    let tiff = Photo::new(96, 64, 1).bytes(FileType::Tiff);
    assert!(copy(&tiff[..300]) == Err(NoCopy::Damaged));
}

#[test]
fn real_photos_have_copies_that_tell_no_place() {
    let Some(folder) = std::env::var_os("HASTY_TEST_PHOTOS") else { return };
    for file in photos_in(folder.into()) {
        let bytes = fs::read(&file).expect("a file");
        let before = read(&bytes);
        let Ok(copy) = copy(&bytes) else {
            let is_expected = before.file_type.is_none_or(|file_type| NO_COPY.contains(&file_type));
            assert!(is_expected || !before.warnings.is_empty(), "{}", file.display());
            continue;
        };
        let after = read(&copy);
        let camera = |metadata: &Metadata| {
            let Metadata { make, model, orientation, width, height, exposure_time, iso, .. } = metadata.clone();
            (make, model, orientation, width, height, exposure_time, iso)
        };
        if before.warnings.is_empty() {
            assert_eq!(camera(&after.metadata), camera(&before.metadata), "{}", file.display());
            assert!(!after.warnings.contains(&Warning::BrokenExif), "{}", file.display());
        }
    }
}

fn photos_in(folder: PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.into_iter().chain(folders.into_iter().flat_map(photos_in)).collect()
}

/// `None` for what has none by its format.
fn copy_of(sample: &Sample) -> Option<Vec<u8>> {
    let copy = copy(&sample.bytes);
    match sample.file_type {
        Some(file_type) if NO_COPY.contains(&file_type) => None,
        _ => Some(copy.unwrap_or_else(|reason| panic!("{}: {reason}", sample.name))),
    }
}

fn copy(file: &[u8]) -> Result<Vec<u8>, NoCopy> {
    let mut copy = Vec::new();
    without_location(file)?.iter().for_each(|piece| piece.append_to(&mut copy, file));
    Ok(copy)
}

fn without_place(metadata: Metadata) -> Metadata {
    Metadata { latitude: None, longitude: None, altitude: None, ..metadata }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
