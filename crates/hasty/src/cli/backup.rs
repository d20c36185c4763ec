//! `hasty backup`: all photos and rows in a folder, while the server goes on.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::archive;
use crate::app::make_private_dir;
use crate::config::{Config, STORE_FOLDER};
use crate::db::{SQLITE_FILE, agreements};
use crate::domain::archive::{RowsFile, Seal, Shelf};
use crate::secrets::{self, Secrets};
use crate::storage::key::Shape;

/// What is in the folder; written last.
const LABEL: &str = "backup.json";
const LOCK: &str = "lock";
const OBJECTS: &str = "objects";
const OBJECT_FOLDERS: [&str; 2] = ["photos", "previews"];
const UNFINISHED_ROWS: &str = "rows.jsonl.new";

/// What `hasty backup` can be told, besides what the server is told.
#[derive(Args)]
pub struct Settings {
    /// The folder; what it holds of an earlier backup is not copied again. It holds the server's keys in clear, too: keep
    /// it as safe as the server
    dir: PathBuf,

    /// Then remove from the folder what the server no longer has, such as photos that were deleted; those whose links
    /// still hold (HASTY_LINK_HOURS) stay until a later one
    #[arg(long)]
    prune: bool,

    #[command(flatten, next_help_heading = "The server's settings")]
    config: Config,
}

/// What the label says.
#[derive(Serialize, Deserialize)]
pub struct Label {
    /// Of the tables.
    pub version: i64,
    #[serde(flatten)]
    pub seal: Seal,
    pub objects: u64,
    /// Objects that were named, since they could not be taken.
    pub left_out: u64,
}

/// The parts of a backup. Whoever writes one is alone with it.
pub struct Backup {
    dir: PathBuf,
    _lock: Option<File>,
}

impl Backup {
    /// Fails while it is being written.
    pub fn read(dir: &Path) -> Result<Backup> {
        // A copy of a backup may lie where nobody can write.
        let lock = match File::open(dir.join(LOCK)) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            lock => Some(lock.with_context(|| format!("cannot look into {}", dir.display()))?),
        };
        if let Some(lock) = &lock {
            locked(lock.try_lock_shared(), dir)?;
        }
        Ok(Backup { dir: dir.to_owned(), _lock: lock })
    }

    fn begin(dir: &Path) -> Result<Backup> {
        ensure_own_folder(dir)?;
        make_private_dir(dir)?;
        let path = dir.join(LOCK);
        let lock = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        locked(lock.try_lock(), dir)?;
        let backup = Backup { dir: dir.to_owned(), _lock: Some(lock) };
        let objects = dir.join(OBJECTS);
        for folder in OBJECT_FOLDERS {
            fs::create_dir_all(objects.join(folder))
                .with_context(|| format!("cannot make a folder in {}", objects.display()))?;
            remove_unfinished(&objects.join(folder))?;
        }
        remove_unfinished(dir)?;
        sync(&objects)?;
        sync(dir)?;
        Ok(backup)
    }

    pub fn label(&self) -> Result<Label> {
        let file = self.dir.join(LABEL);
        let text = fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read: there is no finished backup", file.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is damaged", file.display()))
    }

    /// Those that the label was written for, to the last letter.
    pub fn rows(&self, label: &Label) -> Result<RowsFile> {
        let path = self.rows_path(&label.seal);
        let rows = RowsFile::at(&path);
        let seal = rows.seal().with_context(|| format!("cannot read {}", path.display()))?;
        if seal != label.seal {
            bail!(
                "{} is damaged: it is not what {LABEL} was written for. Back up into this folder again, or take another \
                 copy of it",
                path.display()
            );
        }
        Ok(rows)
    }

    pub fn objects(&self) -> Shelf {
        Shelf::Folder(self.dir.join(OBJECTS))
    }

    /// Rows have a name of their own for each backup, so that the label leads to whole ones at every moment.
    fn rows_path(&self, seal: &Seal) -> PathBuf {
        let name: String = seal.sha256.chars().filter(char::is_ascii_alphanumeric).collect();
        self.dir.join(format!("rows-{name}.jsonl"))
    }

    /// Two in one folder would take each other's rows and secrets away.
    fn ensure_same_installation(&self, rows: &RowsFile) -> Result<()> {
        let earlier =
            self.label().and_then(|label| Ok(RowsFile::at(self.rows_path(&label.seal)).agreement(agreements::SECRET)?));
        // An earlier backup that cannot be read is replaced.
        if let Ok(earlier) = earlier
            && earlier != rows.agreement(agreements::SECRET)?
        {
            bail!("{} holds a backup of another installation: use another folder", self.dir.display());
        }
        Ok(())
    }

    /// From here on this backup is the one in the folder.
    fn finish(&self, label: &Label) -> Result<()> {
        let rows = self.rows_path(&label.seal);
        fs::rename(self.dir.join(UNFINISHED_ROWS), &rows).with_context(|| format!("cannot make {}", rows.display()))?;
        sync(&self.dir)?;
        let write = || -> Result<()> {
            let mut part = tempfile::NamedTempFile::new_in(&self.dir)?;
            serde_json::to_writer(&mut part, label)?;
            part.as_file().sync_all()?;
            part.persist(self.dir.join(LABEL))?;
            Ok(())
        };
        write().with_context(|| format!("cannot write {LABEL} in {}", self.dir.display()))?;
        sync(&self.dir)?;
        let is_old = |name: &str| name.starts_with("rows-") && name.ends_with(".jsonl") && !rows.ends_with(name);
        remove_files(&self.dir, is_old)?;
        Ok(())
    }

    /// Removes the photos and previews that the rows do not name, and answers how many. Files of other names stay.
    fn prune(&self, rows: &RowsFile) -> Result<u64> {
        let named = rows.wanted()?.map(|wanted| Ok(short(&wanted?.key))).collect::<Result<HashSet<_>>>()?;
        let mut removed = 0;
        for folder in OBJECT_FOLDERS {
            removed += remove_files(&self.dir.join(OBJECTS).join(folder), |name| {
                let key = format!("{folder}/{name}");
                Shape::of(&key).is_some() && !named.contains(&short(&key))
            })?;
        }
        Ok(removed)
    }
}

pub fn run(settings: &Settings) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(back_up(settings))
}

async fn back_up(Settings { config, dir, prune }: &Settings) -> Result<ExitCode> {
    let mistakes = config.mistakes();
    if !mistakes.is_empty() {
        bail!("the configuration needs a change:\n  {}", mistakes.join("\n  "));
    }
    let db = archive::source_database(config).await?;
    let backup = Backup::begin(dir)?;
    let from = Shelf::Bucket(Box::new(archive::source_storage(config).await?));
    // The rows of an earlier backup stay until all that the new ones name is there.
    let (rows, contents) = RowsFile::write(dir.join(UNFINISHED_ROWS), &db).await?;
    backup.ensure_same_installation(&rows)?;
    Secrets::back_up(config, dir)?;
    let progress = archive::carry(&rows, &from, &backup.objects(), dir).await?;
    let (version, seal) = (contents.version, contents.seal);
    let label = Label { version, seal, objects: progress.objects, left_out: progress.findings };
    backup.finish(&label)?;
    let mut out = stdout().lock();
    writeln!(out, "{} rows, {}", label.seal.rows, archive::words(progress))?;
    if *prune {
        let removed = backup.prune(&backup.rows(&label)?)?;
        writeln!(out, "{removed} objects that the server no longer has were removed")?;
    }
    if config.secret.is_some() {
        writeln!(out, "HASTY_SECRET is not in it: keep it elsewhere, the links of all invitations depend on it")?;
    }
    Ok(archive::status(progress))
}

/// A folder that something else is kept in would get this server's secrets over those that it holds.
fn ensure_own_folder(dir: &Path) -> Result<()> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| format!("cannot look into {}", dir.display()))?,
    };
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names: HashSet<String> = names.collect::<Result<_>>().with_context(|| dir.display().to_string())?;
    // The root of an ext4 disk holds it, and that disk may be for backups alone.
    names.remove("lost+found");
    if names.contains(SQLITE_FILE) || names.contains(STORE_FOLDER) {
        bail!("{} is the data folder of a server: use another folder for the backup", dir.display());
    }
    if names.is_empty() || names.contains(LABEL) {
        return Ok(());
    }
    // What was cut off has begun with the lock.
    let is_part = |name: &String| {
        [LOCK, OBJECTS].contains(&name.as_str())
            || name.starts_with("rows")
            || name.starts_with(".tmp")
            || secrets::is_secret_file(name)
    };
    match names.iter().find(|name| !names.contains(LOCK) || !is_part(name)) {
        Some(other) => bail!(
            "{} holds {}, which is of no backup: use a folder that is empty, or not there yet",
            dir.display(),
            other.escape_debug()
        ),
        None => Ok(()),
    }
}

fn locked(result: Result<(), TryLockError>, dir: &Path) -> Result<()> {
    match result {
        Err(TryLockError::WouldBlock) => bail!("another command works with the backup in {}", dir.display()),
        result => result.with_context(|| format!("cannot lock {}", dir.join(LOCK).display())),
    }
}

/// What a backup has left that was killed.
fn remove_unfinished(dir: &Path) -> Result<()> {
    remove_files(dir, |name| name.starts_with(".tmp"))?;
    Ok(())
}

/// Answers how many.
fn remove_files(dir: &Path, is_old: impl Fn(&str) -> bool) -> Result<u64> {
    let mut removed = 0;
    for entry in fs::read_dir(dir).with_context(|| format!("cannot look into {}", dir.display()))? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(&is_old) {
            fs::remove_file(entry.path()).with_context(|| format!("cannot remove {}", entry.path().display()))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Of each of millions of keys a few bytes stay in memory.
fn short(key: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(key)[..16]);
    short
}

fn sync(dir: &Path) -> Result<()> {
    File::open(dir).and_then(|dir| dir.sync_all()).with_context(|| format!("cannot sync {}", dir.display()))
}
