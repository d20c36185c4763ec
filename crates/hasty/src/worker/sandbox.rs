//! What a worker gives up before it looks at a photo.
//!
//! - Memory: 256 MiB on top of what the program has mapped when it starts (RLIMIT_AS).
//! - Time: 5 seconds of a processor (RLIMIT_CPU). The parent bounds the time on the clock.
//! - Files: none is opened, made larger or dumped (RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CORE).
//! - On Linux also: no file system and no network at all (Landlock), only the system calls that reading, calculating
//!   and answering need (seccomp), no new privileges, and nobody else of the same user may look inside.
//!
//! Older kernels have neither Landlock nor seccomp: a worker goes on without them and says so ([`Protections`]).

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};

#[cfg(target_os = "linux")]
mod linux;

/// Memory that one photo may use, in bytes.
pub const MEMORY_BYTES: u64 = 256 << 20;
/// Time of a processor that one photo may use, in seconds.
pub const CPU_SECS: u64 = 5;
/// What a program of this kind maps when it starts; taken where the system does not say.
const MAPPED_BYTES: u64 = 64 << 20;
/// Standard input, output and error, a second handle of the input, and Landlock's while it is being set up.
const OPEN_FILES: u64 = 5;

/// Which of the protections that not every kernel has did hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protections {
    pub landlock: bool,
    pub seccomp: bool,
}

impl Protections {
    /// All that there are.
    pub const ALL: Self = Self { landlock: true, seccomp: true };
}

/// Gives all of it up, for the rest of this process's life. To be called before there is a second thread.
pub fn enter() -> io::Result<Protections> {
    let limits = [
        (Resource::As, mapped_bytes().unwrap_or(MAPPED_BYTES) + MEMORY_BYTES),
        (Resource::Fsize, 0),
        (Resource::Nofile, OPEN_FILES),
        (Resource::Core, 0),
    ];
    for (resource, limit) in limits {
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    }
    // At the first limit the kernel sends SIGXCPU, which tells the parent why; at the second one SIGKILL.
    setrlimit(Resource::Cpu, Rlimit { current: Some(CPU_SECS), maximum: Some(CPU_SECS + 1) })?;
    isolate()
}

/// The first number of /proc/self/statm counts pages (proc_pid_statm(5)).
fn mapped_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').next()?.parse().ok()?;
    pages.checked_mul(rustix::param::page_size() as u64)
}

#[cfg(target_os = "linux")]
fn isolate() -> io::Result<Protections> {
    linux::isolate()
}

/// Other systems have the limits alone.
#[cfg(not(target_os = "linux"))]
fn isolate() -> io::Result<Protections> {
    Ok(Protections { landlock: false, seccomp: false })
}
