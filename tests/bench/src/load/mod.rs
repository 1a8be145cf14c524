//! `bench load`: the highest rate that the local stack sustains, every answer checked.

mod accounts;
mod report;
mod search;
mod stack;
mod trial;

use crate::args::{root, target};
use local::children::Children;
use search::Search;
use stack::LocalStack;
use std::path::PathBuf;
use trial::{Mix, Trials};

pub use stack::GRACE;

pub const HELP: &str = "\
Finds the highest rate that the local stack (`local run`, 8 processes of a function at most) sustains for a minute: 99th
percentile under three times that of an unloaded stack, no request dropped, no answer wrong. It takes 15 minutes.

usage: bench load [options]

  --quick           shorter trials: a rehearsal
  --only MIX        status reads alone, or mixed with set-pin and port-outs: status or mixed (default: both)
  --processes N     of each function, at most (default: 8)
  --k6 FILE         the load generator (default: .tools/bench/bin/k6)
  --out DIR         the folder for load.md and load.json (default: target/bench)

The stack is the one of CARGO_TARGET_DIR, or of target, with its own data folder and port. With
CARGO_PROFILE_DEV_OPT_LEVEL=3 and another CARGO_TARGET_DIR it is an optimized one.
";

/// What to measure, and the programs for it.
#[derive(Debug)]
pub struct Options {
    pub mixes: Vec<Mix>,
    pub processes: u16,
    pub k6: PathBuf,
    pub local: PathBuf,
    pub cargo_lambda: PathBuf,
    pub out: PathBuf,
    pub seconds: Seconds,
}

/// How long trials take.
#[derive(Clone, Copy, Debug)]
pub struct Seconds {
    /// The measurement at a rate that loads nothing.
    pub unloaded: u64,
    /// A trial of the search.
    pub trial: u64,
    /// The trial that decides.
    pub sustained: u64,
}

const FULL: Seconds = Seconds { unloaded: 60, trial: 15, sustained: 60 };
pub const QUICK: Seconds = Seconds { unloaded: 15, trial: 5, sustained: 15 };

impl Default for Options {
    fn default() -> Self {
        let cargo_lambda = std::env::var_os("CARGO_LAMBDA").map(PathBuf::from);
        Self {
            mixes: vec![Mix::Status, Mix::Mixed],
            processes: 8,
            k6: root().join(".tools/bench/bin/k6"),
            local: target().join("debug/local"),
            cargo_lambda: cargo_lambda.unwrap_or_else(|| root().join(".venv/bin/cargo-lambda")),
            out: target().join("bench"),
            seconds: FULL,
        }
    }
}

impl Options {
    /// Fails with the rule that an option breaks. Paths become absolute, as the stack runs in another folder.
    pub fn check(&mut self) -> Result<(), String> {
        if self.mixes.is_empty() {
            return Err("--only must be status or mixed".to_owned());
        }
        if self.processes == 0 {
            return Err("--processes must be at least 1".to_owned());
        }
        for (name, program, remedy) in [
            ("--k6", &mut self.k6, "`make .tools/bench/ok` installs it"),
            ("the local stack", &mut self.local, "`cargo build --bin local` builds it"),
            ("cargo-lambda", &mut self.cargo_lambda, "`make cargo-lambda` installs it"),
        ] {
            let missing = |_| format!("{name} {} is missing: {remedy}", program.display());
            *program = program.canonicalize().map_err(missing)?;
        }
        Ok(())
    }
}

/// Finds the rate of each mix and reports it; fails if none is sustained.
pub async fn run(options: &Options, children: &mut Children) -> Result<(), String> {
    let stack = LocalStack::start(options, children).await?;
    let data = accounts::make(&stack).await;
    let trials = Trials::new(options, &stack, &data);
    let mut found = Vec::new();
    for mix in options.mixes.iter().copied() {
        found.push(Search::new(options, &trials, (&stack, children), mix).run().await?);
    }
    report::write(options, &found)?;
    if found.iter().all(|found| found.sustained.is_some()) {
        Ok(())
    } else {
        Err("no rate is sustained".to_owned())
    }
}
