//! `bench load`: the highest rate that eight function processes sustain, every answer checked, and what happens beyond it.

mod accounts;
mod report;
mod search;
mod trial;

use crate::args::{beside_this_program, root, target};
use harness::engine::Engine;
use harness::stack::Stack;
use runtime::pin_hash::hasher::DEFAULT_ROUNDS;
use search::Search;
use std::path::PathBuf;
use trial::{Mix, Trials};

pub const HELP: &str = "\
Finds the highest rate that the functions sustain for a minute as processes behind a gateway, on the embedded engine: 99th
percentile under three times the unloaded one, no request dropped, no answer wrong. Then sends twice as much, which has to
be answered too, if late, and looks if the unloaded times come back. It takes 15 minutes.

usage: bench load [options]

  --quick           shorter trials: a rehearsal
  --only MIX        status reads alone, or mixed with set-pin and port-outs: status or mixed (default: both)
  --processes N     of each of the four functions (default: 2)
  --binaries DIR    the folder of the functions (default: beside this program)
  --k6 FILE         the load generator (default: .tools/bench/bin/k6)
  --out DIR         the folder for load.md and load.json (default: target/bench)
";

/// What to measure, and the programs for it.
#[derive(Debug)]
pub struct Options {
    pub mixes: Vec<Mix>,
    pub processes: usize,
    pub binaries: PathBuf,
    pub k6: PathBuf,
    pub out: PathBuf,
    pub seconds: Seconds,
}

/// How long trials take.
#[derive(Clone, Copy, Debug)]
pub struct Seconds {
    /// The measurement at a rate that loads nothing.
    pub unloaded: u64,
    /// A trial of the search, the one beyond what was found, and the one after that.
    pub trial: u64,
    /// The trial that decides.
    pub sustained: u64,
}

const FULL: Seconds = Seconds { unloaded: 60, trial: 15, sustained: 60 };
pub const QUICK: Seconds = Seconds { unloaded: 15, trial: 5, sustained: 15 };

impl Default for Options {
    fn default() -> Self {
        Self {
            mixes: vec![Mix::Status, Mix::Mixed],
            processes: 2,
            binaries: beside_this_program(),
            k6: root().join(".tools/bench/bin/k6"),
            out: target().join("bench"),
            seconds: FULL,
        }
    }
}

/// Those of the requests, and the one that makes the accounts before.
const FUNCTIONS: [&str; 4] = ["status", "set-pin", "port-out", "provision"];

impl Options {
    /// Fails with the rule that an option breaks.
    pub fn check(&self) -> Result<(), String> {
        if self.mixes.is_empty() {
            return Err("--only must be status or mixed".to_owned());
        }
        if self.processes == 0 {
            return Err("--processes must be at least 1".to_owned());
        }
        if !self.k6.exists() {
            let k6 = self.k6.display();
            return Err(format!("--k6 {k6} is missing: `make .tools/bench/ok` installs it"));
        }
        Ok(())
    }

    /// Returns how many processes run.
    pub fn all_processes(&self) -> usize {
        FUNCTIONS.len() * self.processes
    }

    /// Starts the functions, with the hash of production.
    async fn start(&self) -> Result<Stack, String> {
        let fixture = Stack::builder().functions(&FUNCTIONS).processes(self.processes);
        let fixture = fixture.binaries(&self.binaries).env("PBKDF2_ITERATIONS", &DEFAULT_ROUNDS.to_string());
        fixture.without_wire().engine(Engine::in_memory()).try_start().await
    }
}

/// Finds the rate of each mix and reports it; fails if none is sustained, or if the functions do not recover from more.
pub async fn run(options: &Options) -> Result<(), String> {
    let stack = options.start().await?;
    let folder = tempfile::Builder::new().prefix("load-").tempdir().map_err(|error| error.to_string())?;
    let data = accounts::make(&stack, folder.path()).await;
    let trials = Trials::new(options, folder.path(), &data);
    let mut found = Vec::new();
    for mix in options.mixes.iter().copied() {
        found.push(Search::new(options, &trials, mix).run().await?);
    }
    report::write(options, &found)?;
    if found.iter().any(|found| found.sustained.is_none()) {
        return Err("no rate is sustained".to_owned());
    }
    if found.iter().any(|found| !found.recovered()) {
        return Err("the functions do not recover from more requests than they can answer in time".to_owned());
    }
    Ok(())
}
