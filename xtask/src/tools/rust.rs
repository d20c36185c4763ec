//! Parts of the Rust toolchain.

use std::{path::Path, process::Command};

use anyhow::{Result, bail};

use crate::{step::run, tools};

const WASM: &str = "wasm32-unknown-unknown";

/// The standard library for the browser.
pub(crate) fn wasm_target() -> Result<()> {
    let sysroot = run(Command::new("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM).exists() {
        return Ok(());
    }
    if tools::program("rustup").is_none() {
        bail!("Rust's target {WASM} is missing: install it (with rustup: `rustup target add {WASM}`)");
    }
    run(Command::new("rustup").args(["target", "add", WASM])).map(drop)
}

/// Formatter and linter, which a minimal toolchain lacks.
pub(crate) fn component(name: &str) -> Result<()> {
    if Command::new("cargo").args([name, "--version"]).output()?.status.success() {
        return Ok(());
    }
    let component = if name == "fmt" { "rustfmt" } else { name };
    if tools::program("rustup").is_none() {
        bail!("cargo {name} is missing: install it (with rustup: `rustup component add {component}`)");
    }
    run(Command::new("rustup").args(["component", "add", component])).map(drop)
}
