//! Programs from crates.io, each in one fixed version, compiled once below target/tools.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{project, step::run};

/// The program that the crate of the same name makes. Compiled for speed of compiling: none of them computes much.
pub(super) fn unoptimized(name: &str, version: &str, options: &[&str]) -> Result<PathBuf> {
    let root = project::target().join("tools");
    let binary = root.join("bin").join(name);
    if is_version(&binary, version) {
        return Ok(binary);
    }
    run(Command::new("cargo")
        .args(["install", "--locked", "--debug", "--root"])
        .arg(&root)
        .args(options)
        .arg(format!("{name}@{version}"))
        // It is a third of the time, and nobody looks into these programs.
        .env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    Ok(binary)
}

/// Whether the program is there, and says that it has this version.
pub(super) fn is_version(binary: &Path, version: &str) -> bool {
    let told = Command::new(binary).arg("--version").output();
    told.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(version))
}
