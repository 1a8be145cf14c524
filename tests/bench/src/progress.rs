//! Progress of one part of a run, on standard error.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::Instant;

/// One part of a run.
pub struct Progress {
    name: String,
    total: u64,
    done: u64,
    began: Instant,
}

impl Progress {
    /// Starts a part that has `total` steps.
    pub fn new(name: impl Into<String>, total: u64) -> Self {
        Self { name: name.into(), total, done: 0, began: Instant::now() }
    }

    /// Counts these steps. On a terminal the line is rewritten; elsewhere there is one at the end.
    pub fn add(&mut self, steps: u64) {
        self.done += steps;
        let end = self.done >= self.total;
        if !end && !stderr().is_terminal() {
            return;
        }
        let (start, end) = (if stderr().is_terminal() { "\r" } else { "" }, if end { "\n" } else { "" });
        let seconds = self.began.elapsed().as_secs();
        let _ = write!(stderr(), "{start}{} {}/{}, {seconds} s{end}", self.name, self.done, self.total);
    }
}
