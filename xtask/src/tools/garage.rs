//! Garage, the S3 server of somebody else's that ours is tested with and measured beside, in one fixed version.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use super::compiled;
use crate::{
    project,
    step::{Outcome, run, step},
};

const VERSION: &str = "2.5.0";

/// The program for tests, which comes sooner and is slower. Where it is missing, it is compiled first.
pub(crate) fn for_tests() -> Result<PathBuf> {
    compiled::unoptimized("garage", VERSION, &["--no-default-features", "--features", "bundled-libs,lmdb"])
}

/// The program as its makers mean it to run. Where it is missing, it is compiled first.
pub(crate) fn installed() -> Result<PathBuf> {
    let root = project::target().join("tools/garage");
    let binary = root.join("bin/garage");
    if compiled::is_version(&binary, VERSION) {
        return Ok(binary);
    }
    println!("Garage {VERSION} is compiled once, which takes a quarter of an hour on two cores.");
    step("garage", || {
        let mut install = Command::new("cargo");
        install.args(["install", "--locked", "--root"]).arg(&root).arg(format!("garage@{VERSION}"));
        run(&mut install).map(|_| Outcome::Done)
    })?;
    Ok(binary)
}
