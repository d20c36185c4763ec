//! What fails: `<mode> <number>`, where operations are numbered from 1.

use std::path::PathBuf;

use libc::{EIO, EMFILE, ENOSPC, c_int};

/// What happens to the operation of the plan's number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// It fails with EIO; a write leaves half of its bytes.
    Eio,
    /// It and all that follow fail with EIO.
    EioOn,
    /// While the file `full` exists, it and all that follow and need room fail with ENOSPC, the first write after half
    /// of its bytes.
    Full,
    /// It fails with EMFILE: the process has as many files open as it may.
    TooMany,
    /// The process ends before it; a write leaves half of its bytes.
    CrashBefore,
    /// The process ends after it.
    CrashAfter,
}

pub struct Plan {
    mode: Option<Mode>,
    at: u64,
    full: PathBuf,
    was_short: bool,
}

/// What an operation meets.
pub enum Fate {
    Passes,
    /// A write stores half of its bytes, and says so.
    IsShort,
    /// It fails with this code; a write stores half of its bytes all the same where the disk is broken.
    Fails(c_int),
    EndsBefore,
    EndsAfter,
}

impl Plan {
    /// No plan lets everything pass.
    pub fn parse(text: &str, full: PathBuf) -> Option<Plan> {
        let (mode, at) = text.split_once(' ').unwrap_or(("none", "0"));
        let mode = match mode {
            "none" => None,
            "eio" => Some(Mode::Eio),
            "eio-on" => Some(Mode::EioOn),
            "full" => Some(Mode::Full),
            "too-many" => Some(Mode::TooMany),
            "crash-before" => Some(Mode::CrashBefore),
            "crash-after" => Some(Mode::CrashAfter),
            _ => return None,
        };
        Some(Plan { mode, at: at.parse().ok()?, full, was_short: false })
    }

    /// The fate of an operation of this kind that took the count from `before` to `now`.
    pub fn fate(&mut self, kind: &str, before: u64, now: u64) -> Fate {
        let is_hit = before < self.at && self.at <= now;
        let is_behind = self.at <= now;
        match self.mode {
            Some(Mode::Eio) if is_hit => Fate::Fails(EIO),
            Some(Mode::EioOn) if is_behind => Fate::Fails(EIO),
            Some(Mode::TooMany) if is_hit => Fate::Fails(EMFILE),
            Some(Mode::CrashBefore) if is_hit => Fate::EndsBefore,
            Some(Mode::CrashAfter) if is_hit => Fate::EndsAfter,
            Some(Mode::Full) if is_behind && needs_room(kind) && self.full.exists() => {
                if kind == "write" && !self.was_short {
                    self.was_short = true;
                    return Fate::IsShort;
                }
                Fate::Fails(ENOSPC)
            }
            _ => Fate::Passes,
        }
    }
}

/// File systems reserve the room of a write that they accepted, and need none to cut a file or to remove a name.
fn needs_room(kind: &str) -> bool {
    matches!(kind, "write" | "create" | "mkdir" | "rename")
}
