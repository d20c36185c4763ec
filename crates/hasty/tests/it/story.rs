//! The main job, end to end, on every database and every store: invite, open the link, sign, PUT straight into
//! storage, complete, list, and get back every byte.

use std::path::{Path, PathBuf};

use futures::{StreamExt, stream};
use http::StatusCode;
use metadata::Reading;
use serde_json::{Value, json};

use crate::support::{
    Call, Database, Flaky, Garage, Guest, S3_KEY_PAIR, TestApp, exactly, film, photo, sha256, signed,
};

/// Files in one policy and one complete.
const BATCH: usize = 50;
/// PUTs at once, as many as the guest's page has.
const PUTS: usize = 6;

mod sqlite {
    use super::{Database, on_embedded_store, on_external_store};

    #[tokio::test]
    async fn embedded_store() {
        on_embedded_store(Database::Sqlite).await;
    }

    #[tokio::test]
    async fn external_store() {
        on_external_store(Database::Sqlite).await;
    }
}

mod postgres {
    use super::{Database, on_embedded_store, on_external_store, on_garage, start_together_on_garage};

    #[tokio::test]
    async fn garage() {
        on_garage(Database::Postgres).await;
    }

    #[tokio::test]
    async fn garage_for_all_that_start_together() {
        start_together_on_garage().await;
    }

    #[tokio::test]
    async fn embedded_store() {
        on_embedded_store(Database::Postgres).await;
    }

    #[tokio::test]
    async fn external_store() {
        on_external_store(Database::Postgres).await;
    }
}

async fn on_embedded_store(database: Database) {
    let app = TestApp::start(database).await;
    tell(&app).await;
}

/// A second server is the S3 server here. Its bucket and the bucket's CORS rules are made at start.
async fn on_external_store(database: Database) {
    let store = TestApp::start(Database::Sqlite).await;
    let (endpoint, (id, secret)) = (store.url(), S3_KEY_PAIR);
    let flags = [
        "--s3-endpoint",
        endpoint.as_str(),
        "--s3-access-key-id",
        id,
        "--s3-secret-access-key",
        secret,
        "--s3-bucket",
        "wedding-photos",
    ];
    let app = TestApp::with(database, &flags).await;
    tell(&app).await;

    let guest = app.owner().invite("guest@example.com").await;
    let put = guest.sign("a.jpg").await.url;
    assert!(put.as_str().starts_with(&format!("{endpoint}wedding-photos/incoming/")), "{put}");
    allows_only_our_page(&app, put.as_str()).await;
    // Another address of ours finds bucket and rules, and adds its own rule.
    let second = TestApp::with(database, &[&flags[..], &["--public-url", "https://photos.example.com"]].concat()).await;
    tell(&second).await;
    assert_eq!(
        preflight(&app, put.as_str(), "https://photos.example.com").await.as_deref(),
        Some("https://photos.example.com")
    );
    allows_only_our_page(&app, put.as_str()).await;
    // A rule that lets everybody look lets nobody upload; nor one that lets everybody send, but no header with it.
    for rules in [ANYBODY_MAY_GET, ANYBODY_MAY_PUT_WITHOUT_HEADERS] {
        store.store().set_cors("wedding-photos", rules).await;
        let next = TestApp::with(database, &flags).await;
        next.client().get("/readyz").answer().await.json(200);
        allows_only_our_page(&next, put.as_str()).await;
    }
}

/// Another S3 server, whose answers are its own: three nodes, the server on one, a browser on another.
async fn on_garage(database: Database) {
    let garage = Garage::given();
    let app = TestApp::with(database, &garage.flags()).await;
    tell(&app).await;
    let guest = app.owner().invite("guest@example.com").await;
    let put = guest.sign("a.jpg").await.url;
    assert_eq!(put.origin(), garage.seen_by_browsers.origin());
    // Before it knows whose bucket is meant, Garage lets every page ask.
    let own = app.url().origin().ascii_serialization();
    assert!(preflight(&app, put.as_str(), &own).await.is_some_and(|allowed| allowed == "*" || allowed == own));
    let report = garage.examine(&app).await;
    assert!(report.contains("ok      storage: it obeys no header that was not signed"), "{report}");
    assert!(!report.contains("FAILURE storage"), "{report}");
}

/// Nobody has made the bucket yet. Garage answers 500 to some of those who do so at the same time, and may lose the name of
/// what was made on two nodes at once.
async fn start_together_on_garage() {
    let garage = Garage::given();
    let start = async |number: usize| {
        let mut flags = garage.flags();
        flags[1] = garage.nodes[number % 3].as_str();
        TestApp::with(Database::Sqlite, &flags).await
    };
    for app in futures::future::join_all((0..6).map(start)).await {
        app.client().get("/readyz").answer().await.json(200);
        let guest = app.owner().invite("guest@example.com").await;
        let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
        assert_eq!(guest.download(id).await, photo(1));
    }
}

/// Garage answers 500 or 400 to some who make the bucket while another instance does.
#[tokio::test]
async fn a_bucket_that_another_instance_makes_meanwhile() {
    let store = TestApp::start(Database::Sqlite).await;
    let flaky = Flaky::before(store.url()).await;
    let endpoint = flaky.url();
    for (bucket, status) in [("first", StatusCode::INTERNAL_SERVER_ERROR), ("second", StatusCode::BAD_REQUEST)] {
        flaky.refuse_bucket(http::Method::PUT, bucket, status, 1);
        let mut flags = vec!["--s3-endpoint", endpoint.as_str(), "--s3-bucket", bucket];
        flags.extend(["--s3-access-key-id", S3_KEY_PAIR.0, "--s3-secret-access-key", S3_KEY_PAIR.1]);
        let app = TestApp::with(Database::Sqlite, &flags).await;
        app.client().get("/readyz").answer().await.json(200);
    }
}

const ANYBODY_MAY_GET: &str = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>\
    <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";

const ANYBODY_MAY_PUT_WITHOUT_HEADERS: &str = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>\
    <AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";

async fn tell(app: &TestApp) {
    let guest = app.owner().invite("guest@example.com").await;
    let page = app.client().get(&format!("/api/upload/?access_token={}", guest.token)).answer().await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));

    let mut known = guest.images().await.len();
    let files = files();
    for batch in files.chunks(BATCH) {
        let sent = upload(&guest, batch).await;
        let images = guest.images().await;
        for (file, id) in sent {
            let image = images.iter().find(|image| image["id"] == id).unwrap();
            is_as_sent(&guest, file, image).await;
            known += 1;
        }
        assert_eq!(images.len(), known);
    }
    let large = guest.sign_large("film.jpg", film(known as u64)).await;
    guest.put_parts(&large).await;
    guest.complete(large.id).await.json(200);
    assert!(guest.download(large.id).await == large.bytes);
    nothing_changes_what_has_arrived(&guest).await;
}

/// A link that signs nothing about the bytes takes others later, too; readers never see them.
async fn nothing_changes_what_has_arrived(guest: &Guest) {
    let signed = guest.sign("first.jpg").await;
    guest.put(&signed, &photo(1)).await;
    guest.complete(signed.id).await.json(200);
    let link = guest.image(signed.id).await["image_link"].as_str().unwrap().to_owned();
    guest.put(&signed, &photo(2)).await;
    guest.complete(signed.id).await.json(200);
    assert_eq!(guest.settled(signed.id).await["sha256"], sha256(&photo(1)));
    assert_eq!(guest.client.get(&link).answer().await.body, photo(1));
    assert_eq!(guest.download(signed.id).await, photo(1));
}

/// As the guest's page does it; answers the files that could be sent, with their ids.
async fn upload<'a>(guest: &Guest, files: &'a [File]) -> Vec<(&'a File, i64)> {
    let wanted: Vec<Value> = files.iter().map(|file| exactly(&file.name, file.content_type(), &file.bytes)).collect();
    let policy = guest.policy(&json!({"files": wanted})).await.json(200);
    let items = policy["files"].as_array().unwrap();
    assert_eq!(items.len(), files.len());
    let (empty, sound): (Vec<_>, Vec<_>) = files.iter().zip(items).partition(|(file, _)| file.bytes.is_empty());
    assert!(empty.iter().all(|(_, item)| item["code"] == "file_empty"), "{empty:?}");

    let put = |(file, item): &(&'a File, &Value)| {
        let (file, signed) = (*file, signed(item));
        async move {
            let answer = guest.put(&signed, &file.bytes).await;
            assert_eq!(answer.status, 200, "{}: {}", file.name, answer.text());
            (file, signed.id)
        }
    };
    let sent: Vec<_> = stream::iter(sound.iter().map(put)).buffered(PUTS).collect().await;
    let completions: Vec<Value> = sent.iter().map(|(file, id)| file.completion(*id)).collect();
    let completed = guest.complete_with(&json!({"files": completions})).await.json(200);
    let saved: Vec<Value> = sent.iter().map(|(_, id)| json!({"id": id, "saved": true})).collect();
    assert_eq!(completed, json!({"files": saved}));
    sent
}

async fn is_as_sent(guest: &Guest, file: &File, image: &Value) {
    let expected = file.reading.file_type.map_or("application/octet-stream", metadata::FileType::mime);
    assert_eq!((&image["name"], &image["file_type"]), (&json!(file.name), &json!(expected)));
    assert_eq!((&image["size"], &image["uploaded"]), (&json!(file.bytes.len()), &json!(true)), "{}", file.name);
    for (field, value) in serde_json::to_value(&file.reading.metadata).unwrap().as_object().unwrap() {
        assert_eq!(&image[field], value, "{}: {field}", file.name);
    }
    let answer = guest.client.get(image["image_link"].as_str().unwrap()).answer().await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, expected), "{}", file.name);
    assert_eq!(sha256(&answer.body), sha256(&file.bytes), "{}", file.name);
    assert_eq!(image["sha256"], sha256(&file.bytes), "{}", file.name);
}

/// The page's origin may PUT and read the answer, others may not.
async fn allows_only_our_page(app: &TestApp, put_url: &str) {
    let own = app.url().origin().ascii_serialization();
    assert_eq!(preflight(app, put_url, &own).await.as_ref(), Some(&own));
    for foreign in ["https://evil.example.com", "null", &format!("{own}.evil.example.com")] {
        assert_eq!(preflight(app, put_url, foreign).await, None, "{foreign}");
    }
    let answer = app.client().call(http::Method::PUT, put_url).header("origin", &own).body("bytes").answer().await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (200, own.as_str()));
    assert!(answer.header("access-control-expose-headers").eq_ignore_ascii_case("etag"), "{answer:?}");
}

/// The origin that a browser would be allowed to PUT from, with the headers that our policy may ask for.
async fn preflight(app: &TestApp, url: &str, origin: &str) -> Option<String> {
    let call = app.client().call(http::Method::OPTIONS, url).header("origin", origin);
    let call = call.header("access-control-request-method", "PUT");
    let answer = call.header("access-control-request-headers", "content-type,x-amz-checksum-sha256").answer().await;
    let allowed = answer.header("access-control-allow-origin");
    (answer.status.is_success() && !allowed.is_empty()).then(|| allowed.to_owned())
}

#[derive(Debug)]
struct File {
    name: String,
    bytes: Vec<u8>,
    reading: Reading,
}

impl File {
    fn new(name: String, bytes: Vec<u8>) -> File {
        let reading = metadata::read(&bytes);
        File { name, bytes, reading }
    }

    fn content_type(&self) -> &'static str {
        self.reading.file_type.map_or("application/octet-stream", metadata::FileType::mime)
    }

    fn completion(&self, id: i64) -> Value {
        json!({"file": id, "fileSize": self.bytes.len(), "fileType": self.content_type(), "metadata": self.reading.metadata})
    }
}

/// The samples, and every photo in the folder that `HASTY_TEST_PHOTOS` names. What is none is taken, too, and gone again as
/// soon as it is examined.
fn files() -> Vec<File> {
    let samples = metadata::samples::all().into_iter().map(|sample| File::new(sample.name, sample.bytes));
    let folder = std::env::var_os("HASTY_TEST_PHOTOS").map(PathBuf::from);
    let all = samples.chain(folder.iter().flat_map(|folder| files_in(folder)));
    all.filter(|file| file.bytes.is_empty() || file.reading.file_type.is_some()).collect()
}

fn files_in(folder: &Path) -> Vec<File> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.push(File::new(name, std::fs::read(&path).unwrap()));
        }
    }
    files
}
