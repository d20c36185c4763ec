//! The data folder: who may look into it, and how much room its disk has.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::Report;
use crate::app;
use crate::config::Config;

/// Secrets that a start has made.
const PRIVATE_FILES: [&str; 3] = ["owner-key", "secret", "s3-key"];
const LITTLE_ROOM_BYTES: u64 = 2 << 30;
const NO_ROOM_BYTES: u64 = 64 << 20;

pub(super) fn examine(config: &Config, report: &mut Report<'_>) {
    let folder = &config.place.data_dir;
    match app::is_there(folder) {
        Ok(true) => {}
        Ok(false) => return report.ok(format!("{} is not there yet: the first start makes it", folder.display())),
        Err(error) => return report.fail(format!("{error:#}"), "run it as the user that the server runs as"),
    }
    for path in PRIVATE_FILES.map(|file| folder.join(file)) {
        if let Some(mode) = mode(&path).filter(|mode: &u32| mode & 0o077 != 0) {
            report.fail(
                format!("others may look into {} (mode {mode:o})", path.display()),
                format!("run: chmod 600 {}", path.display()),
            );
        }
    }
    if let Some(mode) = mode(folder).filter(|mode: &u32| mode & 0o077 != 0) {
        report.warn(
            format!("others may look into {} (mode {mode:o})", folder.display()),
            format!("run: chmod 700 {}", folder.display()),
        );
    }
    room(config, report);
}

fn mode(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|metadata| metadata.permissions().mode() & 0o777)
}

pub(super) fn room(config: &Config, report: &mut Report<'_>) {
    let folder = config.place.data_dir.display();
    let free_bytes = match rustix::fs::statvfs(&config.place.data_dir) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => return report.fail(format!("{folder} cannot be looked at: {error}"), "mend the disk"),
    };
    let what = format!("{} MB are free for {folder}", free_bytes / 1_000_000);
    let fix = "make room, or move the data folder to a larger disk";
    // A photo is received whole before it is examined, wherever it is stored.
    let needed = NO_ROOM_BYTES.max(config.max_file_bytes);
    match free_bytes {
        free if free < needed => report.fail(format!("{what}: less than the largest file that is accepted"), fix),
        free if free < needed + LITTLE_ROOM_BYTES => report.warn(what, fix),
        _ => report.ok(what),
    }
}
