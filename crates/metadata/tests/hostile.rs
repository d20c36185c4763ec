//! Files that somebody or something has damaged: no panic, no hang, nothing that cannot be.

use std::time::Duration;

use metadata::samples::{self, Photo};
use metadata::{FileType, Metadata, Piece, Reading, limits, read, without_location};
use rustix::time::{ClockId, clock_gettime};

#[test]
fn mutated_and_cut_photos_are_read_soberly() {
    let mut random = Random(0x5eed);
    for file_type in FileType::ALL {
        let sound = Photo::new(16, 12, 7).bytes(file_type);
        for _ in 0..4_000 {
            check(&random.damage(&sound));
        }
    }
    for sample in samples::described() {
        for _ in 0..1_000 {
            check(&random.damage(&sample.bytes));
        }
    }
}

#[test]
fn noise_behind_every_magic_is_read_soberly() {
    let mut random = Random(0xf00d);
    for file_type in FileType::ALL {
        let magic = Photo::new(1, 1, 0).bytes(file_type)[..16].to_vec();
        for size in 0..600 {
            let noise = (0..size).map(|_| random.below(256) as u8);
            check(&magic.iter().copied().chain(noise).collect::<Vec<_>>());
        }
    }
}

#[test]
fn files_made_to_cost_time_do_not() {
    let started = processor_time();
    let size = 8 << 20;
    check(&[&b"\xff\xd8"[..], &vec![0xff; size]].concat());
    check(&[&b"\xff\xd8\xff"[..], &vec![0xe0; size]].concat());
    check(&[&b"\xff\xd8"[..], &b"\xff\xe1\x00\x02".repeat(size / 4)].concat());
    check(&[&b"\x89PNG\r\n\x1a\n"[..], &vec![0; size]].concat());
    check(&[&b"RIFF\xff\xff\xff\xffWEBPVP8X"[..], &vec![0; size]].concat());
    check(&[&b"\0\0\0\x10ftypheic\0\0\0\0"[..], &b"\0\0\0\x08free".repeat(size / 8)].concat());
    check(&[&b"\0\0\0\x10ftypheic\0\0\0\0\0\0\0\0meta\0\0\0\0\0\0\0\0iloc\x02\0\0\0"[..], &vec![0xff; size]].concat());
    // Directories that all point at each other: 65,535 entries, each the pointer to the EXIF directory.
    let pointer = [&b"\x87\x69\0\x04\0\0\0\x01"[..], &8_u32.to_be_bytes()].concat();
    check(&[&b"MM\0\x2a\0\0\0\x08\xff\xff"[..], &pointer.repeat(size / 12)].concat());
    let taken = processor_time() - started;
    assert!(taken < Duration::from_secs(5), "{taken:?}");
}

#[test]
fn packets_made_to_cost_time_do_not() {
    let started = processor_time();
    for piece in ["<a b='c' xmlns:d='e' ", "<rdf:li>", "&#65;&lt;&x;", "<a></a>", "<![CDATA[", "<!ENTITY a 'b'>"] {
        let packet = ["<rdf:RDF><rdf:Description><dc:title>", &piece.repeat((1 << 20) / piece.len())].concat();
        let size = packet.len() as u32 + 8;
        check(&[b"\0\0\0\x0cJXL \r\n\x87\n", &size.to_be_bytes()[..], b"xml ", packet.as_bytes()].concat());
    }
    let taken = processor_time() - started;
    assert!(taken < Duration::from_secs(5), "{taken:?}");
}

#[test]
fn nothing_but_an_image_is_one() {
    for bytes in [&b""[..], b"\0", b"GIF", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", b"%PDF-1.7", &[0; 4096]] {
        assert_eq!(read(bytes), Reading::default());
    }
}

/// Reads, and asserts what holds for every file.
fn check(bytes: &[u8]) {
    check_copy(bytes);
    let Reading { metadata, shown, embedded_preview, .. } = read(bytes);
    let Metadata { make, model, software, lens, lens_make, title, creator, caption, keywords, .. } = metadata;
    let camera = [make, model, software, lens, lens_make].into_iter().flatten().map(|text| (text, limits::TEXT_CHARS));
    let titles = [title, creator].into_iter().flatten().map(|text| (text, limits::TITLE_CHARS));
    let words = keywords.clone().into_iter().map(|text| (text, limits::KEYWORD_CHARS));
    for (text, chars) in camera.chain(titles).chain(words) {
        assert!(text.chars().count() <= chars && !text.is_empty());
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
    assert!(caption.is_none_or(|text| text.chars().count() <= limits::CAPTION_CHARS));
    assert!(keywords.len() <= limits::KEYWORDS);
    let Metadata { taken_at, width, height, orientation, latitude, longitude, rating, .. } = metadata;
    assert!(taken_at.is_none_or(|time| !time.starts_with("0000") && time.len() >= 19));
    assert!(width.is_none_or(|width| width > 0) && height.is_none_or(|height| height > 0));
    assert!(shown.is_none_or(|shown| [Some(shown.0), Some(shown.1)].contains(&width)));
    assert!(orientation.is_none_or(|orientation| (1..=8).contains(&orientation)));
    assert!(latitude.is_none_or(|degrees| (-90.0..=90.0).contains(&degrees)));
    assert!(longitude.is_none_or(|degrees| (-180.0..=180.0).contains(&degrees)));
    assert!(rating.is_none_or(|stars| (-1.0..=5.0).contains(&stars)));
    assert!(embedded_preview.is_none_or(|jpeg| jpeg.offset + jpeg.length <= bytes.len() as u64));
}

/// A copy without a place is none of another file's bytes, and has none.
fn check_copy(bytes: &[u8]) {
    let Ok(pieces) = without_location(bytes) else { return };
    let mut copy = Vec::new();
    pieces.iter().for_each(|piece| piece.append_to(&mut copy, bytes));
    assert_eq!(pieces.iter().map(Piece::size).sum::<u64>(), copy.len() as u64);
    let Metadata { latitude, longitude, altitude, .. } = read(&copy).metadata;
    assert_eq!((latitude, longitude, altitude), (None, None, None));
}

/// Marsaglia's xorshift64: the same damage in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn damage(&mut self, sound: &[u8]) -> Vec<u8> {
        let mut bytes = sound.to_vec();
        for _ in 0..=self.below(8) {
            let at = self.below(bytes.len());
            match self.below(6) {
                0 => bytes.truncate(at + 1),
                1 => bytes.insert(at, self.below(256) as u8),
                2 => drop(bytes.drain(at..=at)),
                // The numbers that sizes and offsets break at.
                3 => bytes[at] = [0, 1, 0x7f, 0x80, 0xfe, 0xff][self.below(6)],
                4 => bytes.iter_mut().skip(at).take(4).for_each(|byte| *byte = 0xff),
                _ => bytes[at] ^= 1 << self.below(8),
            }
            if bytes.is_empty() {
                break;
            }
        }
        bytes
    }
}

/// The processor time of this thread: whatever else the machine does costs none of it.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
