//! The browser of the stories.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::tools;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Finds Chromium, or installs it.
pub(crate) fn find() -> Result<PathBuf> {
    let found = || NAMES.iter().find_map(|name| tools::program(name));
    if let Some(path) = found() {
        return Ok(path);
    }
    tools::install("chromium", "Chromium, which runs the browser stories,")?;
    found().context("apt-get installed chromium, but it is not in PATH")
}
