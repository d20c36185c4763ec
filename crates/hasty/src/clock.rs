//! Time comes in through here, so that a test can move it.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Tells the time. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the wall clock is read")]
    pub fn system() -> Clock {
        Clock(Arc::new(Timestamp::now))
    }

    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(now))
    }

    /// Now, in whole microseconds: what the database can hold.
    pub fn now(&self) -> Micros {
        Micros::from(self.timestamp())
    }

    /// Now, for signatures.
    pub fn timestamp(&self) -> Timestamp {
        (self.0)()
    }
}

/// A moment in UTC, in microseconds since 1970, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Micros(pub i64);

impl Micros {
    pub fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

impl From<Timestamp> for Micros {
    fn from(moment: Timestamp) -> Micros {
        Micros(moment.as_microsecond())
    }
}

impl std::ops::Add<Duration> for Micros {
    type Output = Micros;

    fn add(self, span: Duration) -> Micros {
        Micros(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

/// ISO 8601, UTC, always six decimals and `Z`: `2026-01-02T03:04:05.000006Z`.
impl std::fmt::Display for Micros {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let moment =
            Timestamp::UNIX_EPOCH.saturating_add(SignedDuration::from_micros(self.0)).unwrap_or(Timestamp::MAX);
        write!(out, "{moment:.6}")
    }
}

impl serde::Serialize for Micros {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}
