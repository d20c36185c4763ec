//! rclone, one of the S3 clients that the embedded store is tested with.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::tools;

/// Finds rclone, or installs it.
pub(crate) fn find() -> Result<PathBuf> {
    if let Some(path) = tools::program("rclone") {
        return Ok(path);
    }
    tools::install("rclone", "rclone, with which the embedded store is tested,")?;
    tools::program("rclone").context("apt-get installed rclone, but it is not in PATH")
}
