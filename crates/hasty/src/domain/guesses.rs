//! Whoever guesses keys is slowed down. A guest's token has 122 random bits: what is to be protected is an owner key that a
//! person chose, and the database from the questions. Each instance counts for itself: ten of them admit ten times as
//! many guesses, which is still nothing.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use crate::clock::Micros;
use crate::error::Error;

/// Wrong keys and tokens from one address in a minute; a page that is open with an ended link asks a few times.
const ALLOWED: u32 = 60;
const WINDOW_SECS: i64 = 60;
/// Addresses that are remembered: some megabytes.
const MAX_ADDRESSES: usize = 50_000;

/// Counts of this minute, by address.
#[derive(Default)]
pub struct Guesses(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    since_secs: i64,
    failed: HashMap<IpAddr, u32>,
}

impl Guesses {
    /// Whether a key from there is looked at.
    pub fn check(&self, address: IpAddr, now: Micros) -> Result<(), Error> {
        self.with(now, |failed| match failed.get(&network(address)) {
            Some(&count) if count >= ALLOWED => Err(Error::TooManyGuesses),
            _ => Ok(()),
        })
    }

    /// Somebody there has tried a wrong one. Answers what that is to be told.
    pub fn count(&self, address: IpAddr, now: Micros, wrong: Error) -> Error {
        self.with(now, |failed| {
            let network = network(address);
            if !failed.contains_key(&network) && failed.len() >= MAX_ADDRESSES {
                return wrong;
            }
            let count = failed.entry(network).or_default();
            *count = count.saturating_add(1);
            if *count == ALLOWED + 1 {
                tracing::warn!(from = %network, "many wrong keys or links from there: it is kept waiting for a minute at most");
            }
            if *count > ALLOWED { Error::TooManyGuesses } else { wrong }
        })
    }

    fn with<T>(&self, now: Micros, look: impl FnOnce(&mut HashMap<IpAddr, u32>) -> T) -> T {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now_secs = now.secs();
        if !(counts.since_secs..counts.since_secs + WINDOW_SECS).contains(&now_secs) {
            *counts = Counts { since_secs: now_secs, failed: HashMap::new() };
        }
        look(&mut counts.failed)
    }
}

/// Whoever has one IPv6 address has its /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
    }
}
