//! Node.js and npm, which build the pages.

use std::process::Command;

use anyhow::{Result, bail};

use crate::step::run;

/// Major and minor: as `engines` in web/package.json says.
const OLDEST: (u32, u32) = (20, 19);

/// Fails, in one line, where Node.js is missing or too old.
pub(crate) fn check() -> Result<()> {
    let found = run(Command::new("node").arg("--version")).unwrap_or_default();
    let npm = run(Command::new("npm").arg("--version"));
    if version(&found).is_none_or(|version| version < OLDEST) || npm.is_err() {
        let (major, minor) = OLDEST;
        let found = if found.is_empty() { "none" } else { found.trim() };
        bail!("Node.js {major}.{minor} or newer with npm is needed to build the pages (found: {found}): install it");
    }
    Ok(())
}

/// The 20 and 11 of `v20.11.1`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert!(version("v8.17.0") < Some(OLDEST) && version("v24.0.0") > Some(OLDEST));
        assert_eq!(version(""), None);
        assert_eq!(version("node: command not found"), None);
    }
}
