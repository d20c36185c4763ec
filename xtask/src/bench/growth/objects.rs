//! The embedded store: what a request costs one of a million objects, beside one of a thousand; how soon the server
//! answers after a start, and what it needs at rest.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::{
    cost::{self, Side},
    filled::{Filled, Request},
    start::Starts,
};
use crate::build::{self, server::Profile};

/// What the large store is held against.
const FEW_OBJECTS: usize = 1_000;

#[derive(clap::Args)]
pub(crate) struct Objects {
    /// Objects in the large store
    #[arg(long, default_value_t = 1_000_000)]
    objects: usize,
    /// Keep the large store in this folder, and go on from what an earlier run left there
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Another binary than this tree's, to compare with
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

impl Objects {
    pub(super) fn execute(self) -> Result<()> {
        ensure!(self.objects >= FEW_OBJECTS, "--objects must be at least {FEW_OBJECTS}");
        let binary = self.binary.map_or_else(|| build::complete(Profile::Release), Ok)?;
        let mut few = Filled::open(&binary, None)?;
        few.fill(FEW_OBJECTS)?;
        let mut many = Filled::open(&binary, self.keep)?;
        many.fill(self.objects)?;

        few.rest()?;
        many.rest()?;
        cost::print_header([&few, &many].map(|store| format!("{} objects", store.count())));
        for request in Request::ALL {
            let sides = [
                Side { process: few.server(), calls: few.calls(request)? },
                Side { process: many.server(), calls: many.calls(request)? },
            ];
            cost::print_row(request.name(), &cost::measure(&sides, request.calls_per_round())?);
        }
        println!("\nFrom the start of the process to the first object it answers with; then at rest.\n");
        for store in [&mut few, &mut many] {
            let starts = Starts::measure(store)?;
            println!("{:>9} objects: {starts}", store.count());
        }
        Ok(())
    }
}
