//! The real binary: what it says, what it keeps, and how it ends.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::support::{Call, Client, Hasty, OWNER_KEY, Owner, blobs, hasty_command, path_and_query, photo};

#[tokio::test]
async fn says_where_it_listens_and_where_the_owner_key_is() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("made/by it");
    let (_hasty, url, greeting) = Hasty::start(&data, &[]).await;
    Client::new(url).get("/healthz").answer().await.is(200, r#"{"status":"ok"}"#);

    let key_file = data.join("owner-key");
    assert!(greeting.contains(key_file.to_str().unwrap()), "{greeting}");
    let key = std::fs::read_to_string(&key_file).unwrap();
    assert!(key.trim().len() >= 32 && !greeting.contains(key.trim()), "the output of a service is a log");
    for (path, mode) in [("owner-key", 0o600), ("secret", 0o600), ("s3-key", 0o600), ("", 0o700)] {
        let found = std::fs::metadata(data.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{path}: {found:o}");
    }
}

#[tokio::test]
async fn is_not_ready_from_a_database_write_that_failed_to_the_next_that_succeeds() {
    let data = TempDir::new().unwrap();
    let (hasty, url, _) = Hasty::start(data.path(), &[("HASTY_OWNER_KEY", OWNER_KEY)]).await;
    let client = Client::new(url);
    let guest = Owner::new(client.clone(), OWNER_KEY).invite("guest@example.com").await;

    hasty.limit_files("1");
    guest.policy(&serde_json::json!({"filename": "a.jpg"})).await.error(500, "internal");
    client.get("/readyz").answer().await.error(503, "busy");
    assert_eq!(guest.get("/api/images/").answer().await.json(200), serde_json::json!([]), "reading goes on");

    hasty.limit_files("unlimited");
    guest.sign("a.jpg").await;
    client.get("/readyz").answer().await.is(200, r#"{"status":"ok"}"#);
}

#[tokio::test]
async fn logs_no_secret_at_any_level() {
    let data = TempDir::new().unwrap();
    let (mut hasty, url, _) =
        Hasty::start(data.path(), &[("HASTY_LOG", "trace"), ("HASTY_OWNER_KEY", OWNER_KEY)]).await;
    let owner = Owner::new(Client::new(url), OWNER_KEY);
    let guest = owner.invite("guest@example.com").await;
    owner.client.get(&guest.link).answer().await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let link = guest.image(id).await["image_link"].as_str().unwrap().to_owned();
    owner.client.get(&link).answer().await;
    let in_query = format!("/api/images/999/?access_token={}", guest.token);
    owner.client.get(&in_query).answer().await.error(404, "not_found");
    owner.client.get(&link.replace("Signature=", "Signature=0")).answer().await;
    let session = owner.client.post("/api/session/").json(&serde_json::json!({"key": OWNER_KEY})).answer().await;
    let cookie = session.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned();
    owner.client.get("/api/invitation/").header("cookie", format!("hasty_session={cookie}")).answer().await.json(200);

    let (_, log) = hasty.stop().await;
    assert!(log.contains("/api/images/999"), "the log has the requests: {log}");
    let kept = |file: &str| std::fs::read_to_string(data.path().join(file)).unwrap().trim().to_owned();
    let (secret, s3_secret) = (kept("secret"), kept("s3-key").split_once(':').unwrap().1.to_owned());
    let signature = link.split("X-Amz-Signature=").nth(1).unwrap().to_owned();
    for (name, needle) in [
        ("token", &guest.token),
        ("owner key", &OWNER_KEY.to_owned()),
        ("secret", &secret),
        ("S3 secret", &s3_secret),
        ("signature", &signature),
        ("session", &cookie),
    ] {
        let line = log.lines().find(|line| line.contains(needle.as_str()));
        assert_eq!(line, None, "the log holds a {name}");
    }
}

#[tokio::test]
async fn health_tells_a_server_that_answers_from_one_that_does_not() {
    let data = TempDir::new().unwrap();
    let (mut hasty, url, _) = Hasty::start(data.path(), &[]).await;
    let listen = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let health = async |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hasty"));
        command.arg("health").args(arguments).env_clear().env("HASTY_LISTEN", &listen);
        spawn_blocking(move || command.output().unwrap()).await.unwrap().status.code()
    };
    assert_eq!((health(&[]).await, health(&["--ready"]).await), (Some(0), Some(0)));
    hasty.stop().await;
    assert_eq!((health(&[]).await, health(&["--ready"]).await), (Some(1), Some(1)));
}

#[tokio::test]
async fn keeps_everything_over_a_stop_and_a_kill() {
    let data = TempDir::new().unwrap();
    let environment = [("HASTY_OWNER_KEY", OWNER_KEY)];
    let (mut hasty, url, _) = Hasty::start(data.path(), &environment).await;
    let guest = Owner::new(Client::new(url), OWNER_KEY).invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let (status, log) = hasty.stop().await;
    assert!(status.success(), "{status}: {log}");

    let (mut hasty, url, _) = Hasty::start(data.path(), &environment).await;
    let owner = Owner::new(Client::new(url), OWNER_KEY);
    let again = owner.invite("guest@example.com").await;
    assert_eq!(again.token, guest.token);
    assert_eq!(again.download(id).await, photo(1));
    let second = again.upload_jpeg("b.jpg", &photo(2)).await;
    hasty.kill().await;

    let (_hasty, url, _) = Hasty::start(data.path(), &environment).await;
    let guest = Owner::new(Client::new(url), OWNER_KEY).invite("guest@example.com").await;
    assert_eq!(guest.images().await.len(), 2);
    assert_eq!((guest.download(id).await, guest.download(second).await), (photo(1).into(), photo(2).into()));
    guest.client.get(&path_and_query(&guest.link)).answer().await;
}

#[tokio::test]
async fn a_server_that_is_killed_goes_on_with_what_it_examined_and_shows_each_photo_once() {
    let data = TempDir::new().unwrap();
    let environment = [("HASTY_OWNER_KEY", OWNER_KEY)];
    let mut ids = Vec::new();
    for round in 0..4 {
        let (mut hasty, url, _) = Hasty::start(data.path(), &environment).await;
        let guest = Owner::new(Client::new(url), OWNER_KEY).invite("guest@example.com").await;
        for number in 0..8 {
            ids.push(guest.upload_jpeg("a.jpg", &photo(round * 8 + number)).await);
        }
        hasty.kill().await;
    }
    let (mut hasty, url, _) = Hasty::start(data.path(), &environment).await;
    let guest = Owner::new(Client::new(url), OWNER_KEY).invite("guest@example.com").await;
    for (number, id) in (0..).zip(ids) {
        let image = guest.settled(id).await;
        assert_eq!((&image["state"], &image["warnings"]), (&json!("ready"), &json!([])), "{image}");
        assert_eq!(guest.download(id).await, photo(number));
    }
    assert_eq!(guest.images().await.len(), 32);
    let (status, log) = hasty.stop().await;
    assert!(status.success() && !log.contains("ERROR"), "{log}");
    let mut stats = Command::new(env!("CARGO_BIN_EXE_hasty"));
    stats.args(["stats", "--rebuild"]).env_clear().env("HASTY_DATA_DIR", data.path());
    let output = spawn_blocking(move || stats.output().unwrap()).await.unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), &b"All counts are right.\n"[..]));
}

#[tokio::test]
async fn names_every_mistake_of_its_configuration_at_once() {
    let data = TempDir::new().unwrap();
    let mut command = hasty_command(
        data.path(),
        &[("HASTY_OWNER_KEY", "short"), ("HASTY_PUBLIC_URL", "https://example.com/path"), ("HASTY_S3_BUCKET", "api")],
    );
    let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    for name in ["HASTY_OWNER_KEY", "HASTY_PUBLIC_URL", "HASTY_S3_BUCKET"] {
        assert!(error.contains(name), "{name}: {error}");
    }
    assert!(!error.contains("short") && !error.contains("panicked"), "{error}");
}

#[tokio::test]
async fn two_servers_never_share_a_folder() {
    let data = TempDir::new().unwrap();
    let (_hasty, _, _) = Hasty::start(data.path(), &[]).await;
    refuses_to_start(data.path(), &[], "another process").await;
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_not_replaced() {
    let data = TempDir::new().unwrap();
    Hasty::start(data.path(), &[]).await.0.stop().await;
    for name in ["secret", "owner-key", "s3-key"] {
        let file = data.path().join(name);
        let kept = std::fs::read(&file).unwrap();
        std::fs::write(&file, b"\xff\xfe").unwrap();
        refuses_to_start(data.path(), &[], name).await;
        assert_eq!(std::fs::read(&file).unwrap(), b"\xff\xfe");
        std::fs::write(&file, kept).unwrap();
    }
}

#[tokio::test]
async fn a_store_whose_database_is_gone_is_not_served_with_a_new_one() {
    let data = TempDir::new().unwrap();
    Hasty::start(data.path(), &[]).await.0.stop().await;
    let file = data.path().join("hasty.sqlite3");
    let kept = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    refuses_to_start(data.path(), &[], "hasty.sqlite3 is missing").await;
    std::fs::write(&file, b"").unwrap();
    refuses_to_start(data.path(), &[], "hasty.sqlite3 is missing").await;
    std::fs::write(&file, kept).unwrap();
    Hasty::start(data.path(), &[]).await.0.stop().await;
}

#[tokio::test]
async fn another_secret_does_not_serve_the_same_database() {
    let data = TempDir::new().unwrap();
    let (mut hasty, url, _) = Hasty::start(data.path(), &[]).await;
    // Once it answers, the database knows its secret.
    assert_eq!(Client::new(url).get("/readyz").answer().await.status, 200);
    hasty.stop().await;
    let other = "another secret of thirty-two letters";
    refuses_to_start(data.path(), &[("HASTY_SECRET", other)], "HASTY_SECRET").await;
    let kept = std::fs::read_to_string(data.path().join("secret")).unwrap();
    Hasty::start(data.path(), &[("HASTY_SECRET", kept.trim())]).await.0.stop().await;
}

#[tokio::test]
async fn a_secret_that_is_lost_is_not_replaced_by_a_new_one() {
    let data = TempDir::new().unwrap();
    let (mut hasty, url, _) = Hasty::start(data.path(), &[]).await;
    assert_eq!(Client::new(url).get("/readyz").answer().await.status, 200);
    hasty.stop().await;
    let file = data.path().join("secret");
    std::fs::remove_file(&file).unwrap();
    for _ in 0..2 {
        refuses_to_start(data.path(), &[], "restore the file \"secret\"").await;
        assert!(!file.exists(), "nobody may take it for the right one");
    }
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_named_without_what_is_secret_in_them() {
    let data = TempDir::new().unwrap();
    for (name, value, needle) in [
        ("HASTY_DATABASE_URL", "postgress://hasty:hush@127.0.0.1:1/hasty", "postgres://user:password@host"),
        ("HASTY_DATABASE_URL", "postgres://hasty:hush@127.0.0.1:port/hasty", "%2F"),
        ("HASTY_DATABASE_URL", "hasty:hush@127.0.0.1/hasty", "postgres://user:password@host"),
        ("HASTY_PUBLIC_URL", "https://owner:hush@photos.example.com", "HASTY_PUBLIC_URL"),
        ("HASTY_S3_ENDPOINT", "ftp://key:hush@s3.example.com", "HASTY_S3_ENDPOINT"),
        ("HASTY_S3_ENDPOINT", "https://key:hush@s3.example.com:port", "HASTY_S3_ENDPOINT: use http"),
        ("HASTY_S3_ENDPOINT", "key:hush@s3.example.com", "HASTY_S3_ENDPOINT: it must be"),
        ("HASTY_OTLP_ENDPOINT", "http://key:hush@127.0.0.1:4318", "OTEL_EXPORTER_OTLP_HEADERS"),
        ("HASTY_LOG", "hasty=hush", "HASTY_LOG"),
    ] {
        let mut command = hasty_command(data.path(), &[(name, value)]);
        let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(needle), "{name}={value}: {error}");
        assert!(name == "HASTY_LOG" || !error.contains("hush"), "{name}={value}: {error}");
    }
    let mut command = hasty_command(data.path(), &[("HASTY_PUBLIC_URL", "photos.example.com")]);
    let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("such as https://photos.example.com"));
}

#[tokio::test]
async fn a_setting_that_is_empty_is_not_set() {
    let data = TempDir::new().unwrap();
    let empty =
        ["HASTY_PUBLIC_URL", "HASTY_DATABASE_URL", "HASTY_OWNER_KEY", "HASTY_METRICS_LISTEN", "HASTY_INGEST_JOBS"];
    let (_hasty, url, _) = Hasty::start(data.path(), &empty.map(|name| (name, ""))).await;
    assert_eq!(Client::new(url).get("/readyz").answer().await.status, 200);
}

#[tokio::test]
async fn listening_everywhere_needs_an_address_for_the_links() {
    let data = TempDir::new().unwrap();
    refuses_to_start(data.path(), &[("HASTY_LISTEN", "0.0.0.0:0")], "HASTY_PUBLIC_URL").await;
}

#[tokio::test]
async fn a_database_is_private_even_in_a_folder_that_is_not() {
    let data = TempDir::new().unwrap();
    std::fs::set_permissions(data.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (_hasty, _, _) = Hasty::start(data.path(), &[]).await;
    for name in ["hasty.sqlite3", "hasty.sqlite3-wal", "hasty.sqlite3-shm"] {
        let mode = std::fs::metadata(data.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}: {mode:o}");
    }
}

#[tokio::test]
async fn help_teaches_every_setting() {
    let data = TempDir::new().unwrap();
    let mut help = Command::new(env!("CARGO_BIN_EXE_hasty"));
    help.args(["serve", "--help"]).env_clear().env("HASTY_OWNER_KEY", OWNER_KEY).current_dir(data.path());
    let output = spawn_blocking(move || help.output().unwrap()).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for name in [
        "LISTEN",
        "PUBLIC_URL",
        "DATA_DIR",
        "OWNER_KEY",
        "SECRET",
        "OPEN_INVITATIONS",
        "DATABASE_URL",
        "S3_ENDPOINT",
        "S3_PUBLIC_ENDPOINT",
        "S3_BUCKET",
        "S3_REGION",
        "S3_ACCESS_KEY_ID",
        "S3_SECRET_ACCESS_KEY",
        "INVITATION_DAYS",
        "LINK_HOURS",
        "MAX_FILE_BYTES",
        "TRUSTED_PROXIES",
        "LOG_FORMAT",
        "METRICS_LISTEN",
    ] {
        assert!(text.contains(&format!("HASTY_{name}")), "{name}: {text}");
    }
    assert!(!text.contains(OWNER_KEY), "{text}");
}

#[tokio::test]
async fn scrub_tells_a_sound_store_from_a_damaged_one_beside_a_running_server() {
    let data = TempDir::new().unwrap();
    let (status, _, error) = scrub(data.path(), &[]).await;
    assert!(status == Some(1) && error.contains("there is no store here"), "{error}");
    assert!(std::fs::read_dir(data.path()).unwrap().next().is_none(), "none is made");

    let environment = [("HASTY_OWNER_KEY", OWNER_KEY), ("HASTY_INGEST_JOBS", "0")];
    let (mut hasty, url, _) = Hasty::start(data.path(), &environment).await;
    let guest = Owner::new(Client::new(url), OWNER_KEY).invite("guest@example.com").await;
    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let (status, output, error) = scrub(data.path(), &[]).await;
    assert_eq!((status, error.as_str()), (Some(0), ""), "{output}");
    assert!(output.contains(" objects, ") && output.ends_with(": all sound\n"), "{output}");

    let file = blobs(data.path()).remove(0);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[10] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let link = guest.image(id).await["image_link"].as_str().unwrap().to_owned();
    assert_eq!(guest.client.get(&path_and_query(&link)).answer().await.status, 500);
    let (status, output, _) = scrub(data.path(), &[("HASTY_SCRUB_RATE", "0")]).await;
    assert_eq!(status, Some(1), "{output}");
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(output.starts_with("damaged: hasty-media/") && output.contains(name), "{output}");
    assert!(output.contains("block 0 is not what was stored") && output.contains(": damage found: "), "{output}");
    let (_, log) = hasty.stop().await;
    assert!(log.contains(name) && log.contains("block 0 is not what was stored"), "{log}");

    assert_eq!(scrub(data.path(), &[]).await.0, Some(1), "without a server too");
    let (status, _, error) = scrub(data.path(), &[("HASTY_S3_ENDPOINT", "https://s3.example.com")]).await;
    assert!(status == Some(1) && error.contains("https://s3.example.com"), "{error}");
}

/// The server ends at once, and says why in words that hold `needle`.
pub async fn refuses_to_start(data_dir: &Path, environment: &[(&str, &str)], needle: &str) {
    let mut command = hasty_command(data_dir, environment);
    let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains(needle) && !error.contains("panicked"), "{error}");
}

/// Runs `hasty scrub`. Answers its status, its output and what it says of errors.
async fn scrub(data_dir: &Path, environment: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hasty"));
    command.arg("scrub").env_clear().env("HASTY_DATA_DIR", data_dir).envs(environment.iter().copied());
    let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
