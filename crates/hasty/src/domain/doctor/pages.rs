//! Whether people find the server where its links lead.

use std::time::Duration;

use anyhow::Result;
use url::Url;

use super::Report;
use crate::config::{Config, is_loopback_host};

const TIMEOUT: Duration = Duration::from_secs(10);

/// The origin that browsers see.
pub(super) fn page_url(config: &Config) -> Result<Url> {
    config.public_url.clone().map_or_else(|| config.local_url(), Ok)
}

pub(super) async fn examine(config: &Config, report: &mut Report<'_>) {
    let url = match page_url(config) {
        Ok(url) => url,
        Err(error) => return report.fail(error.to_string(), "change HASTY_LISTEN or HASTY_PUBLIC_URL"),
    };
    if url.scheme() == "http" && !url.host_str().is_some_and(is_loopback_host) {
        report.warn(
            format!("{url} is not encrypted: whoever shares the network can read links and photos"),
            "put a proxy that speaks HTTPS in front, and set HASTY_PUBLIC_URL to its address",
        );
    }
    let fix =
        "start the server, and let the proxy and the name lead to it (some networks hide their own outside address)";
    match is_healthy(&url).await {
        Ok(true) => report.ok(format!("{url} answers")),
        Ok(false) => report.fail(format!("{url} answers, but not as this server does"), fix),
        Err(error) => report.warn(format!("{url} does not answer from here: {error:#}"), fix),
    }
}

async fn is_healthy(url: &Url) -> Result<bool> {
    let client = reqwest::Client::builder().timeout(TIMEOUT).build()?;
    let answer = client.get(url.join("/healthz")?).send().await?;
    Ok(answer.status().is_success() && answer.text().await?.contains("\"ok\""))
}
