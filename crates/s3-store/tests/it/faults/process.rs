//! The store in a process of its own, whose file operations fail as planned.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use tempfile::TempDir;

use crate::support::client::S3Client;
use crate::support::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, eventually};

/// What the library of faults reads and writes, apart from the folder that it watches.
pub struct Notes(TempDir);

impl Notes {
    pub fn new() -> Notes {
        let notes = Notes(tempfile::tempdir().expect("a folder"));
        fs::create_dir(notes.records()).expect("a folder");
        notes
    }

    /// What the process did, the first operation first.
    pub fn operations(&self) -> Vec<Operation> {
        self.lines(|number| number != "fault")
    }

    /// What did not go well.
    pub fn faults(&self) -> Vec<Operation> {
        self.lines(|number| number == "fault")
    }

    fn lines(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<Operation> {
        let log = fs::read_to_string(self.0.path().join("log")).unwrap_or_default();
        let parse = |line: &str| {
            let mut words = line.splitn(3, ' ');
            words.next().filter(|number| is_wanted(number))?;
            Some(Operation { kind: words.next()?.to_owned(), path: words.next()?.to_owned() })
        };
        log.lines().filter_map(parse).collect()
    }

    pub fn records(&self) -> PathBuf {
        self.0.path().join("records")
    }

    /// The disk is full while this file exists.
    fn full(&self) -> PathBuf {
        self.0.path().join("full")
    }

    pub fn fill_disk(&self) {
        fs::write(self.full(), "").expect("a file");
    }

    pub fn make_room(&self) {
        fs::remove_file(self.full()).expect("removing");
    }
}

/// One operation on a file: its path begins with `store`.
#[derive(Debug)]
pub struct Operation {
    pub kind: String,
    pub path: String,
}

impl Operation {
    pub fn removes_blob(&self) -> bool {
        self.kind == "unlink" && self.path.starts_with("store/blobs")
    }

    pub fn loses_blob(&self) -> bool {
        self.kind == "rename" && self.path.starts_with("store/lost")
    }
}

pub struct Process {
    child: Child,
    pub client: S3Client,
}

impl Process {
    /// Serves `dir/store`; `None` where it ends before it serves.
    pub fn start(dir: &Path, notes: &Notes, plan: &str) -> Option<Process> {
        Process::spawn(Process::command(dir, notes, plan))
    }

    /// As `start`, without faults; keeps records of what a power cut would leave.
    pub fn start_recorded(dir: &Path, notes: &Notes) -> Option<Process> {
        let mut command = Process::command(dir, notes, "none 0");
        command.env("FAULTS_RECORDS", notes.records());
        Process::spawn(command)
    }

    fn command(dir: &Path, notes: &Notes, plan: &str) -> Command {
        let mut command = Command::new(built("serve"));
        command
            .arg(dir.join("store"))
            .arg("127.0.0.1:0")
            .env("S3_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .env("S3_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
            .env("LD_PRELOAD", built("libfaults.so"))
            .env("FAULTS_DIR", dir)
            .env("FAULTS_LOG", notes.0.path().join("log"))
            .env("FAULTS_PLAN", plan)
            .env("FAULTS_FULL", notes.full())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    fn spawn(mut command: Command) -> Option<Process> {
        let mut child = command.spawn().expect("the example starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        match line.trim().strip_prefix("listening on ") {
            Some(addr) => Some(Process { child, client: S3Client::new(addr.parse().expect("an address"), 1) }),
            None => {
                child.wait().expect("its end");
                None
            }
        }
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_some()
    }

    pub fn kill(mut self) {
        self.child.kill().expect("killing");
        self.child.wait().expect("its end");
    }

    /// Asks it to stop, and waits until it has closed its store.
    pub async fn stop(mut self) {
        let kill = Command::new("kill").arg(self.child.id().to_string()).stderr(Stdio::null()).status();
        assert!(kill.expect("kill runs").success() || self.has_ended());
        eventually("the store to stop", || self.has_ended()).await;
    }
}

/// An example of this package, beside the tests that run.
fn built(name: &str) -> PathBuf {
    const HINT: &str = "`cargo test -p s3-store` builds it, and so does `cargo build -p s3-store --examples`";
    let exe = std::env::current_exe().expect("a path");
    let path = exe.ancestors().nth(2).expect("a profile's folder").join("examples").join(name);
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    let built = modified(&path).unwrap_or_else(|error| panic!("{}: {error}: {HINT}", path.display()));
    let source = newest(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(source <= built, "{} is older than the store: {HINT}", path.display());
    path
}

fn newest(dir: &Path) -> SystemTime {
    let entries = fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path());
    let times = entries.map(|path| match path.is_dir() {
        true => newest(&path),
        false => fs::metadata(&path).and_then(|metadata| metadata.modified()).expect("a time"),
    });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}
