//! `cargo xtask bench`: what the release binary reaches, each command beside something to hold it against.

mod guest;
mod http;
mod load;
mod server;

use anyhow::Result;

#[derive(clap::Subcommand)]
pub(crate) enum Bench {
    /// Requests per second and CPU per request of the API
    Http(http::Http),
}

impl Bench {
    pub(crate) fn execute(self) -> Result<()> {
        match self {
            Self::Http(http) => http.execute(),
        }
    }
}
