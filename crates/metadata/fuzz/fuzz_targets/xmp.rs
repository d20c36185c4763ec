//! Any XMP packet, in the container that puts the least around it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use metadata::{limits, read};

fuzz_target!(|packet: &[u8]| {
    let size = (packet.len() as u32 + 8).to_be_bytes();
    let reading = read(&[b"\0\0\0\x0cJXL \r\n\x87\n", &size[..], b"xml ", packet].concat());
    assert!(reading.metadata.caption.is_none_or(|caption| caption.chars().count() <= limits::CAPTION_CHARS));
});
