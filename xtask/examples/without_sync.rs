//! A library for LD_PRELOAD, under which files whose path holds the text in `WITHOUT_SYNC` are never synced. It is the
//! control of `cargo xtask powertest`: what is not synced must be found missing.

#![cfg(target_os = "linux")]
#![expect(unsafe_code, reason = "to stand in front of a C function is to be called by C")]

use std::{env, ffi::c_int, fs};

#[unsafe(no_mangle)]
extern "C" fn fsync(fd: c_int) -> c_int {
    sync(libc::SYS_fsync, fd)
}

#[unsafe(no_mangle)]
extern "C" fn fdatasync(fd: c_int) -> c_int {
    sync(libc::SYS_fdatasync, fd)
}

fn sync(call: libc::c_long, fd: c_int) -> c_int {
    let part = env::var_os("WITHOUT_SYNC").unwrap_or_default();
    let path = fs::read_link(format!("/proc/self/fd/{fd}")).unwrap_or_default();
    if path.to_string_lossy().contains(&*part.to_string_lossy()) {
        return 0;
    }
    // SAFETY: both calls take a descriptor and nothing else, and fail where it is none.
    let outcome = unsafe { libc::syscall(call, fd) };
    outcome as c_int
}
