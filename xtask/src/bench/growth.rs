//! `cargo xtask bench growth`: what a request costs where a million is stored, beside where a thousand is: of objects in
//! the embedded store, or of images in the database.

mod cost;
mod filled;
mod images;
mod keys;
mod library;
mod objects;
mod start;

use anyhow::Result;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Growth {
    #[command(subcommand)]
    of: Option<Of>,
    #[command(flatten)]
    objects: objects::Objects,
}

#[derive(clap::Subcommand)]
enum Of {
    /// The API's lists, one image and the statistics, instead of the embedded store
    Images(images::Images),
}

impl Growth {
    pub(super) fn execute(self) -> Result<()> {
        match self.of {
            Some(Of::Images(images)) => images.execute(),
            None => self.objects.execute(),
        }
    }
}
