//! A library for LD_PRELOAD. It counts what a process does to the files of one folder, writes each operation to a log,
//! and makes one of them fail. It is told by environment variables:
//!
//! - `FAULTS_DIR`: the folder, absolute; nothing outside of it is touched or counted.
//! - `FAULTS_LOG`: the file that gets a line for each operation: its number, its kind and its path.
//! - `FAULTS_PLAN`: what fails, see `plan`.
//! - `FAULTS_FULL`: the disk is full while this file exists, see `plan`.
//! - `FAULTS_RECORDS`: a folder for what would survive a power cut, see `records`; not kept where it is not set.

#![cfg(target_os = "linux")]
#![expect(unsafe_code, reason = "to interpose a C function is to be called by C and to call it")]

mod hooks;
mod plan;
mod records;
mod watch;
