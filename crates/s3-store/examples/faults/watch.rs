//! Counts the operations, logs them, and carries out the plan. One operation runs at a time, so that log and records
//! tell their true order.

use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use libc::EIO;

use crate::plan::{Fate, Plan};
use crate::records::Records;

/// How a body arrives in pieces is up to the network. So what is written to a file under `tmp` counts as one operation,
/// and as one more for each of so many bytes.
const COUNTED_BYTES: u64 = 128 * 1024;

/// An operation on a file of the folder; its path is absolute.
pub struct Operation {
    pub kind: &'static str,
    pub path: PathBuf,
    /// Of a write.
    pub bytes: u64,
    /// Folders that gain or lose a name.
    pub renames: Vec<PathBuf>,
}

struct Watch {
    dir: PathBuf,
    operations: File,
    faults: File,
    plan: Plan,
    records: Option<Records>,
    count: u64,
    written: HashMap<PathBuf, u64>,
}

static WATCH: OnceLock<Option<Mutex<Watch>>> = OnceLock::new();

thread_local! {
    /// Whether this thread is inside of the library, whose own operations do not count.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Carries an operation out, or lets it fail. `describe` gets the folder, and returns `None` for what does not count;
/// `half` writes half of what `real` would.
pub fn carry_out<T: From<i8> + PartialEq>(
    describe: impl FnOnce(&Path) -> Option<Operation>,
    real: impl Fn() -> T,
    half: impl Fn() -> T,
) -> T {
    if IS_INSIDE.replace(true) {
        return real();
    }
    let (outcome, errno) = match WATCH.get_or_init(|| start().map(Mutex::new)) {
        Some(watch) => watch.lock().unwrap_or_else(PoisonError::into_inner).run(describe, &real, half),
        None => (real(), io::Error::last_os_error()),
    };
    IS_INSIDE.set(false);
    // SAFETY: this is the calling thread's own.
    unsafe { *libc::__errno_location() = errno.raw_os_error().unwrap_or_default() };
    outcome
}

impl Watch {
    /// The outcome, and what `errno` is after it.
    fn run<T: From<i8> + PartialEq>(
        &mut self,
        describe: impl FnOnce(&Path) -> Option<Operation>,
        real: impl Fn() -> T,
        half: impl Fn() -> T,
    ) -> (T, io::Error) {
        let Some(operation) = describe(&self.dir) else { return (real(), io::Error::last_os_error()) };
        let before = self.count;
        self.count += self.steps(&operation);
        let fate = self.plan.fate(operation.kind, before, self.count);
        self.log(&operation, before, &fate);
        match fate {
            Fate::Passes => {}
            Fate::IsShort => return (half(), io::Error::last_os_error()),
            Fate::Fails(code) => {
                if code == EIO {
                    half();
                }
                return ((-1).into(), io::Error::from_raw_os_error(code));
            }
            Fate::EndsBefore => {
                half();
                end();
            }
            Fate::EndsAfter => {
                real();
                end();
            }
        }
        // Nobody pulls the plug, so a sync that goes well need not take its time.
        let outcome = if operation.kind == "sync" { 0.into() } else { real() };
        let errno = io::Error::last_os_error();
        if outcome != (-1).into() {
            self.record(&operation).expect("the records can be written");
        }
        (outcome, errno)
    }

    /// How many operations this one counts as.
    fn steps(&mut self, operation: &Operation) -> u64 {
        if operation.kind != "write" || !operation.path.parent().is_some_and(|dir| dir.ends_with("tmp")) {
            return 1;
        }
        let is_first = !self.written.contains_key(&operation.path);
        let written = self.written.entry(operation.path.clone()).or_default();
        let before = *written / COUNTED_BYTES;
        *written += operation.bytes;
        u64::from(is_first) + *written / COUNTED_BYTES - before
    }

    /// Writes a line for each number, so that lines and operations count the same.
    fn log(&mut self, operation: &Operation, before: u64, fate: &Fate) {
        let path = operation.path.strip_prefix(&self.dir).unwrap_or(&operation.path).display();
        let line = format!("{} {path}\n", operation.kind);
        // A fault is known before the operation is: whoever counts operations has seen the faults among them.
        if !matches!(fate, Fate::Passes) {
            self.faults.write_all(line.as_bytes()).expect("the log can be written");
        }
        let lines = line.repeat((before..self.count).count());
        self.operations.write_all(lines.as_bytes()).expect("the log can be written");
    }

    fn record(&self, operation: &Operation) -> io::Result<()> {
        let Some(records) = &self.records else { return Ok(()) };
        if operation.kind == "sync" {
            records.synced(&operation.path, self.count)?;
        }
        operation.renames.iter().try_for_each(|dir| records.named(dir, self.count))
    }
}

fn start() -> Option<Watch> {
    let dir = PathBuf::from(variable("FAULTS_DIR")?);
    let notes = PathBuf::from(variable("FAULTS_NOTES")?);
    let plan = variable("FAULTS_PLAN").unwrap_or_default().into_string().expect("a plan is text");
    let plan = Plan::parse(&plan, notes.join("full")).expect("a mode and a number");
    let open = |name: &str| OpenOptions::new().append(true).create(true).open(notes.join(name)).expect("a log opens");
    let records = Some(notes.join("records")).filter(|folder| folder.exists());
    let records = records.map(|folder| Records::start(folder, &dir).expect("the records can be written"));
    let (operations, faults) = (open("operations"), open("faults"));
    Some(Watch { dir, operations, faults, plan, records, count: 0, written: HashMap::new() })
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

fn end() -> ! {
    // SAFETY: it takes nothing and does not return. Nothing that the process still has to do may be done.
    unsafe { libc::_exit(9) }
}
