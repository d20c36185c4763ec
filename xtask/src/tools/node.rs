//! Node.js and npm, which build the pages.

use std::process::Command;

use anyhow::{Result, bail};

use crate::step::run;

const OLDEST: u32 = 20;

/// Fails, in one line, where Node.js is missing or too old.
pub(crate) fn check() -> Result<()> {
    let version = run(Command::new("node").arg("--version")).unwrap_or_default();
    if major(&version).is_none_or(|major| major < OLDEST) || run(Command::new("npm").arg("--version")).is_err() {
        let found = if version.is_empty() { "none" } else { version.trim() };
        bail!("Node.js {OLDEST} or newer with npm is needed to build the pages (found: {found}): install it");
    }
    Ok(())
}

/// The 20 of `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major(""), None);
        assert_eq!(major("node: command not found"), None);
    }
}
