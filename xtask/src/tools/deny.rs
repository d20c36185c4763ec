//! cargo-deny, which holds the dependencies against deny.toml. Installed in one fixed version below target/tools.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    project,
    step::{Outcome, run, step},
};

const VERSION: &str = "0.20.2";

/// Licences, banned crates and sources: what can be said without the internet.
pub(crate) fn check() -> Result<Outcome> {
    deny(&["bans", "licenses", "sources"])
}

/// Known vulnerabilities, from a database that is fetched each time.
pub(crate) fn advisories() -> Result<()> {
    step("advisories", || deny(&["advisories"])).map(drop)
}

fn deny(checks: &[&str]) -> Result<Outcome> {
    run(Command::new(installed()?)
        .current_dir(project::root())
        .args(["--workspace", "--log-level", "error", "check", "--hide-inclusion-graph"])
        .args(checks))?;
    Ok(Outcome::Done)
}

fn installed() -> Result<PathBuf> {
    let root = project::target().join("tools");
    let binary = root.join("bin/cargo-deny");
    let found = Command::new(&binary).arg("--version").output();
    if found.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(VERSION)) {
        return Ok(binary);
    }
    // A debug build without debug information takes a third of the time, and it has little to compute.
    run(Command::new("cargo")
        .args(["install", "--locked", "--debug", "--no-default-features", "--root"])
        .arg(&root)
        .arg(format!("cargo-deny@{VERSION}"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    Ok(binary)
}
