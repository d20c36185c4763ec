//! The binary `hasty`, with the pages embedded.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    project,
    step::{Outcome, run},
};

#[derive(Clone, Copy)]
pub(crate) enum Profile {
    Development,
    Release,
}

impl Profile {
    /// Where the build leaves the binary.
    pub(crate) fn binary(self) -> PathBuf {
        project::target().join(match self {
            Self::Development => "debug/hasty",
            Self::Release => "release/hasty",
        })
    }

    /// The development build chooses from the whole workspace: the dependencies then have the features that the tests
    /// build them with, and are compiled once for both.
    fn cargo_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Development => &["build", "--workspace", "--bin", "hasty"],
            Self::Release => &["build", "--package", "hasty", "--release"],
        }
    }
}

/// Cargo itself knows whether anything changed.
pub(crate) fn build(profile: Profile) -> Result<Outcome> {
    let output = run(Command::new("cargo").current_dir(project::root()).args(profile.cargo_arguments()))?;
    Ok(if output.contains("Compiling hasty ") { Outcome::Done } else { Outcome::Unchanged })
}
