//! Any file: sniffed and read, whole and by its head.

#![no_main]

use libfuzzer_sys::fuzz_target;
use metadata::{limits, read, sniff};

fuzz_target!(|bytes: &[u8]| {
    let reading = read(bytes);
    assert_eq!(reading.file_type, sniff(bytes));
    assert!(reading.metadata.keywords.len() <= limits::KEYWORDS);
    if let Some(preview) = reading.embedded_preview {
        assert!(preview.offset + preview.length <= bytes.len() as u64);
    }
    read(&bytes[..bytes.len() / 2]);
});
