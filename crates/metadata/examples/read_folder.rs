//! Reads every file below a folder, whole and by its head, and prints the readings by path, as JSON:
//! `read_folder DIR`. The browser's module is compared with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use metadata::{Sha256, read, sniff};
use serde_json::{Value, json};

const HEAD_BYTES: usize = 64 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(env::args_os().nth(1).ok_or("usage: read_folder DIR")?);
    let mut readings = BTreeMap::new();
    read_below(&folder, &folder, &mut readings)?;
    serde_json::to_writer(io::stdout().lock(), &readings)?;
    Ok(())
}

fn read_below(root: &Path, folder: &Path, readings: &mut BTreeMap<String, Value>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_below(root, &path, readings)?;
            continue;
        }
        let bytes = fs::read(&path)?;
        let mut sha256 = Sha256::new();
        sha256.update(&bytes);
        let reading = json!({
            "sniffed": sniff(&bytes),
            "whole": read(&bytes),
            "head": read(&bytes[..bytes.len().min(HEAD_BYTES)]),
            "sha256": hex::encode(sha256.finish()),
        });
        readings.insert(path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned(), reading);
    }
    Ok(())
}
