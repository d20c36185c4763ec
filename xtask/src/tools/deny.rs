//! cargo-deny, which holds the dependencies against deny.toml.

use std::process::Command;

use anyhow::Result;

use super::compiled;
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
    run(Command::new(compiled::unoptimized("cargo-deny", VERSION, &["--no-default-features"])?)
        .current_dir(project::root())
        .args(["--workspace", "--log-level", "error", "check", "--hide-inclusion-graph"])
        .args(checks))?;
    Ok(Outcome::Done)
}
