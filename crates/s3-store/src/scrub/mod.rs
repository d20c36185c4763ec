//! Reads everything that the store keeps and compares it with what was stored: the index, every row, every file. Disks
//! forget in silence; this finds it while there still is a backup. It takes no lock, writes nothing, and runs beside
//! a server that uses the same folder.

mod pace;

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use crate::blob_reader::{BlobReader, Damage};
use crate::blobs::path_in_store;
use crate::checksum::Algorithm;
use crate::error::Error;
use crate::index::check::{self, Name};
use crate::index::contents::{self, ContentId, Piece};
use crate::index::{self, objects, uploads};
use crate::lost;

use pace::Pace;

/// Names that are read from the index at once.
const PAGE: usize = 1_000;

/// What a scrub tells while it runs.
pub enum Event {
    /// How far it is.
    Progress(Progress),
    /// Something is not what was stored.
    Finding(Finding),
}

/// How far a scrub is.
#[derive(Clone, Copy, Default)]
pub struct Progress {
    /// Objects that were looked at, unfinished uploads among them.
    pub objects: u64,
    /// Bytes of files that were read.
    pub bytes: u64,
    /// Objects that there were at the start.
    pub total_objects: u64,
    /// Bytes that there were at the start; copies share theirs.
    pub total_bytes: u64,
}

/// Something that is not what was stored. Shown as one line.
#[derive(Debug)]
pub struct Finding {
    /// `bucket/key`, where one object is concerned and not the index.
    pub object: Option<String>,
    /// The file at fault, below the store's folder.
    pub file: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { object, file, what } = self;
        match object {
            Some(object) => write!(f, "{object}: {}: {what}", file.display()),
            None => write!(f, "{}: {what}", file.display()),
        }
    }
}

/// What a scrub has seen.
pub struct Report {
    /// How much there was to read.
    pub progress: Progress,
    /// How many findings there were.
    pub findings: u64,
    /// Files that were set aside because no row of the index names them.
    pub lost_files: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// Why there is nothing to scrub.
#[derive(Debug, thiserror::Error)]
pub enum ScrubError {
    /// There is no index; this is where it belongs.
    #[error("there is no store here: {} is missing", .0.display())]
    NoStore(PathBuf),
    /// Its folder cannot be looked at.
    #[error("cannot use the store's folder")]
    Folder(#[source] io::Error),
    /// A log waits beside the index on a file system that is mounted read-only, where SQLite cannot take it in.
    #[error("{} has a log that cannot be taken in on a read-only file system: scrub a copy", .0.display())]
    ReadOnly(PathBuf),
    /// The index cannot be opened at all.
    #[error("cannot open the store's index")]
    Index(#[from] rusqlite::Error),
    /// The index was written by another version of this program.
    #[error("the store's index has version {found}, this program knows {known}")]
    IndexVersion {
        /// The version in the file.
        found: i64,
        /// The version that this program reads.
        known: i64,
    },
}

/// Scrubs the store in `dir`, at no more than `max_bytes_per_sec` (0: as fast as it can). Blocks.
///
/// # Errors
/// Where there is no index that could be opened. All that is wrong besides is a [`Finding`].
pub fn scrub(dir: &Path, max_bytes_per_sec: u64, tell: impl FnMut(Event)) -> Result<Report, ScrubError> {
    let started = Instant::now();
    let conn = index::open_read_only(&dir.join(index::FILE))?;
    let pace = Pace::new(max_bytes_per_sec);
    let (progress, sound) = (Progress::default(), HashSet::new());
    let mut scrub = Scrub { root: dir, conn, pace, progress, findings: 0, sound, tell };
    scrub.check_index();
    scrub.check_all(check::list_objects);
    scrub.check_all(check::list_uploads);
    let Scrub { progress, findings, .. } = scrub;
    Ok(Report { progress, findings, lost_files: lost::count(dir), elapsed: started.elapsed() })
}

struct Scrub<'a, F> {
    root: &'a Path,
    conn: Connection,
    pace: Pace,
    progress: Progress,
    findings: u64,
    /// Of the contents that copies share, those that were read and are sound.
    sound: HashSet<ContentId>,
    tell: F,
}

/// What the index says of an object or an unfinished upload.
struct Shown {
    content: ContentId,
    is_shared: bool,
    pieces: Vec<Piece>,
}

impl<F: FnMut(Event)> Scrub<'_, F> {
    fn check_index(&mut self) {
        match check::totals(&self.conn) {
            Ok((objects, bytes)) => (self.progress.total_objects, self.progress.total_bytes) = (objects, bytes),
            Err(error) => self.find_in_index(format!("cannot be counted: {error}")),
        }
        match check::complaints(&self.conn) {
            Ok(complaints) => complaints.into_iter().for_each(|complaint| self.find_in_index(complaint)),
            Err(error) => self.find_in_index(error.to_string()),
        }
    }

    /// Checks everything that `list` lists, page by page.
    fn check_all(&mut self, list: impl Fn(&Connection, &Name, usize) -> Result<Vec<Name>, Error>) {
        let mut after = Name::default();
        loop {
            let page = match list(&self.conn, &after, PAGE) {
                Ok(page) => page,
                Err(error) => return self.find_in_index(format!("cannot be read beyond {after}: {error}")),
            };
            let Some(last) = page.last().cloned() else { return };
            if last <= after {
                return self.find_in_index(format!("the rows beyond {after} are out of order"));
            }
            page.iter().for_each(|name| self.check(name));
            after = last;
        }
    }

    fn check(&mut self, name: &Name) {
        match self.look_up(name) {
            // Deleted since the page was read.
            Ok(None) => return,
            Ok(Some(shown)) if self.sound.contains(&shown.content) => {}
            Ok(Some(shown)) => self.check_files(name, &shown),
            Err(error) => self.find(Some(name), Path::new(index::FILE), error.to_string()),
        }
        self.progress.objects += 1;
        (self.tell)(Event::Progress(self.progress));
    }

    fn check_files(&mut self, name: &Name, shown: &Shown) {
        let mut is_sound = true;
        for piece in &shown.pieces {
            if let Err(what) = self.read(piece)
                && self.is_shown_still(name, piece)
            {
                is_sound = false;
                self.find(Some(name), &path_in_store(piece.blob_id), what);
            }
        }
        if is_sound && shown.is_shared {
            self.sound.insert(shown.content);
        }
    }

    /// Whether the file is still needed: a missing file is no damage where its object was overwritten or deleted.
    fn is_shown_still(&self, name: &Name, piece: &Piece) -> bool {
        match self.look_up(name) {
            Ok(shown) => shown.is_some_and(|shown| shown.pieces.iter().any(|other| other.blob_id == piece.blob_id)),
            Err(_) => true,
        }
    }

    fn look_up(&self, name: &Name) -> Result<Option<Shown>, Error> {
        let tx = self.conn.unchecked_transaction()?;
        let key = str::from_utf8(&name.key).map_err(|_| Error::Damaged("its key is not UTF-8".to_owned()))?;
        let (content, pieces) = match &name.upload_id {
            None => match objects::find(&tx, &name.bucket, key)? {
                Some(object) => (object.content_id, objects::list_pieces(&tx, &object)?),
                None => return Ok(None),
            },
            Some(id) => match uploads::find(&tx, &name.bucket, key, id)? {
                Some(upload) => {
                    (upload.content_id, contents::list_pieces(&tx, upload.content_id, 0, contents::MAX_PIECES)?)
                }
                None => return Ok(None),
            },
        };
        Ok(Some(Shown { content, is_shared: contents::is_shared(&tx, content)?, pieces }))
    }

    /// Reads a whole file; an error says what is wrong with it.
    fn read(&mut self, piece: &Piece) -> Result<(), String> {
        let blob = BlobReader::open(self.root, piece).map_err(|damage| damage.to_string())?;
        // Otherwise this would compare what the memory holds, and push out of it what the server needs.
        blob.forget_cached();
        let mut sha256 = Sha256::new();
        let mut damaged: Vec<(u64, Damage)> = Vec::new();
        for number in 0..blob.block_count() {
            match blob.read_block(number) {
                Ok(block) => {
                    sha256.update(&block);
                    self.progress.bytes += block.len() as u64;
                    self.pace.spend(block.len() as u64);
                }
                Err(damage) => damaged.push((number, damage)),
            }
            (self.tell)(Event::Progress(self.progress));
        }
        blob.forget_cached();
        match damaged.as_slice() {
            [] if piece.sums.get(&Algorithm::Sha256) == Some(&BASE64_STANDARD.encode(sha256.finalize())) => Ok(()),
            [] => Err("its SHA-256 is not that of what was stored".to_owned()),
            [(_, damage)] => Err(damage.to_string()),
            [(_, damage), ..] => Err(format!("{damage}, as are {} more blocks", damaged.len() - 1)),
        }
    }

    fn find_in_index(&mut self, what: String) {
        self.find(None, Path::new(index::FILE), what);
    }

    fn find(&mut self, name: Option<&Name>, file: &Path, what: String) {
        self.findings += 1;
        (self.tell)(Event::Finding(Finding { object: name.map(Name::to_string), file: file.to_owned(), what }));
    }
}
