//! `hasty health`: whether the server here answers, for whoever has no other program to ask with.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;

use crate::config::Config;

const TIMEOUT: Duration = Duration::from_secs(5);

/// What `hasty health` can be told, besides what the server is told.
#[derive(Args)]
pub struct Settings {
    /// Ask whether it can take photos now (/readyz), not only whether it lives (/healthz)
    #[arg(long)]
    ready: bool,

    #[command(flatten, next_help_heading = "The server's settings")]
    config: Config,
}

/// A server that does not answer, or not with 200, is a status of 1.
pub fn run(settings: &Settings) -> Result<ExitCode> {
    let url = settings.config.local_url()?.join(if settings.ready { "/readyz" } else { "/healthz" })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let answer = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build()?.get(url.clone()).send().await?;
        ensure!(answer.status().is_success(), "{url} answers {}", answer.status());
        Ok(ExitCode::SUCCESS)
    })
}
