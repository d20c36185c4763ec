//! Files that no row of the index names are set aside after the start, and come back with their rows.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::durability::close;
use crate::support::{TestStore, eventually};

#[tokio::test]
async fn the_start_removes_half_uploads_and_sets_aside_what_no_row_names() {
    let store = TestStore::start().await;
    store.put("a", "one").await;
    let blob = store.files().remove(0);
    let shard = blob.parent().expect("a shard").to_owned();
    let lost = store.dir().join("lost").join(shard.file_name().expect("a name"));
    let store_dir = store.dir();
    let dir = store.stop().await;
    // Between the rename and the commit.
    fs::write(shard.join("0198b3c4d5e67f0089abcdef01234567"), "never committed").expect("a leftover");
    fs::write(shard.join("stray"), "of no known name").expect("a leftover");
    fs::write(store_dir.join("tmp").join("0198b3c4d5e67f0089abcdef01234568"), "half").expect("a leftover");

    let store = TestStore::start_in(dir).await;
    eventually("the leftovers to leave", || store.files() == [blob.clone()]).await;
    assert_eq!(store.keys().await, ["a"]);
    assert_eq!(store.get("a").await.text(), "one");
    let read = |name: &str| fs::read_to_string(lost.join(name)).expect("a file that was set aside");
    assert_eq!(read("0198b3c4d5e67f0089abcdef01234567"), "never committed");
    assert_eq!(read("stray"), "of no known name");
}

#[tokio::test]
async fn an_older_index_costs_no_photo() {
    let store = TestStore::start().await;
    store.put("old", "kept").await;
    let index = store.dir().join("index.sqlite");
    let dir = close(store).await;
    let older = fs::read(&index).expect("a backup");
    let store = TestStore::start_in(dir).await;
    store.put("new", "after the backup").await;
    let dir = close(store).await;
    let newer = fs::read(&index).expect("a backup");

    fs::write(&index, older).expect("restoring");
    let store = TestStore::start_in(dir).await;
    assert_eq!(store.keys().await, ["old"]);
    store.wait_for_files(1).await;
    assert_eq!(store.get("old").await.text(), "kept");
    let dir = close(store).await;

    fs::write(&index, newer).expect("restoring");
    let store = TestStore::start_in(dir).await;
    assert_eq!(store.get("new").await.text(), "after the backup", "before its file is back");
    store.wait_for_files(2).await;
    assert_eq!(store.get("new").await.text(), "after the backup", "afterwards");
}

#[tokio::test]
async fn what_is_deleted_while_it_is_set_aside_is_gone() {
    let (store, newer) = set_aside("photo").await;
    let store = with_newer_index(store, newer).await;
    assert_eq!(store.delete("photo").await.status, 204);
    eventually("the file to go", || lost_files(&store.dir()).is_empty()).await;
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn what_was_set_aside_stays_there_while_no_row_names_it() {
    let (store, _) = set_aside("photo").await;
    let lost = lost_files(&store.dir());
    let store = store.restart().await;
    // The last folder that a start looks into.
    let stray = store.dir().join("blobs").join("ff").join("stray");
    let dir = store.stop().await;
    fs::write(&stray, "").expect("a stray");
    let store = TestStore::start_in(dir).await;
    eventually("the start to have looked", || !stray.exists()).await;
    assert_eq!(lost_files(&store.dir()).len(), lost.len() + 1);
    assert!(lost.iter().all(|file| file.exists()));
    assert_eq!(store.get("photo").await.status, 404);
}

#[tokio::test]
async fn a_blob_under_another_name_is_none() {
    let store = TestStore::start().await;
    store.put("a", "one").await;
    let blob = store.files().remove(0);
    let dir = store.dir();
    let name = blob.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let stopped = close(store).await;
    let elsewhere = dir.join("blobs").join(if name.ends_with("00") { "01" } else { "00" }).join(&name);
    let capital = blob.with_file_name(name.to_uppercase());
    fs::write(&elsewhere, "not the blob").expect("a file");
    fs::write(&capital, "nor this").expect("a file");

    let store = TestStore::start_in(stopped).await;
    eventually("the others to leave", || store.files() == [blob.clone()]).await;
    assert_eq!(store.get("a").await.text(), "one");
    assert_eq!(lost_files(&dir).len(), 2);
}

#[tokio::test]
async fn nothing_that_is_written_while_the_start_still_looks_is_set_aside() {
    let store = TestStore::start().await;
    let blobs = store.dir().join("blobs");
    let dir = close(store).await;
    for shard in 0..=u8::MAX {
        fs::write(blobs.join(format!("{shard:02x}")).join("stray"), "").expect("a stray");
    }
    let store = TestStore::start_in(dir).await;
    let mut written = 0;
    while lost_files(&store.dir()).len() < 256 {
        let puts = futures::future::join_all((0..16).map(|n| {
            let (key, store) = (format!("{:05}", written + n), &store);
            async move { store.put(&key, "x").await.status.as_u16() }
        }));
        assert!(puts.await.iter().all(|status| *status == 200));
        written += 16;
    }
    let got = futures::future::join_all((0..written).map(|n| {
        let store = &store;
        async move { store.get(&format!("{n:05}")).await.status.as_u16() }
    }));
    assert!(got.await.iter().all(|status| *status == 200));
    assert!(written > 0);
    assert_eq!((store.files().len(), lost_files(&store.dir()).len()), (written, 256));
}

/// A store whose index is older than this object, and the folder with the newer index.
async fn set_aside(key: &str) -> (TestStore, PathBuf) {
    let store = TestStore::start().await;
    let index = store.dir().join("index.sqlite");
    let dir = close(store).await;
    let older = fs::read(&index).expect("a backup");
    let store = TestStore::start_in(dir).await;
    store.put(key, "after the backup").await;
    let dir = close(store).await;
    let newer = index.with_file_name("newer");
    fs::rename(&index, &newer).expect("a backup");
    fs::write(&index, older).expect("restoring");
    let store = TestStore::start_in(dir).await;
    store.wait_for_files(0).await;
    (store, newer)
}

async fn with_newer_index(store: TestStore, newer: PathBuf) -> TestStore {
    let dir: TempDir = close(store).await;
    fs::rename(&newer, newer.with_file_name("index.sqlite")).expect("restoring");
    TestStore::start_in(dir).await
}

fn lost_files(store_dir: &Path) -> Vec<PathBuf> {
    let list = |dir: &Path| fs::read_dir(dir).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    list(&store_dir.join("lost")).flat_map(|shard| list(&shard).collect::<Vec<_>>()).collect()
}
