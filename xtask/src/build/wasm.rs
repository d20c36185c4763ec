//! The crate `metadata` for the browser: web/wasm/metadata.js and metadata_bg.wasm.

use std::{path::PathBuf, process::Command};

use anyhow::Result;
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    project,
    stamp::Stamp,
    step::{Outcome, run},
    tools,
};

/// Compiles the module and writes what the web imports.
pub(crate) fn build() -> Result<Outcome> {
    tools::rust::wasm_target()?;
    let module = compile()?;
    let outputs = [project::web().join("wasm")];
    let settings = project::root().join("xtask/src/build/wasm.rs");
    let stamp = Stamp::of("wasm", &[module.clone(), settings])?;
    if stamp.matches(&outputs)? {
        return Ok(Outcome::Unchanged);
    }
    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .out_name("metadata")
        .generate(&outputs[0])?;
    stamp.save(&outputs)?;
    Ok(Outcome::Done)
}

/// Cargo knows best whether anything changed. It has a target folder of its own: in the shared one it would wait for
/// whoever builds there, and the host's RUSTFLAGS would break the link.
fn compile() -> Result<PathBuf> {
    let target = project::target().join("wasm-build");
    run(Command::new("cargo")
        .current_dir(project::root())
        .args(["build", "--package", "metadata-wasm", "--profile", "wasm", "--target", "wasm32-unknown-unknown"])
        .arg("--target-dir")
        .arg(&target)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", "-C target-feature=+simd128"))?;
    Ok(target.join("wasm32-unknown-unknown/wasm/metadata_wasm.wasm"))
}
