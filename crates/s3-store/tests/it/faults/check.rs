//! What a client sees fits what was acknowledged, and no file is there that nobody needs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use http::Method;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::workload::{Model, Seen};
use crate::support::client::S3Client;
use crate::support::{BUCKET, TestStore, path_of, poll};

/// Starts the store without faults, and looks at everything.
pub async fn check_after_restart(dir: TempDir, model: &Model) {
    let store = TestStore::start_in(dir).await;
    let client = S3Client::new(store.addr, 1);
    check_objects(&client, model).await;
    check_uploads(&client, model).await;
    check_files(&store.dir()).await;
    let made = client.request(Method::PUT, &format!("/{BUCKET}")).send().await;
    assert!([200, 409].contains(&made.status.as_u16()), "{}", made.text());
    let answer = client.put("after", "written again").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// GET, HEAD and List show the same, and nothing but what may be there.
pub async fn check_objects(client: &S3Client, model: &Model) {
    let Some(mut listed) = list(client).await else {
        assert!(model.may_lack_bucket && model.objects.values().all(|may_show| may_show.contains(&None)), "no bucket");
        return;
    };
    for (key, may_show) in &model.objects {
        let got = client.get(key).await;
        let seen = match got.status.as_u16() {
            404 => None,
            200 => Some(Seen::of(&got)),
            _ => panic!("GET {key}: {} {}", got.status, got.text()),
        };
        assert!(may_show.contains(&seen), "GET {key} shows {seen:?}, and not one of {may_show:?}");
        let head = client.head(key).await;
        assert_eq!(head.status, got.status, "HEAD {key}");
        let Some(seen) = seen else {
            assert_eq!(listed.remove(*key), None, "{key} is listed, but not there");
            continue;
        };
        let described = Seen { body: seen.body.clone(), ..Seen::of(&head) };
        assert_eq!((described, head.header("content-length")), (seen.clone(), &*seen.body.len().to_string()), "{key}");
        assert_eq!(listed.remove(*key), Some((seen.body.len(), seen.etag)), "the list's {key}");
    }
    assert!(listed.is_empty(), "nobody put {listed:?}");
}

/// Size and entity tag by key; `None` where there is no bucket.
async fn list(client: &S3Client) -> Option<BTreeMap<String, (usize, String)>> {
    let answer = client.request(Method::GET, &format!("/{BUCKET}")).query("list-type", "2").send().await;
    if answer.error() == (404, "NoSuchBucket".to_owned()) {
        return None;
    }
    assert_eq!(answer.status, 200, "{}", answer.text());
    let sizes = answer.all("Size").into_iter().map(|size| size.parse().expect("a size"));
    Some(answer.all("Key").into_iter().zip(sizes.zip(answer.all("ETag"))).collect())
}

/// An upload that nobody ended still has the part that it had.
pub async fn check_uploads(client: &S3Client, model: &Model) {
    if model.uploads.is_empty() {
        return;
    }
    let answer = client.request(Method::GET, &format!("/{BUCKET}")).query("uploads", "").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let listed: Vec<(String, String)> = answer.all("UploadId").into_iter().zip(answer.all("Key")).collect();
    for (id, (may_be_listed, may_be_gone)) in &model.uploads {
        let Some((_, key)) = listed.iter().find(|(listed, _)| listed == id) else {
            assert!(may_be_gone, "an upload is gone");
            continue;
        };
        assert!(may_be_listed, "the upload of {key} is over, and yet it is listed");
        let parts = client.request(Method::GET, &path_of(key)).query("uploadId", id).send().await.all("PartNumber");
        assert_eq!(parts.first().map(String::as_str), Some("1"), "the parts of {key}");
    }
    assert!(listed.iter().all(|(id, _)| model.uploads.contains_key(id)), "{listed:?}");
}

/// Waits until there is a file for each blob of the index, and no other.
pub async fn check_files(store: &Path) {
    let mut found = Ok(());
    let clean = poll(|| {
        found = find_leftovers(store);
        found.is_ok()
    });
    let is_clean = clean.await;
    assert!(is_clean, "{found:?}");
}

/// What there is too much or too little of, in a sentence.
fn find_leftovers(store: &Path) -> Result<(), String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let index = Connection::open_with_flags(store.join("index.sqlite"), flags).map_err(|error| error.to_string())?;
    let names = |sql: &str| -> rusqlite::Result<Vec<String>> {
        let mut statement = index.prepare(sql)?;
        let names = statement.query_map([], |row| row.get(0))?;
        names.collect()
    };
    let needed = names("SELECT lower(hex(blob_id)) FROM pieces").map_err(|error| error.to_string())?;
    let trash = names("SELECT lower(hex(blob_id)) FROM trash").map_err(|error| error.to_string())?;
    let shards = paths(&store.join("blobs"));
    let files: Vec<String> = shards.iter().flat_map(|shard| paths(shard)).map(|path| name(&path)).collect();
    // A power cut between the two folders may leave a name in both; then one is kept and the other is not lost.
    let lost: Vec<String> =
        paths(&store.join("lost")).iter().flat_map(|shard| paths(shard)).map(|path| name(&path)).collect();
    let unneeded: Vec<_> = files.iter().filter(|file| !needed.contains(file) && !lost.contains(file)).collect();
    let missing: Vec<_> = needed.iter().filter(|blob| !files.contains(blob)).collect();
    let temporary = paths(&store.join("tmp"));
    if unneeded.is_empty() && missing.is_empty() && temporary.is_empty() && trash.is_empty() {
        return Ok(());
    }
    Err(format!("unneeded {unneeded:?}, missing {missing:?}, in tmp {temporary:?}, trash {trash:?}"))
}

/// What is in a folder, if there is one.
fn paths(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).into_iter().flatten().map(|entry| entry.expect("an entry").path()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}
