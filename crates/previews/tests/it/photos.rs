//! The photos of the folder that HASTY_TEST_PHOTOS names.

use std::path::{Path, PathBuf};

use crate::support::shown;

#[test]
fn real_photos_have_previews() {
    let Some(folder) = std::env::var_os("HASTY_TEST_PHOTOS") else { return };
    let (mut shown_count, mut without) = (0, Vec::new());
    for path in files(Path::new(&folder)) {
        let file = std::fs::read(&path).unwrap();
        let reading = metadata::read(&file);
        let Some(file_type) = reading.file_type else { continue };
        let orientation = reading.metadata.orientation.unwrap_or(1) as u8;
        match crate::support::previews(&file, file_type, orientation) {
            Ok(_) => {
                shown(&file, file_type, orientation);
                shown_count += 1;
            }
            // Broken on purpose.
            Err(_) if path.components().any(|part| part.as_os_str() == "invalid") => {}
            Err(error) => without.push(format!("{}: {error}", path.display())),
        }
    }
    assert!(without.is_empty() && shown_count > 0, "{shown_count} are shown, these not:\n{}", without.join("\n"));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
