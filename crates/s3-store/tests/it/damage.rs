//! What the disk no longer holds as it was stored is an error to whoever asks for it, never other bytes.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use http::Method;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::request::Answer;
use crate::support::{TestStore, path_of};

const BLOCK_BYTES: u64 = 256 * 1024;

#[tokio::test]
async fn no_byte_of_a_damaged_block_is_served() {
    let store = TestStore::start().await;
    let body = photo(3);
    let last = body.len() as u64 - 1;
    for place in [0, BLOCK_BYTES - 1, BLOCK_BYTES, 2 * BLOCK_BYTES + 5, last] {
        store.put("a", body.clone()).await;
        store.wait_for_files(1).await;
        flip(&store.files()[0], place);
        let block_start = (place / BLOCK_BYTES * BLOCK_BYTES) as usize;
        if block_start == 0 {
            assert_eq!(store.get("a").await.error(), (500, "InternalError".to_owned()), "{place}");
        } else {
            // Its length was promised before; the connection breaks before it is reached.
            let got = read_until_broken(&store, "a").await;
            assert!(got.len() <= block_start && got == body[..got.len()], "{place}: {} bytes", got.len());
        }
        assert_eq!(store.head("a").await.status, 200, "nothing of the file is asked for");
    }
}

#[tokio::test]
async fn a_range_is_served_where_its_own_blocks_are_sound() {
    let store = TestStore::start().await;
    let body = photo(4);
    store.put("a", body.clone()).await;
    flip(&store.files()[0], 2 * BLOCK_BYTES + 100);
    let two_blocks = (2 * BLOCK_BYTES) as usize;
    for (start, end) in
        [(0, 9), (1000, two_blocks - 1), (two_blocks - 1, two_blocks - 1), (3 * 262_144, 3 * 262_144 + 9)]
    {
        let got = range(&store, start, end).await;
        assert_eq!((got.status.as_u16(), got.body.len()), (206, end - start + 1), "{start}-{end}");
        assert!(got.body == body[start..=end], "{start}-{end}");
    }
    for (start, end) in [(two_blocks, two_blocks), (two_blocks + 200, two_blocks + 300), (3 * 262_144 - 1, 3 * 262_144)]
    {
        assert_eq!(range(&store, start, end).await.error(), (500, "InternalError".to_owned()), "{start}-{end}");
    }
    assert!(range(&store, 0, body.len() - 1).await.body.is_empty(), "it breaks off");
}

#[tokio::test]
async fn a_file_of_another_length_or_none_at_all_is_an_error_from_the_first_byte() {
    let store = TestStore::start().await;
    let body = photo(3);
    let len = body.len() as u64;
    for new_len in [Some(len - 1), Some(len + 1), Some(BLOCK_BYTES), Some(0), None] {
        store.put("a", body.clone()).await;
        store.wait_for_files(1).await;
        let file = store.files().remove(0);
        match new_len {
            Some(len) => OpenOptions::new().write(true).open(file).expect("a file").set_len(len).expect("resizing"),
            None => fs::remove_file(file).expect("removing"),
        }
        assert_eq!(store.get("a").await.error(), (500, "InternalError".to_owned()), "{new_len:?}");
        assert_eq!(range(&store, 0, 9).await.error(), (500, "InternalError".to_owned()), "{new_len:?}");
    }
}

#[tokio::test]
async fn copies_share_the_damage_and_a_new_upload_ends_it() {
    let store = TestStore::start().await;
    store.put("a", photo(1)).await;
    store.put("sound", "sound").await;
    let copy = store.request(Method::PUT, &path_of("b")).header("x-amz-copy-source", path_of("a")).send().await;
    assert_eq!(copy.status, 200, "{}", copy.text());
    let file = store.files().into_iter().find(|file| fs::metadata(file).expect("metadata").len() > 10);
    flip(&file.expect("the file of both"), 77);
    for key in ["a", "b"] {
        assert_eq!(store.get(key).await.status, 500, "{key}");
    }
    assert_eq!(store.get("sound").await.text(), "sound");

    assert_eq!(store.put("a", photo(1)).await.status, 200);
    assert_eq!(store.get("a").await.body, photo(1));
    assert_eq!(store.get("b").await.status, 500);
    store.delete("b").await;
    store.wait_for_files(2).await;
}

#[tokio::test]
async fn of_several_parts_only_the_damaged_one_is_lost() {
    let store = TestStore::start().await;
    let parts = [vec![b'1'; 5 << 20], vec![b'2'; 5 << 20], vec![b'3'; 1000]];
    upload_parts(&store, "big", &parts).await;
    let second = store.files().into_iter().find(|file| fs::read(file).expect("a part")[0] == b'2').expect("part 2");
    flip(&second, 3_000_000);

    let part = |number: usize| store.request(Method::GET, &path_of("big")).query("partNumber", &number.to_string());
    assert!(part(1).send().await.body == parts[0] && part(3).send().await.body == parts[2]);
    assert!(part(2).send().await.body.is_empty(), "it breaks off");
    let got = read_until_broken(&store, "big").await;
    assert!(got.len() < (5 << 20) + 3_000_000 && got == parts.concat()[..got.len()], "{} bytes", got.len());
}

#[tokio::test]
async fn an_object_never_shows_what_was_stored_under_another_name() {
    let changes = [
        "UPDATE objects SET content_id = 3 - content_id",
        "UPDATE pieces SET blob_id = (SELECT blob_id FROM pieces WHERE content_id = 2)",
        "UPDATE pieces SET content_id = content_id + 10",
        "UPDATE pieces SET size_bytes = size_bytes - 1",
        "UPDATE objects SET size_bytes = size_bytes - 1",
        "UPDATE objects SET headers = replace(headers, 'image/jpeg', 'text/html')",
        "UPDATE objects SET etag = replace(etag, '1', '3')",
        "UPDATE objects SET headers = '{'",
        "UPDATE pieces SET checksums = '{}'",
        "UPDATE pieces SET block_sums = zeroblob(8)",
        "UPDATE objects SET key = cast('x' || key AS BLOB)",
        "DELETE FROM pieces",
    ];
    for change in changes {
        let store = TestStore::start().await;
        for (key, body) in [("a", "alpha 1"), ("b", "beta 11")] {
            store.request(Method::PUT, &path_of(key)).header("content-type", "image/jpeg").body(body).send().await;
        }
        Connection::open(store.dir().join("index.sqlite")).expect("the index").execute(change, []).expect(change);
        for key in ["a", "b", "xa", "xb"] {
            let got = store.get(key).await;
            let is_refused = got.status == 500 || got.error() == (404, "NoSuchKey".to_owned());
            assert!(is_refused || (key == "b" && got.text() == "beta 11"), "{change}: {}", got.status);
            if change.starts_with("UPDATE objects") {
                assert_eq!(store.head(key).await.status, got.status, "{change}");
            }
        }
        assert_eq!(store.put("a", "new").await.status, 200, "{change}");
        assert_eq!(store.get("a").await.text(), "new", "{change}");
        for key in ["a", "b", "xa", "xb"] {
            assert_eq!(store.delete(key).await.status, 204, "{change}");
        }
        assert_eq!(store.keys().await, Vec::<String>::new(), "{change}");
    }
}

#[tokio::test]
async fn a_damaged_row_takes_no_file_of_another_object_along() {
    let store = TestStore::start().await;
    for key in ["a", "b", "c"] {
        store.put(key, key).await;
    }
    let index = Connection::open(store.dir().join("index.sqlite")).expect("the index");
    let change = "UPDATE pieces SET blob_id = (SELECT blob_id FROM pieces WHERE content_id = 2) WHERE content_id = 1";
    index.execute(change, []).expect(change);
    for key in ["a", "c"] {
        assert_eq!(store.delete(key).await.status, 204, "{key}");
    }
    store.wait_for_files(2).await;
    assert_eq!(store.get("b").await.text(), "b");
    assert_eq!(store.delete("b").await.status, 204);
    store.wait_for_files(1).await;
}

#[tokio::test]
async fn an_object_whose_files_nobody_counts_can_be_read_replaced_and_deleted() {
    let store = TestStore::start().await;
    store.put("a", "alpha").await;
    store.put("b", "beta").await;
    let index = Connection::open(store.dir().join("index.sqlite")).expect("the index");
    index.execute("DELETE FROM contents", []).expect("deleting");
    assert_eq!(store.get("a").await.text(), "alpha");
    assert_eq!(store.put("a", "new").await.status, 200);
    assert_eq!(store.get("a").await.text(), "new");
    assert_eq!(store.delete("b").await.status, 204);
    assert_eq!(store.keys().await, ["a"]);
}

/// Changes one bit of the file.
pub fn flip(path: &Path, place: u64) {
    let file = OpenOptions::new().read(true).write(true).open(path).expect("a file");
    let mut byte = [0];
    file.read_exact_at(&mut byte, place).expect("reading");
    file.write_all_at(&[byte[0] ^ 0x10], place).expect("writing");
}

/// Bytes for so many blocks, the last one not full, and no two blocks the same.
pub fn photo(blocks: u32) -> Vec<u8> {
    let len = u32::try_from(BLOCK_BYTES).expect("a size") * blocks - 1000;
    (0..len).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

pub async fn upload_parts(store: &TestStore, key: &str, parts: &[Vec<u8>]) {
    let created = store.request(Method::POST, &path_of(key)).query("uploads", "").send().await;
    let id = created.first("UploadId");
    let mut list = String::new();
    for (number, part) in (1..).zip(parts) {
        let put = store.request(Method::PUT, &path_of(key)).query("partNumber", &number.to_string());
        let etag = put.query("uploadId", &id).body(part.clone()).send().await.header("etag").to_owned();
        list.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"));
    }
    let body = format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
    let complete = store.request(Method::POST, &path_of(key)).query("uploadId", &id).body(body).send().await;
    assert_eq!(complete.status, 200, "{}", complete.text());
}

/// Stops the store and waits until its index is at rest.
pub async fn close(store: TestStore) -> TempDir {
    let log = store.dir().join("index.sqlite-wal");
    let dir = store.stop().await;
    crate::support::eventually("the index to be closed", || !log.exists()).await;
    dir
}

async fn range(store: &TestStore, start: usize, end: usize) -> Answer {
    store.request(Method::GET, &path_of("a")).unsigned_header("range", format!("bytes={start}-{end}")).send().await
}

/// The bytes that arrive before the store breaks the connection.
async fn read_until_broken(store: &TestStore, key: &str) -> Vec<u8> {
    let target = store.request(Method::GET, &path_of(key)).target();
    let mut socket = TcpStream::connect(store.addr).await.expect("a connection");
    let head = format!("GET {target} HTTP/1.1\r\nhost: {}\r\n\r\n", store.addr);
    socket.write_all(head.as_bytes()).await.expect("sending");
    let mut got = Vec::new();
    // A reset is one way of breaking off.
    let _ = socket.read_to_end(&mut got).await;
    // What was not sent yet when it broke never is, be it the head.
    let Some(end) = got.windows(4).position(|window| window == b"\r\n\r\n") else { return Vec::new() };
    assert!(got.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&got[..end]));
    got.split_off(end + 4)
}
