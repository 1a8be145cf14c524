//! Tells on the terminal how far a run is.

use std::io::{IsTerminal as _, Write as _, stderr};

/// One part of the run.
pub struct Progress {
    name: String,
    total: usize,
    done: usize,
}

impl Progress {
    /// Nothing of `total` is done.
    pub fn new(name: String, total: usize) -> Self {
        Self { name, total, done: 0 }
    }

    /// One more is done. On a terminal the line is renewed; elsewhere there is one at the end.
    pub fn step(&mut self) {
        self.done += 1;
        let (end, last) = (self.done == self.total, if stderr().is_terminal() { "\r" } else { "" });
        if end || !last.is_empty() {
            let line = format!("{last}{} {}/{}", self.name, self.done, self.total);
            let _ = write!(stderr(), "{line}{}", if end { "\n" } else { "" });
        }
    }
}
