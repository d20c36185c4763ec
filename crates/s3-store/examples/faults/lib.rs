//! A library for LD_PRELOAD. It counts what a process does to the files of one folder, writes each operation to a log,
//! and makes one of them fail. It is told by environment variables:
//!
//! - `FAULTS_DIR`: the folder, absolute; nothing outside of it is touched or counted.
//! - `FAULTS_PLAN`: what fails, see `plan`.
//! - `FAULTS_NOTES`: a folder. Its file `operations` gets a line for each operation: the kind and the path. Its file
//!   `faults` gets the lines of those that did not go well. While there is a file `full` in it, the disk is full, see
//!   `plan`. Where there is a folder `records` in it, that gets what would survive a power cut, see `records`.

#![cfg(target_os = "linux")]
#![expect(unsafe_code, reason = "to interpose a C function is to be called by C and to call it")]

mod hooks;
mod plan;
mod records;
mod watch;
