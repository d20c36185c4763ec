//! Any bytes, taken for what they look like: previews or a reason, soon, and in little memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use previews::{Limits, make};

/// Small, so that what a header claims beyond them and is not refused stands out.
const LIMITS: Limits = Limits { max_pixels: 1 << 20, max_side: 10_000, max_decoding_bytes: 32 << 20 };

fuzz_target!(|file: &[u8]| {
    let reading = metadata::read(file);
    if let Some(file_type) = reading.file_type {
        let orientation = reading.metadata.orientation.unwrap_or(1) as u8;
        if let Ok(previews) = make(file, file_type, orientation, &LIMITS) {
            assert!(!previews.small.is_empty() && !previews.large.is_empty());
            assert!(previews.width > 0 && previews.height > 0 && previews.thumb_hash.len() <= 25);
        }
    }
});
