//! The checks that run no test.

use std::{
    env,
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    build::web,
    project,
    step::{Outcome, run},
    tidy, tools,
};

pub(crate) fn format() -> Result<Outcome> {
    tools::rust::component("fmt")?;
    run(cargo().args(["fmt", "--all", "--check", "--", "--color", "never"]))?;
    Ok(Outcome::Done)
}

/// The types and the form of what runs in the browser.
pub(crate) fn web() -> Result<Outcome> {
    run(web::npm().args(["run", "check"]))?;
    run(web::npm().args(["run", "lint"]))?;
    Ok(Outcome::Done)
}

/// The same packages with the same features as the tests, so that dependencies are looked at once.
pub(crate) fn clippy() -> Result<Outcome> {
    tools::rust::component("clippy")?;
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    Ok(Outcome::Done)
}

pub(crate) fn docs() -> Result<Outcome> {
    run(cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(Outcome::Done)
}

/// Somebody who works on the server alone needs no Node.js: a fresh copy, without pages, passes `cargo check` where
/// `node` and `npm` fail.
pub(crate) fn without_node() -> Result<Outcome> {
    // Always the same place: Cargo remembers what it checked by its path.
    let folder = project::target().join("no-node");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for file in tidy::project_files()? {
        copy(&project::root().join(&file), &folder.join(&file)).with_context(|| file.clone())?;
    }
    let broken = folder.join("broken");
    fs::create_dir(&broken)?;
    for name in ["node", "npm", "npx"] {
        fs::write(broken.join(name), "#!/bin/sh\necho 'Node.js was called' >&2\nexit 1\n")?;
        fs::set_permissions(broken.join(name), fs::Permissions::from_mode(0o755))?;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    run(cargo()
        .current_dir(&folder)
        .args(["check", "--workspace", "--all-targets"])
        .env("PATH", env::join_paths([broken].into_iter().chain(env::split_paths(&path)))?)
        .env("CARGO_TARGET_DIR", project::target()))?;
    Ok(Outcome::Done)
}

/// With the time of its last change, by which Cargo sees that nothing has changed.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
    fs::copy(from, to)?;
    Ok(File::options().write(true).open(to)?.set_modified(fs::metadata(from)?.modified()?)?)
}

fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(project::root());
    cargo
}
