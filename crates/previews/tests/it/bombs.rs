//! Small files that claim to be huge are refused at their word: in a moment, and before memory is asked for.

use std::time::Duration;

use metadata::FileType;
use previews::PreviewError;
use rustix::time::{ClockId, clock_gettime};

use crate::support::{encoded, previews, scene};

#[test]
fn a_png_of_two_and_a_half_gigapixels_is_refused() {
    refuses(&png_header(50_000, 50_000), FileType::Png);
    refuses(&png_header(0x7fff_ffff, 1), FileType::Png);
}

#[test]
fn a_jpeg_of_four_gigapixels_is_refused() {
    for marker in [0xc0, 0xc2] {
        let mut file = encoded(&scene(16, 16), FileType::Jpeg);
        let frame = file.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
        file[frame + 1] = marker;
        file[frame + 5..frame + 9].fill(0xff);
        refuses(&file, FileType::Jpeg);
    }
}

#[test]
fn a_gif_is_refused_for_its_screen_and_for_its_frame() {
    let mut file = encoded(&scene(16, 16), FileType::Gif);
    file[6..10].fill(0xff);
    refuses(&file, FileType::Gif);
    let mut file = encoded(&scene(16, 16), FileType::Gif);
    let frame = file.windows(9).position(|bytes| bytes == [0x2c, 0, 0, 0, 0, 16, 0, 16, 0]).unwrap();
    file[frame + 5..frame + 9].fill(0xff);
    refuses(&file, FileType::Gif);
}

#[test]
fn a_webp_is_refused_for_its_size() {
    let mut file = encoded(&scene(16, 16), FileType::WebP);
    // WebP lossless bitstream, section 3: a signature, then both sides less one in 14 bits each.
    let header = file.windows(4).position(|name| name == b"VP8L").unwrap() + 8;
    assert_eq!(file[header], 0x2f);
    // 16,383 each: the decoder takes 16,384 for 0.
    file[header + 1..header + 4].copy_from_slice(&[0xfe, 0xbf, 0xff]);
    file[header + 4] |= 0x0f;
    refuses(&file, FileType::WebP);
}

#[test]
fn a_tiff_is_refused_for_its_size() {
    // ImageWidth, ImageLength, BitsPerSample, Compression, PhotometricInterpretation, StripOffsets, SamplesPerPixel,
    // RowsPerStrip and StripByteCounts (TIFF 6.0, section 4): one strip of 60,000 rows.
    let entries = [
        (0x100, 60_000),
        (0x101, 60_000),
        (0x102, 8),
        (0x103, 1),
        (0x106, 1),
        (0x111, 8),
        (0x115, 1),
        (0x116, 60_000),
        (0x117, 8),
    ];
    let mut file = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, value) in entries {
        file.extend(u16::to_le_bytes(tag));
        file.extend([4, 0, 1, 0, 0, 0]);
        file.extend(u32::to_le_bytes(value));
    }
    file.extend([0; 4]);
    refuses(&file, FileType::Tiff);
}

#[test]
fn heic_and_avif_are_refused_for_their_size() {
    for file_type in [FileType::Heic, FileType::Avif] {
        let mut file = encoded(&scene(16, 16), file_type);
        for at in 0..file.len() - 16 {
            if file[at..].starts_with(b"ispe") {
                file[at + 8..at + 16].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
            }
        }
        refuses(&file, file_type);
    }
}

#[test]
fn a_grid_is_refused_for_its_size() {
    let mut file = encoded(&scene(1100, 600), FileType::Heic);
    let output = [[0, 0, 1, 2], [4, 0x4c, 2, 0x58]].concat();
    let at = file.windows(8).position(|grid| grid == output).unwrap();
    file[at + 4..at + 8].fill(0xff);
    refuses(&file, FileType::Heic);
}

#[track_caller]
fn refuses(file: &[u8], file_type: FileType) {
    let started = processor_time();
    let outcome = previews(file, file_type, 1);
    assert!(matches!(outcome, Err(PreviewError::TooManyPixels { .. })), "{outcome:?}");
    let taken = processor_time() - started;
    assert!(taken < Duration::from_millis(250), "{taken:?}");
}

/// A PNG (ISO/IEC 15948) that begins well: its header, and an empty piece of data.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    for (name, body) in [(b"IHDR", &header[..]), (b"IDAT", &[])] {
        file.extend((body.len() as u32).to_be_bytes());
        let named = [&name[..], body].concat();
        file.extend(&named);
        file.extend(crc32(&named).to_be_bytes());
    }
    file
}

/// ISO/IEC 15948 annex D.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// The processor time of this thread: whatever else the machine does costs none of it.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
