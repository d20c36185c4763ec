//! The functions of libc that change files, as Rust's standard library and SQLite call them. Each has the name and the
//! arguments of the one that it stands in front of.

use std::ffi::{CStr, OsStr};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::OnceLock;

use libc::{O_CREAT, c_char, c_int, c_void, iovec, mode_t, off64_t, size_t, ssize_t};

use crate::watch::{Operation, carry_out};

/// Defines functions, each with the operation that it is and, where it writes, the arguments that write half as much.
macro_rules! interpose {
    ($(fn $name:ident($($arg:ident: $type:ty),*) -> $output:ty { $operation:expr $(, half($($half:expr),*))? })+) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($($arg: $type),*) -> $output {
            type Function = unsafe extern "C" fn($($type),*) -> $output;
            static REAL: OnceLock<Function> = OnceLock::new();
            let real = *REAL.get_or_init(|| {
                let name = concat!(stringify!($name), "\0").as_ptr().cast();
                // SAFETY: libc has a function of this name and type: somebody just called it.
                unsafe { std::mem::transmute::<*mut c_void, Function>(libc::dlsym(libc::RTLD_NEXT, name)) }
            });
            // SAFETY: the arguments are the caller's, who keeps to the rules of the function behind this one.
            let whole = || unsafe { real($($arg),*) };
            let half = || {
                let written = None;
                // SAFETY: as above; a part of a buffer is a buffer.
                $(let written = written.or(Some(unsafe { real($($half),*) }));)?
                written.unwrap_or(-1)
            };
            carry_out(|dir| $operation(dir), whole, half)
        }
    )+};
}

interpose! {
    fn write(fd: c_int, bytes: *const c_void, count: size_t) -> ssize_t {
        |dir: &Path| written(dir, fd, count), half(fd, bytes, count / 2)
    }
    fn pwrite64(fd: c_int, bytes: *const c_void, count: size_t, at: off64_t) -> ssize_t {
        |dir: &Path| written(dir, fd, count), half(fd, bytes, count / 2, at)
    }
    fn writev(fd: c_int, buffers: *const iovec, count: c_int) -> ssize_t {
        |dir: &Path| written(dir, fd, length(buffers, count)), half(fd, buffers, (count / 2).max(1))
    }
    fn ftruncate64(fd: c_int, length: off64_t) -> c_int { |dir: &Path| on_file(dir, "truncate", fd) }
    fn fsync(fd: c_int) -> c_int { |dir: &Path| on_file(dir, "sync", fd) }
    fn fdatasync(fd: c_int) -> c_int { |dir: &Path| on_file(dir, "sync", fd) }
    fn open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int { |dir: &Path| opened(dir, path, flags) }
    fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int { |dir: &Path| opened(dir, path, flags) }
    fn mkdir(path: *const c_char, mode: mode_t) -> c_int {
        |dir: &Path| named(dir, "mkdir", path, None).filter(|operation| !operation.path.exists())
    }
    fn unlink(path: *const c_char) -> c_int {
        |dir: &Path| named(dir, "unlink", path, None).filter(|operation| operation.path.exists())
    }
    fn rename(from: *const c_char, to: *const c_char) -> c_int {
        |dir: &Path| named(dir, "rename", to, Some(from)).filter(|_| path_of(from).exists())
    }
}

fn written(dir: &Path, fd: c_int, count: size_t) -> Option<Operation> {
    Some(Operation { bytes: count as u64, ..on_file(dir, "write", fd)? })
}

/// An operation on an open file, by the name that the file has now.
fn on_file(dir: &Path, kind: &'static str, fd: c_int) -> Option<Operation> {
    let path = fs::read_link(format!("/proc/self/fd/{fd}")).ok().filter(|path| path.starts_with(dir))?;
    Some(Operation { kind, path, bytes: 0, renames: Vec::new() })
}

/// Opening counts where it makes a file, and where it opens a folder: to sync it.
fn opened(dir: &Path, path: *const c_char, flags: c_int) -> Option<Operation> {
    let operation = named(dir, "create", path, None)?;
    if operation.path.is_dir() {
        return Some(Operation { kind: "opendir", renames: Vec::new(), ..operation });
    }
    (flags & O_CREAT != 0 && !operation.path.exists()).then_some(operation)
}

/// An operation that gives `path` a name, or takes it; with `from`, it takes that one too.
fn named(dir: &Path, kind: &'static str, path: *const c_char, from: Option<*const c_char>) -> Option<Operation> {
    let path = path_of(path);
    if !path.starts_with(dir) || path == dir {
        return None;
    }
    let named = [Some(path.clone()), from.map(path_of)].into_iter().flatten();
    let renames = named.filter_map(|path| Some(path.parent()?.to_owned())).collect();
    Some(Operation { kind, path, bytes: 0, renames })
}

fn path_of(path: *const c_char) -> PathBuf {
    // SAFETY: whoever names a file does so with a C string.
    PathBuf::from(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes()))
}

fn length(buffers: *const iovec, count: c_int) -> size_t {
    // SAFETY: whoever writes buffers says how many there are.
    let buffers = unsafe { slice::from_raw_parts(buffers, usize::try_from(count).unwrap_or_default()) };
    buffers.iter().map(|buffer| buffer.iov_len).sum()
}
