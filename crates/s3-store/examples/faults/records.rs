//! What a power cut would leave, by the letter of POSIX: the bytes of a file as of its last sync, the names in a folder
//! as of the folder's last sync. Each is kept under the number of the operation after which it holds.
//!
//! `<id>.synced.<number>` holds the bytes of a file, or the names in a folder, as last synced; `<id>.named.<number>` the
//! names in a folder, synced or not: a file system may write those earlier. A folder is a line for each entry: `d` or
//! `f`, the entry's id, its name. `root` holds the id of the folder itself.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

pub struct Records {
    folder: PathBuf,
}

impl Records {
    /// Takes what is there now for synced.
    pub fn start(folder: PathBuf, root: &Path) -> io::Result<Records> {
        let records = Records { folder };
        fs::write(records.folder.join("root"), id(&root.metadata()?))?;
        records.walk(root)?;
        Ok(records)
    }

    fn walk(&self, path: &Path) -> io::Result<()> {
        self.synced(path, 0)?;
        if path.is_dir() {
            self.named(path, 0)?;
            for entry in fs::read_dir(path)? {
                self.walk(&entry?.path())?;
            }
        }
        Ok(())
    }

    /// A file or a folder was synced.
    pub fn synced(&self, path: &Path, number: u64) -> io::Result<()> {
        let metadata = path.symlink_metadata()?;
        let record = self.folder.join(format!("{}.synced.{number}", id(&metadata)));
        if metadata.is_dir() { fs::write(record, entries(path)?) } else { fs::copy(path, record).map(drop) }
    }

    /// A folder gained or lost a name.
    pub fn named(&self, dir: &Path, number: u64) -> io::Result<()> {
        fs::write(self.folder.join(format!("{}.named.{number}", id(&dir.metadata()?))), entries(dir)?)
    }
}

fn entries(dir: &Path) -> io::Result<String> {
    let mut lines = String::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let kind = if metadata.is_dir() { 'd' } else { 'f' };
        lines.push_str(&format!("{kind} {} {}\n", id(&metadata), entry.file_name().to_string_lossy()));
    }
    Ok(lines)
}

/// The number of an inode is used again once its file is gone; the time of its making tells the two apart.
fn id(metadata: &Metadata) -> String {
    let made = metadata.created().ok().and_then(|made| made.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("{}-{}", metadata.ino(), made.as_nanos())
}
