//! Holds a reader back to a rate.

use std::thread;
use std::time::{Duration, Instant};

/// A pause of less is not worth it: threads wake late.
const MIN_PAUSE: Duration = Duration::from_millis(5);

pub(super) struct Pace {
    max_bytes_per_sec: u64,
    since: Instant,
    /// How long the bytes since then must take.
    due: Duration,
}

impl Pace {
    /// No rate (0) holds nothing back.
    pub(super) fn new(max_bytes_per_sec: u64) -> Pace {
        Pace { max_bytes_per_sec, since: Instant::now(), due: Duration::ZERO }
    }

    /// Counts bytes that were read, and pauses where they came too fast. What was slow before gives no right to hurry.
    #[expect(clippy::disallowed_methods, reason = "nothing happens that could be waited for: it is to be slow")]
    pub(super) fn spend(&mut self, bytes: u64) {
        if self.max_bytes_per_sec == 0 {
            return;
        }
        self.due += Duration::from_secs_f64(bytes as f64 / self.max_bytes_per_sec as f64);
        let pause = self.due.saturating_sub(self.since.elapsed());
        if pause >= MIN_PAUSE {
            thread::sleep(pause);
        }
        if pause.is_zero() || pause >= MIN_PAUSE {
            *self = Pace::new(self.max_bytes_per_sec);
        }
    }
}
