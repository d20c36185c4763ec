//! A Python of our own below target/python, with the S3 clients that the tests use.

use std::{fs, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{project, stamp::Stamp, step::run, tools};

/// The interpreter that has everything python-requirements.txt names.
pub(crate) fn find() -> Result<PathBuf> {
    let folder = project::target().join("python");
    let python = folder.join("bin/python");
    let requirements = project::root().join("xtask/python-requirements.txt");
    let stamp = Stamp::of("python", std::slice::from_ref(&requirements))?;
    let outputs = [folder.join("pyvenv.cfg")];
    if stamp.matches(&outputs)? && run(Command::new(&python).args(["-c", "import boto3"])).is_ok() {
        return Ok(python);
    }
    create(&folder)?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&requirements))?;
    stamp.save(&outputs)?;
    Ok(python)
}

fn create(folder: &PathBuf) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let venv = || run(Command::new("python3").args(["-m", "venv"]).arg(folder));
    // Debian splits what makes such a folder off from Python itself.
    if venv().is_err() {
        tools::install("python3-venv", "Python 3 with its module venv")?;
        venv()?;
    }
    Ok(())
}
