//! `cargo xtask bench`: what the release binary reaches, each command beside something to hold it against.

mod growth;
mod guest;
mod guest_page;
mod http;
mod ingest;
mod load;
mod memory;
pub(crate) mod process;
mod server;
mod store;

use anyhow::Result;

#[derive(clap::Subcommand)]
pub(crate) enum Bench {
    /// Requests per second and CPU per request of the API
    Http(http::Http),
    /// What the embedded store stores and sends in a second, beside Garage and beside a bare handler
    Store(store::Store),
    /// The most memory that the server holds while many large photos arrive at once
    Memory(memory::Memory),
    /// What handing over thousands of photos costs a browser, beside Uppy
    Guest(guest_page::GuestPage),
    /// How many photos a core shows in a second, beside vipsthumbnail
    Ingest(ingest::Ingest),
    /// What a million objects make of the cost of a request, and of the start
    Growth(growth::Growth),
}

impl Bench {
    pub(crate) fn execute(self) -> Result<()> {
        match self {
            Self::Http(http) => http.execute(),
            Self::Store(store) => store.execute(),
            Self::Memory(memory) => memory.execute(),
            Self::Guest(guest) => guest.execute(),
            Self::Ingest(ingest) => ingest.execute(),
            Self::Growth(growth) => growth.execute(),
        }
    }
}
