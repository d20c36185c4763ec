//! What the commands need beside Cargo: each file finds one tool, installs it where that is possible, or says in one
//! line what to install.

pub(crate) mod chromium;
mod compiled;
pub(crate) mod deny;
pub(crate) mod garage;
pub(crate) mod garage_cluster;
pub(crate) mod node;
pub(crate) mod postgresql;
pub(crate) mod proxies;
pub(crate) mod python;
pub(crate) mod rclone;
pub(crate) mod rust;
pub(crate) mod s3s_e2e;
pub(crate) mod sqlite;

use std::{
    env, fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use crate::step::run;

/// Finds a program in PATH.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Whether this process may do anything to this machine.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Installs a Debian package, or says that somebody has to.
fn install(package: &str, purpose: &str) -> Result<()> {
    if !Path::new("/etc/debian_version").exists() || !is_root() {
        bail!("{purpose} is missing: install it (Debian: `apt-get install {package}`)");
    }
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    run(apt().arg("update"))?;
    run(apt().args(["install", "--yes", "--no-install-recommends", package]))?;
    Ok(())
}
