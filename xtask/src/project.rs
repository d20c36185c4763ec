//! Where the project's parts lie.

use std::path::{Path, PathBuf};

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the project's folder")
}

/// The browser's half: TypeScript, HTML and CSS.
pub(crate) fn web() -> PathBuf {
    root().join("web")
}

/// Cargo's target folder, which also holds what these commands install and remember.
pub(crate) fn target() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into()))
}
