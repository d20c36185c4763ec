//! The sample photos: what is read of each, whole, in part and damaged.

use metadata::samples::{self, Photo};
use metadata::{FileType, SNIFF_BYTES, read, sniff};

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
