//! The clients that people use, unmodified: each does what its users do, finds every byte again and leaves nothing.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, TestStore};

/// A case that is not about S3: it asks for a role at the security token service, which has an endpoint of its own.
const NOT_S3: &str = "Advanced/STS/test_assume_role";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_feels_at_home() {
    run_script("boto3_client.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aws_cli_feels_at_home() {
    run_script("aws_cli.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rclone_feels_at_home() {
    run_script("rclone_client.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3cmd_feels_at_home() {
    run_script("s3cmd_client.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3s_e2e_passes() {
    let store = TestStore::start().await;
    let home = tempfile::tempdir().expect("a folder");
    let mut suite = client(&given("HASTY_TEST_S3S_E2E"), &home);
    suite.args(["--json", "report.json"]).env("AWS_ENDPOINT_URL", url(&store)).env("AWS_REGION", "eu-central-1");
    let output = run(suite).await;
    let report = std::fs::read(home.path().join("report.json")).unwrap_or_else(|_| panic!("{}", text(&output)));
    let (passed, failed) = cases(&serde_json::from_slice(&report).expect("JSON"));
    assert_eq!(failed, [NOT_S3], "{}", text(&output));
    assert!(passed.len() >= 16, "{passed:?}");
    store.wait_for_files(0).await;
}

/// The cases of a report that passed, and the others.
fn cases(report: &Value) -> (Vec<String>, Vec<String>) {
    let mut cases = Vec::new();
    for suite in list(report, "suites") {
        for fixture in list(suite, "fixtures") {
            for case in list(fixture, "cases") {
                let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
                let path = format!("{}/{}/{}", name(suite), name(fixture), name(case));
                cases.push((path, case["passed"] == true));
            }
        }
    }
    let (passed, failed): (Vec<_>, Vec<_>) = cases.into_iter().partition(|(_, passed)| *passed);
    let paths = |cases: Vec<(String, bool)>| cases.into_iter().map(|(path, _)| path).collect();
    (paths(passed), paths(failed))
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("{name}: {value}"))
}

/// Runs one of the scripts beside these tests against a store of its own, which must be empty afterwards.
async fn run_script(name: &str) {
    let store = TestStore::start().await;
    let home = tempfile::tempdir().expect("a folder");
    let mut script = client(&given("HASTY_TEST_PYTHON"), &home);
    script
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("STORE_URL", url(&store))
        .env("RCLONE", given("HASTY_TEST_RCLONE"));
    let output = run(script).await;
    assert!(output.status.success(), "{}", text(&output));
    store.assert_holds_nothing().await;
}

/// A program in a home of its own: it sees no configuration, no proxy and no credentials but these.
fn client(program: &str, home: &TempDir) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .current_dir(home)
        .env("HOME", home.path())
        .env("TMPDIR", home.path())
        .env("LANG", "C.UTF-8")
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null());
    command
}

async fn run(mut command: Command) -> Output {
    let run = tokio::task::spawn_blocking(move || command.output());
    run.await.expect("a thread").expect("the client starts")
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn url(store: &TestStore) -> String {
    format!("http://{}", store.addr)
}

#[expect(clippy::disallowed_methods, reason = "the test runner names its programs; the store reads no variable")]
fn given(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} names no program: run `cargo xtask test`"))
}
