//! What an operator can get wrong with a backup or a move, and is told before anything is lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::faults::{backed_up, files};
use super::{Settings, upload_examined};
use crate::support::{Call, Client, Database, Hasty, PostgresDatabase, photo, sha256};

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
    let (status, words) = backs_up(&source, Path::new("/proc/backup")).await;
    assert!(status == Some(1) && words.contains("cannot make the folder /proc/backup"), "{words}");

    // What was cut off before the label was there goes on.
    fs::remove_file(folder.path().join("backup.json")).unwrap();
    for part in ["s3-key.part", ".tmpAbCdEf", "rows.jsonl.new"] {
        fs::write(folder.path().join(part), "half of it").unwrap();
    }
    let (status, words) = backs_up(&source, folder.path()).await;
    assert!(status == Some(0) && words.contains(" objects, of which 0 "), "{words}");

    let disk_for_backups = TempDir::new().unwrap();
    fs::create_dir(disk_for_backups.path().join("lost+found")).unwrap();
    let (status, words) = backs_up(&source, disk_for_backups.path()).await;
    assert_eq!(status, Some(0), "{words}");
}

/// A command that would open the store ends, and says why.
pub async fn refuses(settings: &Settings, command: &[&str], needle: &str) {
    let (status, words) = settings.run(&[command, &["--listen", "127.0.0.1:0"]].concat()).await;
    assert!(status == Some(1) && words.contains(needle), "{words}");
}

#[tokio::test]
async fn a_database_that_was_moved_is_used_again_only_when_that_is_meant() {
    let source = Settings::on(Database::Sqlite).await;
    let (mut hasty, owner) = source.start().await;
    let guest = owner.invite("guest@example.com").await;
    let id = upload_examined(&guest, "a.jpg", 1).await;
    hasty.stop().await;
    assert!(source.run(&["move", "--forget"]).await.1.contains("were not moved"));
    let database = Arc::new(spawn_blocking(PostgresDatabase::create).await.unwrap());
    let (url, data) = (database.url(), source.data().display().to_string());
    let (status, words) = source.run(&["move", "--to-database-url", &url]).await;
    assert!(status == Some(0) && words.contains(" rows, 0 objects, "), "{words}");
    assert!(words.contains(&format!("  {data}/hasty.sqlite3, with ")), "{words}");
    assert!(words.contains(&format!("Keep all else in {data}: the photos and the keys")), "{words}");

    let (moved, folder) = ("the rows of this database were moved on 20", source.folder.path().join("backup"));
    let again = ["move", "--to-database-url", &url];
    for command in [&["serve"][..], &["check"], &["backup", folder.to_str().unwrap()], &again] {
        refuses(&source, command, moved).await;
    }
    let (status, report) = source.run(&["doctor"]).await;
    assert!(status == Some(1) && report.contains(&format!("FAILURE database: {moved}")), "{report}");
    let (mut hasty, url, _) = Hasty::start(&source.data(), &[("HASTY_DATABASE_URL", &url)]).await;
    let answer = Client::new(url).get("/readyz").answer().await;
    assert_eq!(answer.status, 200, "the mark has not gone along");
    hasty.stop().await;

    let (status, words) = source.run(&["move", "--forget"]).await;
    assert!(status == Some(0) && words.contains("can start on this database again"), "{words}");
    let (mut hasty, owner) = source.start().await;
    assert_eq!(owner.invite("guest@example.com").await.download(id).await, photo(1));
    hasty.stop().await;
}

#[tokio::test]
async fn rows_come_back_to_the_store_that_the_photos_have_not_left() {
    let mut home = Settings::on(Database::Postgres).await;
    let (mut hasty, owner) = home.start().await;
    let guest = owner.invite("guest@example.com").await;
    let id = upload_examined(&guest, "a.jpg", 1).await;
    hasty.stop().await;
    let data = home.data();
    let to = ["move", "--to-data-dir", data.to_str().unwrap()];
    let elsewhere = [&to[..], &["--to-s3-bucket", "another-bucket"]].concat();
    refuses(&home, &elsewhere, "leave out --to-s3-bucket").await;
    assert!(!data.join("hasty.sqlite3").exists(), "none is made");
    let (status, words) = home.run(&to).await;
    assert!(status == Some(0) && words.contains(" rows, 0 objects, "), "{words}");
    assert!(words.contains("  the old PostgreSQL database\n") && words.contains("Keep all else in "), "{words}");
    refuses(&home, &["serve"], "the rows of this database were moved on 20").await;

    home.more.retain(|(name, _)| *name != "HASTY_DATABASE_URL");
    refuses(&home, &to, "say where to, other than where everything is").await;
    let (mut hasty, owner) = home.start().await;
    let returned = owner.invite("guest@example.com").await;
    assert_eq!((&returned.token, returned.download(id).await), (&guest.token, photo(1).into()));
    hasty.stop().await;
    home.is_sound().await;
}
