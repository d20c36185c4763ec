//! `cargo xtask run`: builds what changed and serves.

use std::{os::unix::process::CommandExt, process::Command};

use anyhow::{Context, Result};

use crate::{
    build::{self, server::Profile},
    project,
};

#[derive(clap::Args)]
pub(crate) struct Run {
    /// Arguments for `hasty serve`, such as `--listen 127.0.0.1:9000`
    #[arg(last = true)]
    serve: Vec<String>,
}

impl Run {
    pub(crate) fn execute(self) -> Result<()> {
        let binary = build::complete(Profile::Development)?;
        let mut server = Command::new(&binary);
        // The server takes this process's place, so that signals and the terminal are its own.
        let error = server.current_dir(project::root()).arg("serve").args(self.serve).exec();
        Err(error).with_context(|| format!("cannot start {}", binary.display()))
    }
}
