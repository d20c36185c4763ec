//! The proxies that operators put in front: the tests and `cargo xtask cluster` run them for real.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::tools;

pub(crate) fn nginx() -> Result<PathBuf> {
    find("nginx", "nginx-light")
}

pub(crate) fn caddy() -> Result<PathBuf> {
    find("caddy", "caddy")
}

/// Finds a program, or installs its Debian package. Debian keeps daemons where an ordinary user's PATH does not lead.
fn find(name: &str, package: &str) -> Result<PathBuf> {
    let found =
        || tools::program(name).or_else(|| Some(PathBuf::from("/usr/sbin").join(name)).filter(|path| path.is_file()));
    if let Some(path) = found() {
        return Ok(path);
    }
    tools::install(package, &format!("{name}, which the tests run,"))?;
    found().with_context(|| format!("apt-get installed {package}, but there is no {name}"))
}
