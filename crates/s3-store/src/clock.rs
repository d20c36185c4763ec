//! The wall clock, read in one place.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use s3s::dto::Timestamp;

/// Microseconds since 1970: the form in which the index keeps a time.
pub(crate) type Micros = i64;

/// The current time.
#[expect(clippy::disallowed_methods, reason = "S3 shows a Last-Modified that clients compare with their own clocks")]
pub(crate) fn now() -> Micros {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since_1970.as_micros()).unwrap_or(Micros::MAX)
}

/// The same time as HTTP tells it: without fractions of a second.
pub(crate) fn http_time(micros: Micros) -> Timestamp {
    timestamp(micros / 1_000_000 * 1_000_000)
}

/// The same time in S3's type.
pub(crate) fn timestamp(micros: Micros) -> Timestamp {
    let since_1970 = Duration::from_micros(u64::try_from(micros).unwrap_or_default());
    Timestamp::from(UNIX_EPOCH + since_1970)
}
