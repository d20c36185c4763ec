//! Starts of a server whose store is filled.

use std::{fmt, time::Duration};

use anyhow::Result;

use super::filled::Filled;

pub(super) struct Starts {
    after_stop: Duration,
    after_kill: Duration,
    /// From the first answer on.
    unrest: Duration,
    unrest_cpu: Duration,
    rss_at_start_bytes: u64,
    rss_at_rest_bytes: u64,
}

impl Starts {
    pub(super) fn measure(store: &mut Filled) -> Result<Self> {
        let after_stop = store.restart("TERM")?;
        let after_kill = store.restart("KILL")?;
        let rss_at_start_bytes = store.server().memory_bytes()?;
        let (unrest, unrest_cpu) = store.rest()?;
        let rss_at_rest_bytes = store.server().memory_bytes()?;
        Ok(Self { after_stop, after_kill, unrest, unrest_cpu, rss_at_start_bytes, rss_at_rest_bytes })
    }
}

impl fmt::Display for Starts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
        write!(
            f,
            "{:.2} s after a stop, {:.2} s after kill -9; RSS {:.1} MiB; at rest after {:.0} s and {:.2} s of CPU, \
             RSS {:.1} MiB",
            self.after_stop.as_secs_f64(),
            self.after_kill.as_secs_f64(),
            mib(self.rss_at_start_bytes),
            self.unrest.as_secs_f64(),
            self.unrest_cpu.as_secs_f64(),
            mib(self.rss_at_rest_bytes),
        )
    }
}
