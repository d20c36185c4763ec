//! The suites of tests.

use std::{env, process::Command};

use anyhow::{Result, ensure};

use super::{count, fixtures::Fixtures};
use crate::{
    build::{
        server::{self, Profile},
        web,
    },
    powertest, project,
    step::{Outcome, run},
};

/// Unit tests, tests over HTTP and the tests in the documentation.
pub(crate) fn rust(fixtures: &Fixtures) -> Result<Outcome> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(project::root()).args(["test", "--workspace", "--no-fail-fast"]).envs(fixtures.for_rust()?);
    let output = run(cargo.args(&fixtures.filter))?;
    passed(count::cargo(&output), fixtures)
}

pub(crate) fn web_units(fixtures: &Fixtures) -> Result<Outcome> {
    let mut npm = web::npm();
    npm.args(["run", "test", "--"]);
    if let Some(filter) = &fixtures.filter {
        npm.args(["--passWithNoTests", "--testNamePattern", filter]);
    }
    passed(count::vitest(&run(&mut npm)?), fixtures)
}

/// The browser's module reads every photo as the native code does.
pub(crate) fn same(fixtures: &Fixtures) -> Result<Outcome> {
    let folders = [Some(fixtures.samples()?), fixtures.photos()];
    for folder in folders.into_iter().flatten() {
        let script = ["crates/metadata-wasm/tests/same.mjs", "web/wasm"];
        run(Command::new("node").current_dir(project::root()).args(script).arg(folder))?;
    }
    Ok(Outcome::Done)
}

/// Cuts the power of the server's disk a few times. A server that never syncs must be found to lose what it acknowledged:
/// otherwise the test would prove nothing.
pub(crate) fn power() -> Result<Outcome> {
    if let Some(obstacle) = powertest::obstacle() {
        return Ok(Outcome::NotRun(obstacle));
    }
    let powertest = |arguments: &[&str]| run(Command::new(env::current_exe()?).arg("powertest").args(arguments));
    powertest(&["--cycles", "6"])?;
    let control = powertest(&["--cycles", "1", "--without-sync"]).unwrap_or_else(|error| error.to_string());
    ensure!(control.contains(powertest::FAILURE), "without any sync nothing was found to be lost:\n{control}");
    Ok(Outcome::Done)
}

/// The pages in a real browser, against the real server.
pub(crate) fn stories(fixtures: &Fixtures) -> Result<Outcome> {
    server::build(Profile::Development)?;
    let mut npm = web::npm();
    npm.args(["run", "e2e", "--"]).envs(fixtures.for_stories()?).env("HASTY_BIN", Profile::Development.binary());
    if let Some(filter) = &fixtures.filter {
        npm.args(["--pass-with-no-tests", "--grep", filter]);
    }
    passed(count::playwright(&run(&mut npm)?), fixtures)
}

fn passed(count: u32, fixtures: &Fixtures) -> Result<Outcome> {
    ensure!(count > 0 || fixtures.filter.is_some(), "no test ran");
    Ok(Outcome::Passed(count))
}
