//! A scrub finds what the disk no longer holds as it was stored, and nothing else.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::Method;
use rusqlite::Connection;
use s3_store::Store;
use s3_store::scrub::{Event, Finding, Report, ScrubError, scrub};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::damage::{close, flip, photo, upload_parts};
use crate::support::{BUCKET, TestStore, path_of, settings};

#[tokio::test]
async fn a_sound_store_has_no_findings_and_every_byte_is_read_once() {
    let store = TestStore::start().await;
    store.put("a", photo(3)).await;
    store.put("empty", "").await;
    upload_parts(&store, "big", &[vec![b'1'; 5 << 20], vec![b'2'; 10]]).await;
    copy(&store, "a", "copy").await;
    begin_upload(&store, "unfinished", "a part").await;
    let bytes = (photo(3).len() + (5 << 20) + 10 + "a part".len()) as u64;

    let (report, findings) = scrub_all(&store.dir()).await;
    assert_eq!(findings, [""; 0]);
    assert_eq!((report.findings, report.progress.objects, report.progress.bytes), (0, 5, bytes));
    assert_eq!((report.progress.total_objects, report.progress.total_bytes), (5, bytes));

    let dir = close(store).await;
    let at_rest = names(dir.path());
    assert_eq!(scrub_all(&settings(dir.path()).dir).await.1, [""; 0], "without a server");
    let mut after = names(dir.path());
    after.retain(|name| !name.ends_with("index.sqlite-wal") && !name.ends_with("index.sqlite-shm"));
    assert_eq!(after, at_rest, "it writes nothing");
    let store = TestStore::start_in(dir).await;
    assert_eq!(store.get("a").await.body, photo(3));
}

#[tokio::test]
async fn each_damaged_file_is_named_with_its_object() {
    let store = TestStore::start().await;
    let keys = ["first", "later", "last", "shorter", "longer", "missing", "new\nline"];
    let mut files = Vec::new();
    for key in keys {
        store.put(key, photo(3)).await;
        let all = store.files();
        files.push(all.into_iter().find(|file| !files.contains(file)).expect("a new file"));
    }
    store.put("sound", photo(2)).await;
    let resize = |file: &Path, len| OpenOptions::new().write(true).open(file).expect("a file").set_len(len);
    let len = photo(3).len() as u64;
    flip(&files[0], 5);
    flip(&files[1], 300_000);
    flip(&files[2], len - 1);
    resize(&files[3], 10).expect("cutting");
    resize(&files[4], len + 10).expect("growing");
    fs::remove_file(&files[5]).expect("removing");
    flip(&files[6], 5);
    flip(&files[6], 600_000);

    let (report, findings) = scrub_all(&store.dir()).await;
    let expected = [
        (0, "first", "block 0 is not what was stored (from byte 0)".to_owned()),
        (2, "last", "block 2 is not what was stored (from byte 524288)".to_owned()),
        (1, "later", "block 1 is not what was stored (from byte 262144)".to_owned()),
        (4, "longer", format!("the file has {} bytes, {len} were stored", len + 10)),
        (5, "missing", "the file is missing".to_owned()),
        (6, "new\\nline", "block 0 is not what was stored (from byte 0), as are 1 more blocks".to_owned()),
        (3, "shorter", format!("the file has 10 bytes, {len} were stored")),
    ];
    let file = |file: &PathBuf| file.strip_prefix(store.dir()).expect("a file of the store").display().to_string();
    let line = |(index, key, what): (usize, &str, String)| format!("{BUCKET}/{key}: {}: {what}", file(&files[index]));
    assert_eq!(findings, expected.map(line));
    assert_eq!((report.findings, report.progress.objects), (7, 8));
}

#[tokio::test]
async fn copies_parts_and_unfinished_uploads_are_named_too() {
    let store = TestStore::start().await;
    store.put("a", photo(1)).await;
    copy(&store, "a", "copy").await;
    flip(&store.files()[0], 5);
    upload_parts(&store, "big", &[vec![b'1'; 5 << 20], vec![b'2'; 10]]).await;
    let id = begin_upload(&store, "unfinished", "a part").await;
    for file in store.files() {
        if fs::metadata(&file).expect("metadata").len() <= 10 {
            flip(&file, 5);
        }
    }
    let (_, findings) = scrub_all(&store.dir()).await;
    let named: Vec<&str> = findings.iter().map(|finding| finding.split(": ").next().unwrap_or_default()).collect();
    let unfinished = format!("photos/unfinished (unfinished upload {id})");
    assert_eq!(named, ["photos/a", "photos/big", "photos/copy", unfinished.as_str()], "{findings:?}");
}

#[tokio::test]
async fn rows_that_do_not_fit_are_found() {
    let changes = [
        ("UPDATE objects SET content_id = 3 - content_id", "photos/a: index.sqlite: its row is not what was stored"),
        (
            "UPDATE pieces SET md5 = zeroblob(16)",
            "photos/a: index.sqlite: the row of its part 1 is not what was stored",
        ),
        ("DELETE FROM pieces", "photos/a: index.sqlite: its rows in the index are not those"),
        ("UPDATE objects SET key = x'ff61'", "index.sqlite: its key is not UTF-8"),
        ("UPDATE contents SET refs = 0", "index.sqlite: content 1 is shown 1 times, but counts 0"),
        ("DELETE FROM contents", "index.sqlite: content 1 is shown 1 times, but counts 0"),
        ("UPDATE buckets SET name = 'qhotos'", "objects of a bucket photos, but no such bucket"),
    ];
    for (change, expected) in changes {
        let store = TestStore::start().await;
        store.put("a", "alpha").await;
        Connection::open(store.dir().join("index.sqlite")).expect("the index").execute(change, []).expect(change);
        let (_, findings) = scrub_all(&store.dir()).await;
        assert!(findings.iter().any(|finding| finding.contains(expected)), "{change}: {findings:?}");
    }
}

/// Whatever bit of the index flips: an object is answered as it was stored or not at all, and what is not answered is
/// found.
#[tokio::test]
async fn no_flipped_bit_of_the_index_makes_the_store_lie() {
    let store = TestStore::start().await;
    let bodies: Vec<(String, Vec<u8>)> = (0..40).map(|n| (format!("{n:02}"), vec![n; 100 + usize::from(n)])).collect();
    for (key, body) in &bodies {
        let put = store.request(Method::PUT, &path_of(key)).header("content-type", format!("image/{key}"));
        assert_eq!(put.body(body.clone()).send().await.status, 200);
    }
    let dir = close(store).await;
    let root = settings(dir.path()).dir;
    let index = fs::read(root.join("index.sqlite")).expect("an index");
    let (mut refused, mut silent) = (0, 0);
    for step in 0..36_u64 {
        let copy = TempDir::new().expect("a folder");
        copy_dir(&root, &settings(copy.path()).dir);
        flip(&settings(copy.path()).dir.join("index.sqlite"), step * 15_319 % index.len() as u64);
        let dir = settings(copy.path()).dir;
        let found = spawn_blocking(move || scrub(&dir, 0, |_| {}).map_or(1, |report| report.findings)).await;
        let is_found = found.expect("a scrub") > 0;
        let mut is_complete = false;
        if Store::open(settings(copy.path())).is_ok() {
            let store = TestStore::start_in(copy).await;
            is_complete = true;
            for (key, body) in &bodies {
                let got = store.get(key).await;
                if got.status == 200 {
                    assert_eq!((&*got.body, got.header("content-type")), (&**body, &*format!("image/{key}")), "{step}");
                } else {
                    assert!(got.status.is_client_error() || got.status.is_server_error(), "{step}: {}", got.status);
                    is_complete = false;
                }
            }
        }
        assert!(is_complete || is_found, "{step}: nobody was told");
        refused += u32::from(!is_complete);
        silent += u32::from(is_complete && !is_found);
    }
    assert!(refused > 3 && silent < 36, "the flips hit something: {refused} refused, {silent} without effect");
}

#[tokio::test]
async fn writes_that_go_on_are_no_damage() {
    let store = TestStore::start().await;
    for n in 0..20 {
        store.put(&format!("{n:02}"), photo(1)).await;
    }
    let writes = Arc::new(AtomicU32::new(0));
    let (seen, dir) = (writes.clone(), store.dir());
    let scrubbing = spawn_blocking(move || {
        let (mut reports, mut findings) = (Vec::new(), Vec::new());
        while seen.load(Ordering::Relaxed) < 60 {
            reports.push(scrub(&dir, 0, |event| findings.extend(finding(event))).expect("a scrub"));
        }
        (reports, findings)
    });
    while !scrubbing.is_finished() {
        let n = writes.fetch_add(1, Ordering::Relaxed);
        let (key, other) = (format!("{:02}", n % 20), format!("{:02}", (n + 7) % 20));
        let put = async { store.put(&key, photo(1)).await.status.as_u16() };
        let delete = async { store.delete(&other).await.status.as_u16() };
        let copy = copy(&store, &key, &other);
        let (put, delete, ()) = futures::join!(put, delete, copy);
        assert_eq!((put, delete), (200, 204));
    }
    let (reports, findings) = scrubbing.await.expect("scrubs");
    assert_eq!(findings, [""; 0]);
    assert!(reports.len() > 1 && reports.iter().all(|report| report.progress.objects > 0), "{}", reports.len());
}

#[tokio::test]
async fn it_reads_no_faster_than_it_may() {
    let store = TestStore::start().await;
    store.put("a", photo(4)).await;
    let (dir, bytes) = (store.dir(), photo(4).len() as u64);
    let report = spawn_blocking(move || scrub(&dir, bytes * 2, |_| {}).expect("a scrub")).await.expect("a thread");
    assert!(report.elapsed >= Duration::from_millis(450), "{:?}", report.elapsed);
}

#[tokio::test]
async fn files_that_no_row_names_are_counted_but_are_no_damage() {
    let store = TestStore::start().await;
    store.put("a", "x").await;
    let lost = store.dir().join("lost").join("07");
    fs::create_dir_all(&lost).expect("a folder");
    fs::write(lost.join("stray"), "of no known name").expect("a file");
    let (report, findings) = scrub_all(&store.dir()).await;
    assert_eq!((report.lost_files, findings), (1, Vec::new()));
}

#[tokio::test]
async fn the_folder_may_have_any_name() {
    let dir = close(TestStore::start().await).await;
    let odd = dir.path().join("50% of what? #1 & é");
    copy_dir(&settings(dir.path()).dir, &odd);
    assert_eq!(scrub_all(&odd).await.1, [""; 0]);
}

#[test]
fn where_there_is_no_store_none_is_made() {
    let dir = TempDir::new().expect("a folder");
    let refusal = scrub(dir.path(), 0, |_| {}).err().expect("a refusal");
    assert!(matches!(&refusal, ScrubError::NoStore(path) if path.ends_with("index.sqlite")), "{refusal}");
    assert_eq!(names(dir.path()), Vec::<PathBuf>::new());
}

async fn scrub_all(dir: &Path) -> (Report, Vec<String>) {
    let dir = dir.to_owned();
    let scrub = move || {
        let mut findings = Vec::new();
        let report = scrub(&dir, 0, |event| findings.extend(finding(event))).expect("a scrub");
        (report, findings)
    };
    spawn_blocking(scrub).await.expect("a thread")
}

fn finding(event: Event) -> Option<String> {
    match event {
        Event::Progress(_) => None,
        Event::Finding(finding) => Some(Finding::to_string(&finding)),
    }
}

async fn copy(store: &TestStore, from: &str, to: &str) {
    store.request(Method::PUT, &path_of(to)).header("x-amz-copy-source", path_of(from)).send().await;
}

async fn begin_upload(store: &TestStore, key: &str, part: &str) -> String {
    let created = store.request(Method::POST, &path_of(key)).query("uploads", "").send().await;
    let id = created.first("UploadId");
    let put = store.request(Method::PUT, &path_of(key)).query("partNumber", "1").query("uploadId", &id);
    assert_eq!(put.body(part).send().await.status, 200);
    id
}

/// Every file and folder below.
fn names(dir: &Path) -> Vec<PathBuf> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            names.extend(self::names(&path));
        }
        names.push(path);
    }
    names.sort();
    names
}

/// Copies the files below.
fn copy_dir(from: &Path, to: &Path) {
    for path in names(from).iter().filter(|path| path.is_file()) {
        let target = to.join(path.strip_prefix(from).expect("a path below"));
        fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        fs::copy(path, target).expect("copying");
    }
}
