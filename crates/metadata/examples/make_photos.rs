//! Writes the sample photos into a folder, with an `index.json` beside them: `make_photos DIR`.

use std::path::PathBuf;
use std::{env, fs};

use metadata::{Sha256, samples};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(env::args_os().nth(1).ok_or("usage: make_photos DIR")?);
    fs::create_dir_all(&folder)?;
    let mut index = Vec::new();
    for sample in samples::all() {
        let mut sha256 = Sha256::new();
        sha256.update(&sample.bytes);
        fs::write(folder.join(&sample.name), &sample.bytes)?;
        index.push(json!({
            "name": sample.name,
            "sha256": hex::encode(sha256.finish()),
            "file_type": sample.file_type,
            "expected": sample.expected,
        }));
    }
    fs::write(folder.join("index.json"), serde_json::to_vec_pretty(&index)?)?;
    Ok(())
}
