//! The pages: npm's packages into web/node_modules, and Vite's result into web/dist.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{
    project,
    stamp::Stamp,
    step::{Outcome, run},
    tools,
};

/// What lies in web/ and is no input of Vite's build.
const NO_INPUT: [&str; 6] = ["node_modules", "dist", "e2e", "bench", "test-results", "playwright-report"];

/// What the pages, their tests and stories need.
pub(crate) fn install() -> Result<Outcome> {
    install_at("packages", &project::web())
}

/// What the bench of the guest's page is held against.
pub(crate) fn install_bench() -> Result<Outcome> {
    install_at("bench-packages", &project::web().join("bench"))
}

/// Installs exactly what package-lock.json names.
fn install_at(name: &str, folder: &Path) -> Result<Outcome> {
    tools::node::check()?;
    let stamp = Stamp::of(name, &[folder.join("package.json"), folder.join("package-lock.json")])?;
    // npm writes this file last: it stands for the whole folder, which is too large to read each time.
    let outputs = [folder.join("node_modules/.package-lock.json")];
    if outputs[0].exists() && stamp.matches(&outputs)? {
        return Ok(Outcome::Unchanged);
    }
    let mut npm = npm();
    npm.current_dir(folder).args(["ci", "--no-audit", "--no-fund"]);
    // The browser stories use the system's Chromium.
    run(npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
    stamp.save(&outputs)?;
    Ok(Outcome::Done)
}

/// Builds web/dist, which the server embeds.
pub(crate) fn build() -> Result<Outcome> {
    let outputs = [project::web().join("dist")];
    let stamp = Stamp::of("web", &sources()?)?;
    if stamp.matches(&outputs)? {
        return Ok(Outcome::Unchanged);
    }
    run(npm().args(["run", "build"]))?;
    stamp.save(&outputs)?;
    Ok(Outcome::Done)
}

/// npm, at work in web/.
pub(crate) fn npm() -> Command {
    let mut npm = Command::new("npm");
    // The output is read by programs, and by people in a log.
    npm.current_dir(project::web()).env("NO_UPDATE_NOTIFIER", "1").env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    npm
}

fn sources() -> Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(project::web())? {
        let entry = entry?;
        if !NO_INPUT.iter().any(|name| entry.file_name() == *name) {
            sources.push(entry.path());
        }
    }
    sources.sort();
    Ok(sources)
}
