//! The API: what its lists, one image and the statistics cost at a million images, beside a thousand.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::{
    cost,
    library::{Database, Library, Request},
};
use crate::{
    build::{self, server::Profile},
    tools::postgresql::Cluster,
};

/// What the large library is held against.
const FEW_IMAGES: usize = 1_000;

#[derive(clap::Args)]
pub(crate) struct Images {
    /// Images in the large library
    #[arg(long, default_value_t = 1_000_000)]
    images: usize,
    /// On PostgreSQL, on two throwaway clusters, instead of SQLite
    #[arg(long)]
    postgresql: bool,
    /// Another binary than this tree's, to compare with
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

impl Images {
    pub(super) fn execute(self) -> Result<()> {
        ensure!(self.images >= FEW_IMAGES, "--images must be at least {FEW_IMAGES}");
        let binary = self.binary.map_or_else(|| build::complete(Profile::Release), Ok)?;
        let fill = |count| {
            let database = if self.postgresql { Database::PostgreSql(Cluster::start()?) } else { Database::Sqlite };
            Library::fill(&binary, database, count)
        };
        let (few, many) = (fill(FEW_IMAGES)?, fill(self.images)?);

        cost::print_header([&few, &many].map(|library| format!("{} images", library.count())));
        for request in Request::ALL {
            let sides = [few.side(request), many.side(request)];
            cost::print_row(request.name(), &cost::measure(&sides, request.calls_per_round())?);
        }
        Ok(())
    }
}
