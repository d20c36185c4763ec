//! The store in a process of its own, whose file operations fail as planned.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use tempfile::TempDir;

use crate::support::client::S3Client;
use crate::support::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, eventually};

/// A folder in memory, if there is one: these tests make and remove half a million folders, and sync none.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a folder")
}

/// What the library of faults reads and writes, apart from the folder that it watches.
pub struct Notes(TempDir);

impl Notes {
    pub fn new() -> Notes {
        Notes(folder())
    }

    /// What the process did, the first operation first.
    pub fn operations(&self) -> Vec<Operation> {
        self.lines("operations")
    }

    /// What did not go well.
    pub fn faults(&self) -> Vec<Operation> {
        self.lines("faults")
    }

    fn lines(&self, file: &str) -> Vec<Operation> {
        let log = fs::read_to_string(self.0.path().join(file)).unwrap_or_default();
        let lines = log.lines().filter_map(|line| line.split_once(' '));
        lines.map(|(kind, path)| Operation { kind: kind.to_owned(), path: path.to_owned() }).collect()
    }

    /// Changes with each operation.
    pub fn size_bytes(&self) -> u64 {
        fs::metadata(self.0.path().join("operations")).map(|metadata| metadata.len()).unwrap_or_default()
    }

    pub fn has_fault(&self) -> bool {
        fs::metadata(self.0.path().join("faults")).is_ok_and(|metadata| metadata.len() > 0)
    }

    /// Where it writes down what a power cut would leave, if that is there.
    pub fn records(&self) -> PathBuf {
        self.0.path().join("records")
    }

    pub fn fill_disk(&self) {
        fs::write(self.0.path().join("full"), "").expect("a file");
    }

    pub fn make_room(&self) {
        fs::remove_file(self.0.path().join("full")).expect("removing");
    }
}

/// One operation on a file: its path begins with `store`.
#[derive(Debug, PartialEq)]
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
        let mut command = Command::new(built("serve"));
        command
            .arg(dir.join("store"))
            .arg("127.0.0.1:0")
            .env("S3_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .env("S3_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
            .env("LD_PRELOAD", built("libfaults.so"))
            .env("FAULTS_DIR", dir)
            .env("FAULTS_NOTES", notes.0.path())
            .env("FAULTS_PLAN", plan);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the example starts");
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
