//! Real photos, where HASTY_TEST_PHOTOS names a folder of them: for each file our reading beside ExifTool's, which
//! `exiftool.json` there holds (`exiftool -n -G0 -json`, by path).

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use metadata::truth::{Comparison, Tags, compare};

#[test]
fn real_photos_read_as_exiftool_reads_them() {
    let mut compared = 0;
    let mut differences = Vec::new();
    for (path, bytes, tags) in real_photos() {
        for comparison in compare(&metadata::read(&bytes), &tags) {
            compared += 1;
            if !comparison.agrees() {
                let Comparison { field, ours, theirs } = comparison;
                differences.push(format!("{path} {field}: {ours:?}, ExifTool: {theirs:?}"));
            }
        }
    }
    println!("{compared} fields compared, {} differ", differences.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn heads_of_real_photos_tell_the_truth_or_ask_for_more() {
    for (path, bytes, _) in real_photos() {
        let whole = metadata::read(&bytes);
        for size in [64, 1_000, 4_096, 20_000, 65_536, 262_144].map(|size| bytes.len().min(size)) {
            let head = metadata::read(&bytes[..size]);
            assert_eq!(head.file_type, whole.file_type, "{path} cut to {size}");
            assert!(head.incomplete || head.metadata == whole.metadata, "{path} cut to {size}");
        }
    }
}

/// Path, bytes and ExifTool's tags of each; none where HASTY_TEST_PHOTOS is not set.
fn real_photos() -> Vec<(String, Vec<u8>, Tags)> {
    let Some(folder) = std::env::var_os("HASTY_TEST_PHOTOS").map(PathBuf::from) else {
        return Vec::new();
    };
    let truth = fs::read(folder.join("exiftool.json")).expect("exiftool.json in HASTY_TEST_PHOTOS");
    let truth: BTreeMap<String, Tags> = serde_json::from_slice(&truth).expect("tags by path");
    assert!(!truth.is_empty(), "exiftool.json names no file");
    let with_bytes = |(path, tags): (String, Tags)| {
        let bytes = fs::read(folder.join(&path)).expect("every file that exiftool.json names");
        (path, bytes, tags)
    };
    truth.into_iter().map(with_bytes).collect()
}
