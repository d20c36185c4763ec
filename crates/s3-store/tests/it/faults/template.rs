//! Stores in the states that a run begins with, each with the requests that come next.

use std::path::Path;
use std::sync::Arc;
use std::{fs, mem};

use http::Method;
use tempfile::TempDir;

use super::check::check_objects;
use super::process::{Notes, Operation, Process, folder};
use super::workload::{Model, Step, first_steps, many_steps, one_step, prepare};
use crate::support::{BUCKET, TestStore, eventually, poll};

/// More writes than the log of the index ever holds.
const MANY: usize = 260;

/// Each run gets a copy.
pub struct Template {
    pub what: &'static str,
    /// What the start finds and clears up: files of one kind and of the other.
    pub leftovers: Leftovers,
    dir: TempDir,
    pub model: Model,
    pub steps: Vec<Step>,
    /// What a run without faults does.
    pub operations: Vec<Operation>,
    /// The numbers of those that are put to the test.
    pub numbers: Vec<usize>,
}

impl Template {
    /// Every state.
    pub async fn all() -> [Arc<Template>; 4] {
        let full = Template::full().await;
        let crashed = Template::crashed(&full).await;
        [full, Template::first().await, crashed, Template::checkpoint().await].map(Arc::new)
    }

    /// Objects and uploads, at rest; every kind of write follows.
    pub async fn full() -> Template {
        let store = start().await;
        let (model, steps) = prepare(&store).await;
        let template = Template::new("full", close(store).await, model, steps).await;
        // Where the store does one of these in another way, the library of faults has to learn it.
        let expected = [
            ("create", "store/tmp/"),
            ("write", "store/tmp/"),
            ("rename", "store/blobs/"),
            ("sync", "store/blobs/"),
            ("unlink", "store/blobs/"),
            ("write", "store/index.sqlite-wal"),
            ("sync", "store/index.sqlite-wal"),
            ("write", "store/index.sqlite"),
            ("sync", "store/index.sqlite"),
        ];
        for (kind, path) in expected {
            let is_it = |operation: &Operation| operation.kind == kind && operation.path.starts_with(path);
            assert!(template.operations.iter().any(is_it), "nobody does {kind} {path}");
        }
        template
    }

    /// Nothing: the store is made.
    async fn first() -> Template {
        let (model, steps) = first_steps();
        let mut template = Template::new("first", folder(), model, steps).await;
        // The folders for blobs are made one after the other: some of them stand for all.
        let is_shard = |at: usize| {
            let operation = &template.operations[at - 1];
            operation.kind == "mkdir" && operation.path.starts_with("store/blobs/")
        };
        let is_usual = |at: usize| is_shard(at) && is_shard(at - 1) && is_shard(at + 1) && !at.is_multiple_of(64);
        template.numbers = (1..=template.operations.len()).filter(|at| !is_usual(*at)).collect();
        template
    }

    /// What a crash left: a log, a file that nobody needs any more, half an upload, a blob without a row.
    async fn crashed(full: &Template) -> Template {
        let at = full.operations.iter().position(Operation::removes_blob).expect("a removal") + 1;
        let (dir, notes) = (full.copy(), Notes::new());
        let mut process = Process::start(dir.path(), &notes, &format!("crash-before {at}")).expect("a store");
        let mut model = full.model.clone();
        for step in &full.steps {
            let answer = (step.request)(&process.client).try_send().await;
            model.apply(step, answer.is_some_and(|answer| answer.status.is_success()));
            if step.frees > 0 {
                break;
            }
        }
        eventually("the crash", || process.has_ended()).await;
        let store = dir.path().join("store");
        fs::write(store.join("tmp").join("0198b3c4d5e67f0089abcdef01234568"), "half").expect("a leftover");
        fs::write(store.join("blobs/67/0198b3c4d5e67f0089abcdef01234567"), "of no row").expect("a leftover");
        Template::new("crashed", dir, model, one_step()).await
    }

    /// The log of the index is moved into the database while the store runs.
    async fn checkpoint() -> Template {
        let store = start().await;
        let mut template = Template::new("checkpoint", close(store).await, Model::default(), many_steps(MANY)).await;
        let is_moved = |operation: &Operation| operation.kind == "write" && operation.path == "store/index.sqlite";
        let first = template.operations.iter().position(is_moved).expect("the log is moved while the store runs");
        // The sync of the log is before it, and behind it the log begins anew.
        template.numbers.retain(|at| (first..first + 25).contains(at));
        template
    }

    /// Carries out every step without a fault.
    async fn new(what: &'static str, dir: TempDir, mut model: Model, steps: Vec<Step>) -> Template {
        for (key, _) in steps.iter().flat_map(|step| &step.shows) {
            model.objects.entry(key).or_insert_with(|| vec![None]);
        }
        let count = if what == "crashed" { 1 } else { 0 };
        let leftovers = Leftovers { trash: count, lost: count };
        let mut template = Template { what, leftovers, dir, model, steps, operations: Vec::new(), numbers: Vec::new() };
        let (dir, notes) = (template.copy(), Notes::new());
        let mut process = Process::start(dir.path(), &notes, "none 0").expect("a store");
        let mut model = template.model.clone();
        let mut leftovers = template.leftovers;
        leftovers.settle(&mut process, &notes).await;
        for step in &template.steps {
            let answer = (step.request)(&process.client).send().await;
            assert!(answer.status.is_success(), "{}: {}", step.what, answer.text());
            model.apply(step, true);
            leftovers.trash += step.frees;
            leftovers.settle(&mut process, &notes).await;
        }
        check_objects(&process.client, &model).await;
        process.stop().await;
        template.operations = notes.operations();
        template.numbers = (1..=template.operations.len()).collect();
        template
    }

    pub fn copy(&self) -> TempDir {
        let dir = folder();
        copy_tree(self.dir.path(), dir.path());
        dir
    }
}

/// A store with an empty bucket.
async fn start() -> TestStore {
    let store = TestStore::start_in(folder()).await;
    assert_eq!(store.request(Method::PUT, &format!("/{BUCKET}")).send().await.status, 200);
    store
}

async fn close(store: TestStore) -> TempDir {
    let log = store.dir().join("index.sqlite-wal");
    let dir = store.stop().await;
    eventually("the index to be closed", || !log.exists()).await;
    dir
}

/// How many files are cleared up.
#[derive(Clone, Copy, Debug)]
pub struct Leftovers {
    /// Removed, since the index calls them trash.
    pub trash: usize,
    /// Moved to `lost`, since the index does not know them.
    pub lost: usize,
}

impl Leftovers {
    /// Waits until they are cleared up, and the index knows it: so that every run has the same order.
    pub async fn settle(&self, process: &mut Process, notes: &Notes) {
        if self.trash + self.lost == 0 {
            return;
        }
        let mut size_bytes = 0;
        let is_settled = poll(|| {
            if notes.has_fault() || process.has_ended() {
                return true;
            }
            let is_same = mem::replace(&mut size_bytes, notes.size_bytes()) == size_bytes;
            !is_same && self.are_cleared(&notes.operations())
        });
        assert!(is_settled.await, "{self:?} are not cleared up: {:?}", notes.operations());
    }

    fn are_cleared(&self, operations: &[Operation]) -> bool {
        let count = |is_it: fn(&Operation) -> bool| operations.iter().filter(|operation| is_it(operation)).count();
        let mut since = operations.rsplit(|operation| operation.removes_blob() || operation.loses_blob());
        let mut since = since.next().unwrap_or_default().iter();
        let is_known = since.any(|operation| operation.kind == "sync" && operation.path.ends_with("-wal"));
        count(Operation::removes_blob) == self.trash
            && count(Operation::loses_blob) >= self.lost
            && (is_known || self.trash == 0 || self.lost > 0)
    }
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            fs::create_dir(&target).expect("a folder");
            copy_tree(&entry.path(), &target);
        } else if from.parent().is_some_and(|dir| dir.ends_with("blobs")) {
            // The store never writes to a file that has its final name.
            fs::hard_link(entry.path(), &target).expect("linking");
        } else {
            fs::copy(entry.path(), &target).expect("copying");
        }
    }
}
