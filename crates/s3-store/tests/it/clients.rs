//! The clients that people use, unmodified.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, TestStore};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_feels_at_home() {
    #[expect(clippy::disallowed_methods, reason = "the test runner names its interpreter; the store reads no variable")]
    let python = std::env::var("HASTY_TEST_PYTHON")
        .unwrap_or_else(|_| panic!("HASTY_TEST_PYTHON names no Python with boto3: run `cargo xtask test`"));
    let store = TestStore::start().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/boto3_client.py");
    let mut client = Command::new(python);
    client
        .arg(script)
        .env("STORE_URL", format!("http://{}", store.addr))
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy")
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || client.output()).await.expect("a thread").expect("Python runs");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    assert!(text.contains("all good"), "{text}");
    store.wait_for_files(0).await;
}
