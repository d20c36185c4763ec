//! The sample photos: what is read of each, whole, in part and damaged.

use metadata::samples::{self, Photo};
use metadata::{FileType, Reading, SNIFF_BYTES, Warning, read, sniff};

#[test]
fn every_sample_reads_as_what_it_is() {
    for sample in samples::all() {
        let reading = read(&sample.bytes);
        assert_eq!(reading.file_type, sample.file_type, "{}", sample.name);
        assert_eq!(reading.metadata, sample.expected, "{}", sample.name);
        assert_eq!(reading.warnings, [], "{}", sample.name);
        assert!(!reading.incomplete, "{}", sample.name);
    }
}

#[test]
fn the_first_bytes_tell_the_type() {
    for sample in samples::all() {
        let head = &sample.bytes[..sample.bytes.len().min(SNIFF_BYTES)];
        assert_eq!(sniff(head), sample.file_type, "{}", sample.name);
    }
}

#[test]
fn another_decoder_sees_the_same_dimensions() {
    let decoded = [FileType::Jpeg, FileType::Png, FileType::WebP, FileType::Gif];
    for file_type in decoded {
        for (width, height) in [(1, 1), (37, 211), (640, 8)] {
            let bytes = Photo::new(width, height, 5).bytes(file_type);
            let image = image::load_from_memory(&bytes).expect("a picture");
            assert_eq!((image.width(), image.height()), (width, height));
            let metadata = read(&bytes).metadata;
            assert_eq!((metadata.width, metadata.height), (Some(width), Some(height)), "{file_type:?}");
        }
    }
}

#[test]
fn a_head_tells_the_truth_or_asks_for_more() {
    for sample in samples::sound() {
        for size in (SNIFF_BYTES..sample.bytes.len()).step_by(7) {
            let reading = read(&sample.bytes[..size]);
            assert_eq!(reading.file_type, sample.file_type, "{} cut to {size}", sample.name);
            assert!(reading.incomplete || reading.metadata == sample.expected, "{} cut to {size}", sample.name);
        }
    }
}

#[test]
fn exif_at_the_end_is_asked_for_and_then_read() {
    for file_type in [FileType::Heic, FileType::Avif] {
        let photo = Photo::new(400, 300, 6);
        let bytes = photo.bytes(file_type);
        let head = read(&bytes[..64 * 1024]);
        assert!(head.incomplete);
        assert_eq!((head.metadata.width, head.metadata.make), (Some(400), None));
        assert_eq!(read(&bytes).metadata, photo.expected(file_type));
    }
}

#[test]
fn benchmarks_get_distinct_photos_of_a_usual_size() {
    let photos = [1, 2].map(|seed| samples::jpeg(640, 480, seed));
    assert_ne!(photos[0], photos[1]);
    assert_eq!(photos[0], samples::jpeg(640, 480, 1));
    assert!((40_000..80_000).contains(&photos[0].len()), "{}", photos[0].len());
}

#[test]
fn packed_metadata_is_opened_or_said_to_be_packed() {
    let sample = samples::packed_jxl();
    let reading = read(&sample.bytes);
    if cfg!(feature = "brotli") {
        assert_eq!((reading.metadata, reading.warnings), (sample.expected, vec![]));
    } else {
        assert_eq!((reading.metadata.width, reading.metadata.make), (Some(96), None));
        assert_eq!(reading.warnings, [Warning::PackedMetadata]);
    }
}

#[test]
fn every_raw_holds_a_jpeg_that_can_be_shown() {
    for file_type in FileType::ALL.into_iter().filter(|file_type| file_type.is_raw()) {
        let bytes = Photo::new(96, 64, 1).bytes(file_type);
        let preview = read(&bytes).embedded_preview.expect("a preview");
        let (start, end) = (preview.offset as usize, (preview.offset + preview.length) as usize);
        let image = image::load_from_memory(&bytes[start..end]).expect("a JPEG");
        assert_eq!((image.width(), image.height()), (96, 64), "{file_type:?}");
    }
}

#[test]
fn a_picture_is_shown_as_exif_or_its_container_has_it_turned() {
    let photo = Photo::new(96, 64, 1);
    for file_type in [FileType::Jpeg, FileType::Tiff, FileType::Nef, FileType::Cr3, FileType::Jxl] {
        for (orientation, shown) in [(1, (96, 64)), (4, (96, 64)), (5, (64, 96)), (8, (64, 96))] {
            let bytes = photo.with_orientation(orientation).bytes(file_type);
            assert_eq!(read(&bytes).shown, Some(shown), "{file_type:?} {orientation}");
        }
    }
}

#[test]
fn a_reading_survives_its_way_as_json() {
    for sample in samples::all() {
        let reading = read(&sample.bytes);
        let json = serde_json::to_string(&reading).expect("JSON");
        assert_eq!(serde_json::from_str::<Reading>(&json).expect("a reading"), reading, "{}", sample.name);
    }
}

#[test]
fn a_place_that_a_phone_took_out_is_said_to_be_removed() {
    let place: Vec<u8> = [33_u32, 1, 30, 1, 0, 1].into_iter().flat_map(u32::to_be_bytes).collect();
    let other: Vec<u8> = [70_u32, 1, 45, 1, 0, 1].into_iter().flat_map(u32::to_be_bytes).collect();
    for file_type in [FileType::Jpeg, FileType::WebP, FileType::Heic, FileType::Tiff] {
        let mut bytes = Photo::new(96, 64, 1).with_orientation(1).bytes(file_type);
        assert_eq!(read(&bytes).warnings, [], "{file_type:?}");
        for part in [&place, &other] {
            let at = bytes.windows(part.len()).position(|window| window == part).expect("the place");
            bytes[at..at + part.len()].fill(0);
        }
        let reading = read(&bytes);
        assert!(reading.warnings.contains(&Warning::LocationRemoved), "{file_type:?}: {:?}", reading.warnings);
        assert_eq!((reading.metadata.latitude, reading.metadata.longitude), (None, None), "{file_type:?}");
    }
}
