//! One line on a terminal that is written over and over, while a command works.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

const PROGRESS_EVERY: Duration = Duration::from_millis(200);

pub struct StatusLine {
    is_terminal: bool,
    shown: Option<Instant>,
}

impl StatusLine {
    pub fn new() -> StatusLine {
        StatusLine { is_terminal: stderr().is_terminal(), shown: None }
    }

    /// Nothing where nobody looks, or has just been shown another.
    pub fn show(&mut self, text: impl FnOnce() -> String) {
        if !self.is_terminal || self.shown.is_some_and(|shown| shown.elapsed() < PROGRESS_EVERY) {
            return;
        }
        self.shown = Some(Instant::now());
        let _ = write!(stderr(), "\r\x1b[K{}", text());
    }

    /// Makes room for a line that stays.
    pub fn clear(&mut self) {
        if self.shown.take().is_some() {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}
