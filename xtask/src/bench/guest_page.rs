//! `cargo xtask bench guest`: a guest hands over small photos from the disk, in Chromium, beside Uppy against the same server.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail, ensure};

use crate::{
    build::{self, server::Profile, web},
    step::step,
    test::fixtures::Fixtures,
};

#[derive(clap::Args)]
pub(crate) struct GuestPage {
    /// How often each is measured; they take turns, and the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Photos handed over at once; several numbers are measured one after the other
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 2_000])]
    photos: Vec<usize>,
    /// Measure this build of hasty, and compile only what makes the photos
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

impl GuestPage {
    pub(super) fn execute(self) -> Result<()> {
        ensure!(self.rounds > 0 && self.photos.iter().all(|&count| count > 0), "--rounds and --photos must be above 0");
        let binary = self.binary.map_or_else(|| build::complete(Profile::Release), Ok)?;
        step("packages", web::install)?;
        step("uppy", web::install_bench)?;
        let photos: Vec<_> = self.photos.iter().map(usize::to_string).collect();
        let mut npm = web::npm();
        npm.args(["exec", "--", "playwright", "test", "--config", "bench/playwright.config.ts"]);
        npm.envs(Fixtures::new(None).for_browser()?).env("HASTY_BIN", binary);
        npm.env("HASTY_BENCH_ROUNDS", self.rounds.to_string()).env("HASTY_BENCH_PHOTOS", photos.join(","));
        run_in_sight(npm)
    }
}

/// It takes many minutes, and prints what it has measured as it goes.
fn run_in_sight(mut command: Command) -> Result<()> {
    let status = command.status()?;
    if !status.success() {
        bail!("the browser's part ended with {status}");
    }
    Ok(())
}
