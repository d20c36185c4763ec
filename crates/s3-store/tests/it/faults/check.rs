//! What a client sees fits what was acknowledged, and no file is there that nobody needs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use http::Method;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::workload::{END_BYTES, Model, Seen};
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
        let is_large = may_show.iter().flatten().any(|seen| seen.len > END_BYTES);
        let request = client.request(Method::GET, &path_of(key));
        let got = if is_large { request.unsigned_header("range", format!("bytes=-{END_BYTES}")) } else { request };
        let got = got.send().await;
        let seen = match got.status.as_u16() {
            404 => None,
            200 | 206 => Some(Seen::of(&got)),
            _ => panic!("GET {key}: {} {}", got.status, got.text()),
        };
        assert!(may_show.contains(&seen), "GET {key} shows {seen:?}, and not one of {may_show:?}");
        let described = seen.as_ref().map(|seen| (seen.len, seen.etag.clone()));
        assert_eq!(listed.remove(*key), described, "the list's {key}");
        // Every key would take its time.
        if may_show.len() > 1 {
            let head = client.head(key).await;
            assert_eq!(head.status.is_success(), seen.is_some(), "HEAD {key}");
            let head = seen.as_ref().map(|seen| Seen { end: seen.end.clone(), ..Seen::of(&head) });
            assert_eq!(head, seen, "HEAD {key}");
        }
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
    // To look at everything takes time. So this waits for what was found first, and then looks again.
    let first = find_leftovers(store).files;
    poll(|| !first.iter().any(|path| path.exists())).await;
    let mut found = Leftovers::default();
    let is_clean = poll(|| {
        found = find_leftovers(store);
        found == Leftovers::default()
    });
    assert!(is_clean.await, "{found:?}");
}

#[derive(Debug, Default, PartialEq)]
struct Leftovers {
    /// That nobody needs.
    files: Vec<PathBuf>,
    /// The blobs of rows that have no file.
    missing: Vec<String>,
    /// Blobs of the index that nobody needs.
    trash: Vec<String>,
}

fn find_leftovers(store: &Path) -> Leftovers {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let index = Connection::open_with_flags(store.join("index.sqlite"), flags).expect("an index");
    let names = |sql: &str| -> Vec<String> {
        let mut statement = index.prepare(sql).expect("a statement");
        let names = statement.query_map([], |row| row.get(0)).expect("rows");
        names.collect::<Result<_, _>>().expect("names")
    };
    let needed = names("SELECT lower(hex(blob_id)) FROM pieces");
    let stored = files_in_shards(&store.join("blobs"));
    // A power cut between the two folders may leave a name in both; then one is kept and the other is not lost.
    let lost: Vec<String> = files_in_shards(&store.join("lost")).iter().map(|path| name(path)).collect();
    let is_needed = |path: &PathBuf| needed.contains(&name(path)) || lost.contains(&name(path));
    let mut files = paths(&store.join("tmp"));
    files.extend(stored.iter().filter(|path| !is_needed(path)).cloned());
    let stored: Vec<String> = stored.iter().map(|path| name(path)).collect();
    let missing = needed.into_iter().filter(|blob| !stored.contains(blob)).collect();
    Leftovers { files, missing, trash: names("SELECT lower(hex(blob_id)) FROM trash") }
}

fn files_in_shards(dir: &Path) -> Vec<PathBuf> {
    paths(dir).iter().flat_map(|shard| paths(shard)).collect()
}

/// What is in a folder, if there is one.
fn paths(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).into_iter().flatten().map(|entry| entry.expect("an entry").path()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}
