//! What stands in the way of a backup, a restore or a move: nothing is lost over it, and no word of it is missing.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use http::Method;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::{Settings, back_up, upload_examined};
use crate::support::{Database, Flaky, Guest, TestApp, photo, sha256};

/// A stopped server with two photos in a storage that may refuse, and who took them.
pub struct Home {
    pub settings: Settings,
    pub flaky: Flaky,
    store: TestApp,
    pub guest: Guest,
    pub photos: [i64; 2],
}

pub async fn home(on: Database) -> Home {
    let store = TestApp::start(Database::Sqlite).await;
    let flaky = Flaky::before(store.url()).await;
    let settings = Settings::on(on).await.storing_at(&flaky.url());
    let (mut hasty, owner) = settings.start().await;
    let guest = owner.invite("guest@example.com").await;
    let photos = [upload_examined(&guest, "a.jpg", 1).await, upload_examined(&guest, "b.jpg", 2).await];
    hasty.stop().await;
    Home { settings, flaky, store, guest, photos }
}

impl Home {
    /// Of a content: what a photo has arrived as lies there for a while, too, under a shorter key.
    async fn photo_key(&self) -> String {
        let is_content = |key: &String| key.starts_with("photos/") && key.len() > "photos/".len() + 64;
        self.store.store().keys().await.into_iter().find(is_content).unwrap()
    }
}

/// A stopped server with two photos in its own store, and a backup of it.
pub async fn backed_up() -> (Settings, TempDir) {
    let source = Settings::on(Database::Sqlite).await;
    let (mut hasty, owner) = source.start().await;
    let guest = owner.invite("guest@example.com").await;
    upload_examined(&guest, "a.jpg", 1).await;
    upload_examined(&guest, "b.jpg", 2).await;
    let folder = TempDir::new().unwrap();
    assert_eq!(back_up(&source, &owner.client.url(), folder.path()).await.0, Some(0));
    hasty.stop().await;
    (source, folder)
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn rows_of(backup: &Path) -> PathBuf {
    files(backup).into_iter().find(|file| file.extension().is_some_and(|extension| extension == "jsonl")).unwrap()
}

/// Writes other rows into a backup, as whoever may write the folder can.
fn write_rows(backup: &Path, rows: &str) {
    let path = rows_of(backup);
    let old = path.file_stem().unwrap().to_str().unwrap().strip_prefix("rows-").unwrap();
    let label = fs::read_to_string(backup.join("backup.json")).unwrap().replace(old, &sha256(rows.as_bytes()));
    fs::write(backup.join("backup.json"), label).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(backup.join(format!("rows-{}.jsonl", sha256(rows.as_bytes()))), rows).unwrap();
}

async fn restored(target: &Settings, backup: &Path) -> (Option<i32>, String) {
    target.run(&["restore", backup.to_str().unwrap()]).await
}

#[tokio::test]
async fn no_rows_follow_where_a_photo_could_not_be_read() {
    let home = home(Database::Postgres).await;
    let (key, target) = (home.photo_key().await, Settings::on(Database::Sqlite).await);
    let data = target.data();
    let to = ["move", "--to-data-dir", data.to_str().unwrap()];
    for elsewhere in [&to[..], &["backup", target.folder.path().join("backup").to_str().unwrap()]] {
        let (status, words) = home.settings.run(&[elsewhere, &["--s3-bucket", "elsewhere"]].concat()).await;
        assert!(status == Some(1) && words.contains("the bucket elsewhere does not answer"), "{words}");
    }
    home.flaky.refuse(Method::GET, &key, u32::MAX);
    let (status, words) = home.settings.run(&to).await;
    assert!(status == Some(1) && words.starts_with(&format!("cannot be read: {key}: ")), "{words}");
    assert!(words.contains("nothing was put into the database"), "{words}");

    home.flaky.refuse(Method::GET, &key, 1);
    let (status, words) = home.settings.run(&to).await;
    assert_eq!(status, Some(0), "the same again goes on, and one refusal is none: {words}");
    let (mut hasty, owner) = target.start().await;
    let guest = owner.invite("guest@example.com").await;
    assert_eq!(guest.token, home.guest.token);
    for (id, number) in home.photos.into_iter().zip(1..) {
        assert_eq!(guest.download(id).await, photo(number));
    }
    hasty.stop().await;
}

#[tokio::test]
async fn a_target_that_refuses_once_is_asked_again() {
    let (_, folder) = backed_up().await;
    let store = TestApp::start(Database::Sqlite).await;
    let flaky = Flaky::before(store.url()).await;
    let target = Settings::on(Database::Sqlite).await.storing_at(&flaky.url());
    let photos = files(&folder.path().join("objects/photos"));
    let key = format!("photos/{}", photos[0].file_name().unwrap().to_str().unwrap());
    flaky.refuse(Method::HEAD, &key, 1);
    flaky.refuse(Method::PUT, &key, 2);
    let (status, words) = restored(&target, folder.path()).await;
    assert_eq!(status, Some(0), "{words}");
    assert_eq!(store.store().get(&key).await.body, fs::read(&photos[0]).unwrap(), "all of it, from its start");
    target.is_sound().await;
}

#[tokio::test]
async fn a_photo_that_a_backup_has_lost_is_not_given_up_by_itself() {
    let (_, folder) = backed_up().await;
    let photo = files(&folder.path().join("objects/photos")).remove(0);
    let target = Settings::on(Database::Sqlite).await;
    let aside = folder.path().join("aside");
    fs::rename(&photo, &aside).unwrap();
    let (status, words) = restored(&target, folder.path()).await;
    assert!(status == Some(1) && words.starts_with("missing: photos/"), "{words}");
    assert!(words.contains("nothing was put into the database"), "{words}");

    symlink(&aside, &photo).unwrap();
    let (status, words) = restored(&target, folder.path()).await;
    assert!(status == Some(1) && words.starts_with("cannot be read: photos/"), "no link is followed: {words}");
    assert!(words.contains("nothing was put into the database"), "{words}");

    let (status, words) = target.run(&["restore", "--incomplete", folder.path().to_str().unwrap()]).await;
    assert!(status == Some(1) && words.contains(" rows, 6 objects, of which 0 "), "{words}");
    let (mut hasty, owner) = target.start().await;
    assert_eq!(owner.images().await.len(), 2);
    hasty.stop().await;
}

#[tokio::test]
async fn no_rows_make_a_restore_read_another_file() {
    let (_, folder) = backed_up().await;
    let rows = fs::read_to_string(rows_of(folder.path())).unwrap();
    let key = rows.split('"').find(|text| text.starts_with("photos/")).unwrap().to_owned();
    let secret = TempDir::new().unwrap();
    fs::write(secret.path().join("key"), "a secret").unwrap();
    let up = format!("photos/../../../../../../../../../..{}", secret.path().join("key").display());
    for other in [secret.path().join("key").to_str().unwrap(), &up, "incoming/00000000000000000000000000000000.jpg"] {
        write_rows(folder.path(), &rows.replace(&key, other));
        let target = Settings::on(Database::Sqlite).await;
        let (status, words) = restored(&target, folder.path()).await;
        assert!(status == Some(1) && words.contains("an object that no server makes"), "{other}: {words}");
    }
}

#[tokio::test]
async fn rows_that_are_not_whole_are_found_before_anything_is_made() {
    let (source, folder) = backed_up().await;
    let (path, target) = (rows_of(folder.path()), Settings::on(Database::Sqlite).await);
    let rows = fs::read_to_string(&path).unwrap();
    let whole_lines = rows.rsplit_terminator('\n').skip(1).collect::<Vec<_>>().join("\n");
    for cut in ["", &rows[..rows.len() - 1], &whole_lines, &rows.replacen("guest@", "other@", 1)] {
        fs::write(&path, cut).unwrap();
        let (status, words) = restored(&target, folder.path()).await;
        assert!(status == Some(1) && words.contains("is damaged") && words.contains("Back up"), "{words}");
        assert!(!target.data().exists());
    }
    let label = folder.path().join("backup.json");
    let newer = fs::read_to_string(&label).unwrap().replacen("\"version\":", "\"version\":9", 1);
    fs::write(&label, newer).unwrap();
    let (status, words) = restored(&target, folder.path()).await;
    assert!(status == Some(1) && words.contains("use the program of then") && !target.data().exists(), "{words}");

    // What was cut off goes, and what is damaged comes anew.
    fs::write(folder.path().join("objects/photos/.tmpAbCdEf"), "half a photo").unwrap();
    let (status, words) = source.run(&["backup", folder.path().to_str().unwrap()]).await;
    assert!(status == Some(0) && words.contains(" objects, of which 0 "), "{words}");
    assert_eq!(files(&folder.path().join("objects/photos")).len(), 2);
    assert_eq!(restored(&target, folder.path()).await.0, Some(0));
}

#[tokio::test]
async fn tables_of_a_newer_program_are_left_alone() {
    let (_, folder) = backed_up().await;
    let target = Settings::on(Database::Sqlite).await;
    target.start().await.0.stop().await;
    fs::remove_file(target.data().join("secret")).unwrap();
    let rows = rusqlite::Connection::open(target.data().join("hasty.sqlite3")).unwrap();
    rows.execute("INSERT INTO schema_version (version) VALUES (99)", []).unwrap();
    let (status, words) = restored(&target, folder.path()).await;
    assert!(status == Some(1) && words.contains("are at version 99"), "{words}");
}

#[tokio::test]
async fn a_backup_is_one_commands_at_a_time() {
    let (source, folder) = backed_up().await;
    let lock = File::open(folder.path().join("lock")).unwrap();
    lock.try_lock().unwrap();
    for command in ["backup", "restore"] {
        let (status, words) = source.run(&[command, folder.path().to_str().unwrap()]).await;
        assert!(status == Some(1) && words.contains("another command works with the backup"), "{words}");
    }
}

#[tokio::test]
async fn a_folder_holds_one_installation() {
    let (source, folder) = backed_up().await;
    let other = Settings::on(Database::Sqlite).await;
    let (mut hasty, owner) = other.start().await;
    let (status, words) = back_up(&other, &owner.client.url(), folder.path()).await;
    assert!(status == Some(1) && words.contains("a backup of another installation"), "{words}");
    hasty.stop().await;
    let secret = |folder: &Path| fs::read_to_string(folder.join("secret")).unwrap();
    assert_eq!(secret(folder.path()), secret(&source.data()));
    assert_eq!(restored(&Settings::on(Database::Sqlite).await, folder.path()).await.0, Some(0));
}

#[tokio::test]
async fn a_full_disk_is_no_photo_that_cannot_be_read() {
    let home = home(Database::Postgres).await;
    let (mut hasty, owner) = home.settings.start().await;
    let large = [photo(3), vec![0; 200_000]].concat();
    let guest = owner.invite("guest@example.com").await;
    let id = guest.upload_jpeg("large.jpg", &large).await;
    assert_eq!(guest.settled(id).await["state"], "ready");
    hasty.stop().await;
    let folder = TempDir::new().unwrap();
    // A file that outgrows its limit ends a process, unless it ignores the signal: then the write fails.
    let limited = "trap '' XFSZ; exec prlimit --fsize=100000: \"$0\" backup \"$1\"";
    let mut command = Command::new("/bin/sh");
    command.args(["-c", limited, env!("CARGO_BIN_EXE_hasty")]).arg(folder.path()).env_clear();
    command.env("PATH", "/usr/bin:/bin").env("HASTY_DATA_DIR", home.settings.data()).envs(home.settings.environment());
    let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && words.contains("cannot write in "), "{words}");
    assert!(output.stdout.is_empty() && !folder.path().join("backup.json").exists(), "{words}");
}

#[tokio::test]
async fn a_backup_holds_the_secrets_in_use() {
    let mut source = Settings::on(Database::Sqlite).await;
    source.more.retain(|(name, _)| *name != "HASTY_OWNER_KEY");
    let (mut hasty, owner) = source.start().await;
    let (folder, target) = (TempDir::new().unwrap(), Settings::on(Database::Sqlite).await);
    for owner_key in ["a first key of the owner", "another key of the owner"] {
        fs::write(source.data().join("owner-key"), owner_key).unwrap();
        assert_eq!(back_up(&source, &owner.client.url(), folder.path()).await.0, Some(0));
        assert_eq!(fs::read_to_string(folder.path().join("owner-key")).unwrap().trim(), owner_key);
    }
    hasty.stop().await;

    fs::create_dir_all(target.data()).unwrap();
    fs::write(target.data().join("secret"), "a secret of another server").unwrap();
    let (status, words) = restored(&target, folder.path()).await;
    let named = |file: PathBuf| words.contains(file.to_str().unwrap());
    let are_named = named(folder.path().join("secret")) && named(target.data().join("secret"));
    assert!(status == Some(1) && are_named, "{words}");
    fs::remove_file(target.data().join("secret")).unwrap();
    fs::remove_file(folder.path().join("secret")).unwrap();
    let (status, words) = restored(&target, folder.path()).await;
    assert!(status == Some(1) && words.contains("set HASTY_SECRET"), "{words}");
    assert!(files(&target.data()).is_empty(), "none is made");
}

#[tokio::test]
async fn a_schema_that_was_made_later_hides_no_rows() {
    let mut source = Settings::on(Database::Postgres).await;
    let database = source.database.clone().unwrap();
    let later = format!("{}_later", database.name);
    let url = database.url().replace(&database.name, &format!("{later},{}", database.name));
    source.more.iter_mut().find(|(name, _)| *name == "HASTY_DATABASE_URL").unwrap().1 = url;
    let (mut hasty, owner) = source.start().await;
    let (url, guest) = (owner.client.url(), owner.invite("guest@example.com").await);
    upload_examined(&guest, "a.jpg", 1).await;
    let run = async |sql: String| {
        let database = database.clone();
        spawn_blocking(move || database.execute_within(&sql).unwrap()).await.unwrap();
    };
    run(format!("CREATE SCHEMA {later}")).await;
    let folder = TempDir::new().unwrap();
    let (status, words) = back_up(&source, &url, folder.path()).await;
    hasty.stop().await;
    let (mut hasty, owner) = source.start().await;
    let images = owner.images().await.len();
    hasty.stop().await;
    run(format!("DROP SCHEMA {later} CASCADE")).await;
    assert!(status == Some(0) && words.contains(" rows, 3 objects, of which 3 "), "{words}");
    assert_eq!(images, 1, "a start makes no other tables there");
    let target = Settings::on(Database::Sqlite).await;
    assert_eq!(restored(&target, folder.path()).await.0, Some(0));
    let (mut hasty, owner) = target.start().await;
    assert_eq!(owner.invite("guest@example.com").await.token, guest.token);
    hasty.stop().await;
}

#[tokio::test]
async fn photos_that_are_larger_than_is_accepted_now_are_restored() {
    let (_, folder) = backed_up().await;
    let mut target = Settings::on(Database::Sqlite).await;
    target.more.push(("HASTY_MAX_FILE_BYTES", "100".to_owned()));
    let (status, words) = restored(&target, folder.path()).await;
    assert_eq!(status, Some(0), "{words}");
    target.is_sound().await;
}

#[tokio::test]
async fn a_backup_lets_a_server_start_that_is_on_its_way() {
    let mut source = Settings::on(Database::Sqlite).await;
    // Its port is free again for a while: at an address of this process alone, nobody else is given it.
    let [.., high, middle, low] = std::process::id().to_be_bytes();
    source.more.push(("HASTY_LISTEN", format!("127.{}.{middle}.{low}:0", 128 | high)));
    let (mut hasty, owner) = source.start().await;
    upload_examined(&owner.invite("guest@example.com").await, "a.jpg", 1).await;
    hasty.stop().await;
    let url = owner.client.url();
    source.more.push(("HASTY_LISTEN", format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())));
    let folder = TempDir::new().unwrap();
    let ((status, words), (mut hasty, _)) = tokio::join!(back_up(&source, &url, folder.path()), async {
        let has_begun = async {
            while !folder.path().join("lock").exists() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), has_begun).await.unwrap();
        source.start().await
    });
    assert!(status == Some(0) && !words.contains("no server can start"), "{words}");
    assert!(words.contains(" rows, 3 objects, of which 3 "), "{words}");
    hasty.stop().await;
}

#[tokio::test]
async fn a_folder_keeps_deleted_photos_until_it_is_pruned() {
    let source = Settings::on(Database::Sqlite).await;
    let (mut hasty, owner) = source.start().await;
    let guest = owner.invite("guest@example.com").await;
    let (kept, deleted) = (upload_examined(&guest, "a.jpg", 1).await, upload_examined(&guest, "b.jpg", 2).await);
    let (url, folder) = (owner.client.url(), TempDir::new().unwrap());
    let [photos, previews] = ["objects/photos", "objects/previews"].map(|name| folder.path().join(name));
    let counts = || (files(&photos).len(), files(&previews).len());
    assert_eq!((back_up(&source, &url, folder.path()).await.0, counts()), (Some(0), (2, 4)));
    guest.delete(deleted).await.is(204, "");
    hasty.stop().await;
    // What a server does when the last link to it has ended.
    let rows = rusqlite::Connection::open(source.data().join("hasty.sqlite3")).unwrap();
    assert_eq!(rows.execute("DELETE FROM contents WHERE refs = 0", []).unwrap(), 1);
    drop(rows);
    let (mut hasty, owner) = source.start().await;
    let url = owner.client.url();
    assert_eq!((back_up(&source, &url, folder.path()).await.0, counts()), (Some(0), (2, 4)));

    fs::write(photos.join("notes.txt"), "an operator's own").unwrap();
    let listen = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let (status, words) =
        source.run(&["backup", "--prune", "--listen", &listen, folder.path().to_str().unwrap()]).await;
    assert!(status == Some(0) && words.ends_with("3 objects that the server no longer has were removed\n"), "{words}");
    assert_eq!((counts(), photos.join("notes.txt").exists()), ((2, 2), true), "one photo, and what is not ours");
    let target = Settings::on(Database::Sqlite).await;
    assert_eq!(restored(&target, folder.path()).await.0, Some(0));
    let (mut again, owner) = target.start().await;
    assert_eq!(owner.invite("guest@example.com").await.download(kept).await, photo(1));
    again.stop().await;
    hasty.stop().await;
}

#[tokio::test]
async fn a_backup_needs_the_store_that_is_meant() {
    let (source, folder) = backed_up().await;
    fs::rename(source.data().join("store"), source.data().join("elsewhere")).unwrap();
    for command in [&["backup", folder.path().to_str().unwrap()][..], &["move", "--to-data-dir", "elsewhere"]] {
        let (status, words) = source.run(command).await;
        assert!(status == Some(1) && words.contains("there is no store in "), "{words}");
        assert!(!source.data().join("store").exists(), "none is made");
    }
}

#[tokio::test]
async fn a_backup_reads_from_a_standby_where_that_is_said() {
    let mut source = Settings::on(Database::Postgres).await;
    let (mut hasty, owner) = source.start().await;
    upload_examined(&owner.invite("guest@example.com").await, "a.jpg", 1).await;
    hasty.stop().await;
    let folder = TempDir::new().unwrap();
    let backup = ["backup", folder.path().to_str().unwrap()];
    // It refuses to write, as a standby does.
    let url = source.database.as_ref().unwrap().url();
    let standby = url.replace("options=", "options=-cdefault_transaction_read_only%3Don%20");
    for (url, status) in [(standby.clone(), Some(1)), (format!("{standby}&target_session_attrs=any"), Some(0))] {
        source.more.iter_mut().find(|(name, _)| *name == "HASTY_DATABASE_URL").unwrap().1 = url;
        let (ended, words) = source.run(&backup).await;
        assert_eq!(ended, status, "{words}");
    }
}
