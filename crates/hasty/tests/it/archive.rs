//! `hasty backup`, `hasty restore` and `hasty move`: everything that was taken is there again, elsewhere.

mod faults;
mod mistakes;
mod old_settings;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::task::spawn_blocking;
use url::Url;

use crate::support::{
    Client, Database, Guest, Hasty, OWNER_KEY, Owner, PostgresDatabase, S3_KEY_PAIR, TestApp, blobs, photo,
};

on_both_databases![
    a_backup_beside_a_running_server_is_restored_on_the_other_database,
    what_a_backup_cannot_take_is_named,
    a_restore_overwrites_nothing,
    ids_that_a_backup_did_not_see_are_not_given_again,
];

/// A server's settings, as its environment has them.
struct Settings {
    folder: TempDir,
    database: Option<Arc<PostgresDatabase>>,
    more: Vec<(&'static str, String)>,
}

impl Settings {
    async fn on(database: Database) -> Settings {
        let database = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(Arc::new(spawn_blocking(PostgresDatabase::create).await.unwrap())),
        };
        let mut more = vec![("HASTY_OWNER_KEY", OWNER_KEY.to_owned())];
        more.extend(database.as_ref().map(|database| ("HASTY_DATABASE_URL", database.url())));
        Settings { folder: TempDir::new().unwrap(), database, more }
    }

    /// With the store of a server, which is reached at this address, for a storage.
    fn storing_at(mut self, endpoint: &Url) -> Settings {
        self.more.push(("HASTY_S3_ENDPOINT", endpoint.as_str().to_owned()));
        self.more.push(("HASTY_S3_ACCESS_KEY_ID", S3_KEY_PAIR.0.to_owned()));
        self.more.push(("HASTY_S3_SECRET_ACCESS_KEY", S3_KEY_PAIR.1.to_owned()));
        self
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn environment(&self) -> Vec<(&str, &str)> {
        self.more.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    async fn start(&self) -> (Hasty, Owner) {
        let (hasty, url, _) = Hasty::start(&self.data(), &self.environment()).await;
        (hasty, Owner::new(Client::new(url), OWNER_KEY))
    }

    /// Another command of the program. Answers its status and its output.
    async fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hasty"));
        command.args(arguments).env_clear().env("HASTY_DATA_DIR", self.data()).envs(self.environment());
        let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let words = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&words).into_owned())
    }

    /// Nothing is missing, nothing is left over, and every count is right.
    async fn is_sound(&self) {
        let (status, words) = self.run(&["check"]).await;
        assert_eq!(status, Some(0), "{words}");
        let (status, words) = self.run(&["stats", "--rebuild"]).await;
        assert_eq!((status, words.as_str()), (Some(0), "All counts are right.\n"));
    }
}

fn other(database: Database) -> Database {
    match database {
        Database::Sqlite => Database::Postgres,
        Database::Postgres => Database::Sqlite,
    }
}

async fn upload_examined(guest: &Guest, name: &str, number: u64) -> i64 {
    let id = guest.upload_jpeg(name, &photo(number)).await;
    assert_eq!(guest.settled(id).await["state"], "ready");
    id
}

async fn back_up(settings: &Settings, url: &Url, folder: &Path) -> (Option<i32>, String) {
    let listen = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    settings.run(&["backup", "--listen", &listen, folder.to_str().unwrap()]).await
}

async fn a_backup_beside_a_running_server_is_restored_on_the_other_database(on: Database) {
    let source = Settings::on(on).await;
    let (mut hasty, owner) = source.start().await;
    let url = owner.client.url();
    let (anna, ben) = (owner.invite("anna@example.com").await, owner.invite("ben@example.com").await);
    let first = upload_examined(&anna, "a.jpg", 1).await;
    let deleted = upload_examined(&anna, "b.jpg", 2).await;
    let same = upload_examined(&ben, "the-same.jpg", 1).await;
    anna.sign("never-sent.jpg").await;
    let folder = TempDir::new().unwrap();
    let (status, words) = back_up(&source, &url, folder.path()).await;
    assert_eq!(status, Some(0), "{words}");
    // Two contents, each with two previews.
    assert!(words.contains(" rows, 6 objects, of which 6 with "), "{words}");

    let second = upload_examined(&ben, "c.jpg", 3).await;
    assert_eq!(anna.delete(deleted).await.status, 204);
    let (status, words) = back_up(&source, &url, folder.path()).await;
    assert_eq!(status, Some(0), "{words}");
    assert!(words.contains(" objects, of which 3 with "), "only what is new: {words}");
    upload_examined(&ben, "too-late.jpg", 4).await;
    hasty.stop().await;

    let target = Settings::on(other(on)).await;
    let (status, words) = target.run(&["restore", folder.path().to_str().unwrap()]).await;
    assert_eq!(status, Some(0), "{words}");
    let (mut hasty, owner) = target.start().await;
    let (again, ben_again) = (owner.invite("anna@example.com").await, owner.invite("ben@example.com").await);
    assert_eq!((&again.token, &ben_again.token), (&anna.token, &ben.token), "every link opens");
    assert_eq!((again.download(first).await, ben_again.download(second).await), (photo(1).into(), photo(3).into()));
    assert_eq!(ben_again.download(same).await, photo(1));
    assert!(again.image(first).await["thumbnail_link"].is_string());
    let names =
        |images: Vec<serde_json::Value>| images.iter().map(|image| image["name"].to_string()).collect::<Vec<_>>();
    assert_eq!(names(ben_again.images().await), ["\"c.jpg\"", "\"the-same.jpg\""]);
    let new = upload_examined(&ben_again, "d.jpg", 5).await;
    assert!(new > second, "ids go on");
    hasty.stop().await;
    target.is_sound().await;
}

async fn what_a_backup_cannot_take_is_named(on: Database) {
    let source = Settings::on(on).await;
    let (mut hasty, owner) = source.start().await;
    let guest = owner.invite("guest@example.com").await;
    for number in 1..=3 {
        upload_examined(&guest, "a.jpg", number).await;
    }
    hasty.stop().await;
    let blobs = blobs(&source.data());
    let whole = |path: &&PathBuf| std::fs::read(path).unwrap().starts_with(&photo(2));
    let damaged = blobs.iter().find(whole).unwrap();
    std::fs::write(damaged, b"something else").unwrap();
    let folder = TempDir::new().unwrap();
    let (status, words) = source.run(&["backup", folder.path().to_str().unwrap()]).await;
    assert_eq!(status, Some(1), "{words}");
    assert!(words.starts_with("cannot be read: photos/") && words.contains(" 9 objects, of which 8 "), "{words}");
    assert!(words.contains("no server can start until this ends"), "{words}");

    let target = Settings::on(on).await;
    let (status, words) = target.run(&["restore", folder.path().to_str().unwrap()]).await;
    assert!(status == Some(1) && words.starts_with("missing: photos/"), "named again, and only that: {words}");
    let (mut hasty, owner) = target.start().await;
    assert_eq!(owner.images().await.len(), 3, "all else is there");
    hasty.stop().await;
}

async fn a_restore_overwrites_nothing(on: Database) {
    let source = Settings::on(on).await;
    let (mut hasty, owner) = source.start().await;
    upload_examined(&owner.invite("guest@example.com").await, "a.jpg", 1).await;
    hasty.stop().await;
    let folder = TempDir::new().unwrap();
    let dir = folder.path().to_str().unwrap();
    let (status, words) = source.run(&["restore", dir]).await;
    assert!(status == Some(1) && words.contains("there is no finished backup"), "{words}");
    assert_eq!(source.run(&["backup", dir]).await.0, Some(0));
    let (status, words) = source.run(&["restore", dir]).await;
    assert!(status == Some(1) && words.contains("the database holds invitations already"), "{words}");

    let mut target = Settings::on(on).await;
    target.more.push(("HASTY_SECRET", "another secret of thirty-two letters".to_owned()));
    let (status, words) = target.run(&["restore", dir]).await;
    assert!(status == Some(1) && words.contains("another HASTY_SECRET"), "{words}");
    source.is_sound().await;
}

/// Behind which a page that watches goes on when it comes again.
async fn last_event(guest: &Guest) -> i64 {
    let begin = guest.get("/api/events/").send().await.unwrap().chunk().await.unwrap().unwrap();
    let id = str::from_utf8(&begin).unwrap().lines().find_map(|line| line.strip_prefix("id: "));
    id.unwrap().parse().unwrap()
}

async fn ids_that_a_backup_did_not_see_are_not_given_again(on: Database) {
    let source = Settings::on(on).await;
    let (mut hasty, owner) = source.start().await;
    let guest = owner.invite("guest@example.com").await;
    let folder = TempDir::new().unwrap();
    assert_eq!(back_up(&source, &owner.client.url(), folder.path()).await.0, Some(0));
    let mut given = vec![upload_examined(&guest, "too-late.jpg", 1).await];
    let mut heard = last_event(&guest).await;
    hasty.stop().await;
    // From the same backup twice: the second restore knows nothing of the first.
    for number in 2..=3 {
        let target = Settings::on(on).await;
        assert_eq!(target.run(&["restore", folder.path().to_str().unwrap()]).await.0, Some(0));
        let (mut hasty, owner) = target.start().await;
        let other_device = owner.invite("guest@example.com").await;
        let id = upload_examined(&other_device, "another.jpg", number).await;
        assert!(!given.contains(&id), "{id}: {given:?}");
        let last_event = last_event(&other_device).await;
        assert!(last_event > heard, "whoever heard of what is lost hears of what is new: {last_event}, {heard}");
        for gone in &given {
            other_device.complete(*gone).await.error(404, "not_found");
        }
        given.push(id);
        heard = last_event;
        hasty.stop().await;
    }
}

#[tokio::test]
async fn everything_moves_to_external_parts_and_back() {
    let store = TestApp::start(Database::Sqlite).await;
    let home = Settings::on(Database::Sqlite).await;
    let (mut hasty, owner) = home.start().await;
    let guest = owner.invite("guest@example.com").await;
    let first = upload_examined(&guest, "a.jpg", 1).await;
    let away = Settings::on(Database::Postgres).await.storing_at(&store.url());
    let database = away.database.as_ref().unwrap().url();
    let (endpoint, listen) = (store.url(), owner.client.url());
    let to = [
        "move",
        "--to-database-url",
        &database,
        "--to-s3-endpoint",
        endpoint.as_str(),
        "--to-s3-access-key-id",
        S3_KEY_PAIR.0,
        "--to-s3-secret-access-key",
        S3_KEY_PAIR.1,
        "--to-s3-bucket",
        "moved-photos",
    ];
    let listen = format!("{}:{}", listen.host_str().unwrap(), listen.port().unwrap());
    let (status, words) = home.run(&[&to[..], &["--ahead", "--listen", &listen]].concat()).await;
    assert!(status == Some(0) && words.starts_with("0 rows, 3 objects, of which 3 "), "{words}");
    let second = upload_examined(&guest, "b.jpg", 2).await;
    let (status, words) = home.run(&to).await;
    assert!(status == Some(1) && words.contains("another process"), "not beside a running server: {words}");
    hasty.stop().await;
    let (status, words) = home.run(&to).await;
    assert!(status == Some(0) && words.contains(" rows, 6 objects, of which 3 "), "{words}");

    // The secret goes along by hand: another machine has another folder.
    let mut away = away;
    std::fs::create_dir_all(away.data()).unwrap();
    std::fs::copy(home.data().join("secret"), away.data().join("secret")).unwrap();
    away.more.push(("HASTY_S3_BUCKET", "moved-photos".to_owned()));
    let (mut hasty, owner) = away.start().await;
    let moved = owner.invite("guest@example.com").await;
    assert_eq!(moved.token, guest.token);
    assert_eq!((moved.download(first).await, moved.download(second).await), (photo(1).into(), photo(2).into()));
    let third = upload_examined(&moved, "c.jpg", 3).await;
    hasty.stop().await;
    away.is_sound().await;

    let back = Settings::on(Database::Sqlite).await;
    let (status, words) = away.run(&["move", "--to-data-dir", back.data().to_str().unwrap()]).await;
    assert!(status == Some(0) && words.contains(" rows, 9 objects, of which 9 "), "{words}");
    let mut back = back;
    back.more.push(("HASTY_S3_BUCKET", "moved-photos".to_owned()));
    let (mut hasty, owner) = back.start().await;
    let returned = owner.invite("guest@example.com").await;
    assert_eq!(returned.token, guest.token);
    for (id, number) in [(first, 1), (second, 2), (third, 3)] {
        assert_eq!(returned.download(id).await, photo(number));
    }
    hasty.stop().await;
    back.is_sound().await;
}
