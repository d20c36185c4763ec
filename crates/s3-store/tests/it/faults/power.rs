//! A power cut, by the letter of POSIX: a file keeps the bytes of its last sync, a folder the names of its last sync.
//! File systems keep more, each in its own way, so whoever relies on more is lucky until somebody changes theirs.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::check::check_after_restart;
use super::process::{Notes, Process, folder};
use super::template::Template;

/// Which names are in a folder after a power cut.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    /// Those that were synced.
    Synced,
    /// All: they went to the disk ahead of the bytes of their files.
    All,
}

/// What the library of faults wrote down, see `examples/faults/records.rs`.
struct Records {
    root: String,
    /// By id and kind of record: the numbers of the operations and the records themselves, in order.
    records: HashMap<(String, String), Vec<(usize, PathBuf)>>,
}

impl Records {
    fn read(dir: &Path) -> Records {
        let mut records: HashMap<_, Vec<_>> = HashMap::new();
        for entry in fs::read_dir(dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let mut words = name.split('.').map(str::to_owned);
            if let (Some(id), Some(kind), Some(number)) = (words.next(), words.next(), words.next()) {
                records.entry((id, kind)).or_default().push((number.parse().expect("a number"), path));
            }
        }
        records.values_mut().for_each(|records| records.sort());
        Records { root: fs::read_to_string(dir.join("root")).expect("an id"), records }
    }

    /// The numbers of the operations that changed what a power cut leaves.
    fn numbers(&self, names: Names) -> Vec<usize> {
        let counts = |kind: &str| kind == "synced" || names == Names::All;
        let records = self.records.iter().filter(|((_, kind), _)| counts(kind)).flat_map(|(_, records)| records);
        let mut numbers: Vec<usize> = records.map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// The last record of this kind that is not younger than the operation.
    fn find(&self, id: &str, kind: &str, number: usize) -> Option<&Path> {
        let records = self.records.get(&(id.to_owned(), kind.to_owned()))?;
        Some(records.iter().rev().find(|(recorded, _)| *recorded <= number)?.1.as_path())
    }

    /// Makes what the power cut after this operation leaves of a folder.
    fn restore(&self, id: &str, number: usize, names: Names, dir: &Path) {
        let kind = if names == Names::Synced { "synced" } else { "named" };
        let entries = self.find(id, kind, number).map(|record| fs::read_to_string(record).expect("a record"));
        for line in entries.unwrap_or_default().lines() {
            let mut words = line.splitn(3, ' ');
            let (Some(kind), Some(id), Some(name)) = (words.next(), words.next(), words.next()) else { continue };
            let path = dir.join(name);
            if kind == "d" {
                fs::create_dir(&path).expect("a folder");
                self.restore(id, number, names, &path);
            } else {
                let bytes = self.find(id, "synced", number).map(|record| fs::read(record).expect("a record"));
                fs::write(&path, bytes.unwrap_or_default()).expect("a file");
            }
        }
    }
}

/// One run, of which every moment is looked at.
pub struct Run {
    template: Arc<Template>,
    records: Records,
    /// For each step: how many operations there were before it was sent, and after its answer.
    spans: Vec<(usize, usize)>,
    _notes: Notes,
}

impl Run {
    pub async fn record(template: Arc<Template>) -> Run {
        let (dir, notes) = (template.copy(), Notes::new());
        fs::create_dir(notes.records()).expect("a folder");
        let mut process = Process::start(dir.path(), &notes, "none 0").expect("a store");
        let mut spans = Vec::new();
        let mut leftovers = template.leftovers;
        leftovers.settle(&mut process, &notes).await;
        for step in &template.steps {
            let before = notes.operations().len();
            assert!((step.request)(&process.client).send().await.status.is_success(), "{}", step.what);
            spans.push((before, notes.operations().len()));
            leftovers.trash += step.frees;
            leftovers.settle(&mut process, &notes).await;
        }
        process.stop().await;
        let records = Records::read(&notes.records());
        Run { template, records, spans, _notes: notes }
    }

    /// The moments that differ, in words.
    pub fn cuts(&self) -> Vec<String> {
        let named = [(Names::Synced, "synced"), (Names::All, "all")];
        let cuts =
            named.map(|(names, word)| self.records.numbers(names).into_iter().map(move |at| format!("{word} {at}")));
        cuts.into_iter().flatten().collect()
    }

    /// Cuts the power, and starts the store on what is left.
    pub async fn cut(self: Arc<Run>, cut: String) -> bool {
        let (word, number) = cut.split_once(' ').expect("two words");
        let names = if word == "synced" { Names::Synced } else { Names::All };
        let number = number.parse().expect("a number");
        // The disk stays as it is until the next sync: the power is cut at the last moment before it.
        let next = self.records.numbers(names).into_iter().find(|next| *next > number).unwrap_or(usize::MAX);
        let mut model = self.template.model.clone();
        for (step, (before, after)) in self.template.steps.iter().zip(&self.spans) {
            if *before < next {
                model.apply(step, *after < next);
            }
        }
        let dir = folder();
        self.records.restore(&self.records.root, number, names, dir.path());
        check_after_restart(dir, &model).await;
        true
    }
}
