//! What must hold after the power was cut, and what did not.

use sha2::{Digest, Sha256};

/// Something that one writer changes, one change at a time.
pub(super) struct Fact<T> {
    /// As the last acknowledged change left it.
    settled: T,
    /// The change whose answer is awaited: until it is acknowledged, either may show.
    in_flight: Option<T>,
    earlier: Vec<T>,
}

/// What is seen, beside what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It is what was acknowledged last, or the change that was under way.
    Holds,
    /// It is what stood there before an acknowledged change.
    Undone,
    /// It never stood there.
    Unknown,
}

impl<T: Clone + PartialEq> Fact<T> {
    pub(super) fn new(settled: T) -> Self {
        Self { settled, in_flight: None, earlier: Vec::new() }
    }

    /// What was acknowledged last.
    pub(super) fn settled(&self) -> &T {
        &self.settled
    }

    /// A change is sent.
    pub(super) fn send(&mut self, change: T) {
        self.in_flight = Some(change);
    }

    /// The change that was sent is acknowledged.
    pub(super) fn acknowledge(&mut self) {
        if let Some(change) = self.in_flight.take() {
            self.earlier.push(std::mem::replace(&mut self.settled, change));
        }
    }

    /// After the power cut: what is seen now is how it stays, whatever is thought of it.
    pub(super) fn see(&mut self, seen: T) -> Judgement {
        let judgement = if seen == self.settled || self.in_flight.as_ref() == Some(&seen) {
            Judgement::Holds
        } else if self.earlier.contains(&seen) {
            Judgement::Undone
        } else {
            Judgement::Unknown
        };
        self.in_flight = None;
        if seen != self.settled {
            self.earlier.push(std::mem::replace(&mut self.settled, seen));
        }
        judgement
    }
}

/// The bytes of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) sha256: [u8; 32],
    pub(super) size_bytes: usize,
}

impl Content {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { sha256: Sha256::digest(bytes).into(), size_bytes: bytes.len() }
    }
}

/// What a check found.
#[derive(Default)]
pub(super) struct Verdict {
    /// Acknowledged, and not there any more.
    pub(super) lost: usize,
    /// There, with other bytes or other values than anybody wrote, or not readable.
    pub(super) corrupt: usize,
    /// There for one request, and not for another; or of two lengths.
    pub(super) half_visible: usize,
    /// One line for each of them.
    pub(super) findings: Vec<String>,
}

impl Verdict {
    pub(super) fn lost(&mut self, what: impl Into<String>) {
        self.lost += 1;
        self.findings.push(format!("lost: {}", what.into()));
    }

    pub(super) fn corrupt(&mut self, what: impl Into<String>) {
        self.corrupt += 1;
        self.findings.push(format!("corrupt: {}", what.into()));
    }

    pub(super) fn half_visible(&mut self, what: impl Into<String>) {
        self.half_visible += 1;
        self.findings.push(format!("half visible: {}", what.into()));
    }

    /// What does not hold is lost where it has been undone, and corrupt where it was never written.
    pub(super) fn judge(&mut self, judgement: Judgement, what: impl Into<String>) {
        match judgement {
            Judgement::Holds => {}
            Judgement::Undone => self.lost(what),
            Judgement::Unknown => self.corrupt(what),
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.lost += other.lost;
        self.corrupt += other.corrupt;
        self.half_visible += other.half_visible;
        self.findings.extend(other.findings);
    }

    pub(super) fn is_good(&self) -> bool {
        self.findings.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn until_it_is_acknowledged_a_change_may_show_or_not() {
        let in_flight = || {
            let mut fact = Fact::new("old");
            fact.send("new");
            fact
        };
        assert_eq!(in_flight().see("old"), Judgement::Holds);
        assert_eq!(in_flight().see("new"), Judgement::Holds);
        assert_eq!(in_flight().see("half"), Judgement::Unknown);
    }

    #[test]
    fn what_was_acknowledged_must_show() {
        let acknowledged = || {
            let mut fact = Fact::new("old");
            fact.send("new");
            fact.acknowledge();
            fact
        };
        assert_eq!(acknowledged().see("new"), Judgement::Holds);
        assert_eq!(acknowledged().see("old"), Judgement::Undone);
        assert_eq!(acknowledged().see("half"), Judgement::Unknown);
    }

    #[test]
    fn what_was_seen_once_must_stay() {
        let mut fact = Fact::new("old");
        fact.send("new");
        assert_eq!(fact.see("new"), Judgement::Holds);
        assert_eq!(fact.see("old"), Judgement::Undone);
    }
}
