//! What an operator can get wrong with a backup or a move, and is told before anything is lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Settings;
use super::faults::{backed_up, files};
use crate::support::{Database, photo, sha256};

async fn backs_up(source: &Settings, folder: &Path) -> (Option<i32>, String) {
    source.run(&["backup", folder.to_str().unwrap()]).await
}

#[tokio::test]
async fn a_wrong_secret_takes_no_right_ones_place() {
    let (mut source, folder) = backed_up().await;
    let (own, kept) = (source.data().join("secret"), folder.path().join("secret"));
    let secret = fs::read_to_string(&own).unwrap();
    let label = fs::read_to_string(folder.path().join("backup.json")).unwrap();
    let new = source.folder.path().join("new");
    let is_refused = async |source: &Settings| {
        for folder in [folder.path(), &new] {
            let (status, words) = backs_up(source, folder).await;
            assert!(status == Some(1) && words.contains("was filled with another HASTY_SECRET"), "{words}");
        }
        assert_eq!(fs::read_to_string(&kept).unwrap(), secret);
        assert_eq!(fs::read_to_string(folder.path().join("backup.json")).unwrap(), label);
        assert!(!new.exists(), "nothing is made");
    };
    fs::write(&own, "a secret that was made anew, with a start").unwrap();
    is_refused(&source).await;
    fs::remove_file(&own).unwrap();
    is_refused(&source).await;
    assert!(!own.exists(), "none is made");
    fs::write(&own, &secret).unwrap();
    source.more.push(("HASTY_SECRET", "another secret of thirty-two letters".to_owned()));
    is_refused(&source).await;
    source.more.pop();
    assert_eq!(backs_up(&source, folder.path()).await.0, Some(0));
}

/// The files of a folder, but for the database: whoever opens it tidies it up.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, String> {
    let is_kept = |path: &PathBuf| path.is_file() && !path.to_string_lossy().contains("hasty.sqlite3");
    let kept = files(folder).into_iter().filter(is_kept);
    kept.map(|path| (path.clone(), sha256(&fs::read(path).unwrap()))).collect()
}

#[tokio::test]
async fn a_backup_goes_into_no_folder_that_holds_something_else() {
    let (source, folder) = backed_up().await;
    let other = Settings::on(Database::Sqlite).await;
    other.start().await.0.stop().await;
    let with_external_parts = TempDir::new().unwrap();
    for name in ["owner-key", "secret"] {
        fs::write(with_external_parts.path().join(name), "of another server").unwrap();
    }
    let pictures = TempDir::new().unwrap();
    fs::write(pictures.path().join("lock"), "").unwrap();
    fs::write(pictures.path().join("holiday.jpg"), photo(1)).unwrap();
    for (held, words) in [
        (source.data().as_path(), "is the data folder of a server"),
        (&other.data(), "is the data folder of a server"),
        (with_external_parts.path(), "which is of no backup"),
        (pictures.path(), "holds holiday.jpg, which is of no backup"),
    ] {
        let before = snapshot(held);
        let (status, said) = backs_up(&source, held).await;
        assert!(status == Some(1) && said.contains(words) && said.contains("use a"), "{said}");
        assert!(said.contains(held.to_str().unwrap()), "{said}");
        assert_eq!(snapshot(held), before);
    }

    // What was cut off before the label was there goes on.
    fs::remove_file(folder.path().join("backup.json")).unwrap();
    for part in ["s3-key.part", ".tmpAbCdEf", "rows.jsonl.new"] {
        fs::write(folder.path().join(part), "half of it").unwrap();
    }
    let (status, words) = backs_up(&source, folder.path()).await;
    assert!(status == Some(0) && words.contains(" objects, of which 0 "), "{words}");
}
