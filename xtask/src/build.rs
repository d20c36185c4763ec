//! `cargo xtask build`, and the steps that it shares with the other commands: wasm, packages, web, server.

pub(crate) mod server;
pub(crate) mod wasm;
pub(crate) mod web;

use std::path::PathBuf;

use anyhow::Result;
use server::Profile;

use crate::step::step;

/// Builds the release binary and names it.
pub(crate) fn execute() -> Result<()> {
    println!("{}", complete(Profile::Release)?.display());
    Ok(())
}

/// Builds whatever changed and answers where the binary lies, which holds everything.
pub(crate) fn complete(profile: Profile) -> Result<PathBuf> {
    step("wasm", wasm::build)?;
    step("packages", web::install)?;
    step("web", web::build)?;
    step("server", || server::build(profile))?;
    Ok(profile.binary())
}
