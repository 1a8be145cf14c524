//! `bench latency`: the functions beside what people would use instead, in one run.

mod measure;
mod process;
mod report;
mod results;
pub mod site;
mod sizes;
pub mod subject;
mod targets;
mod throughput;

use crate::args::{beside_this_program, root, target};
use crate::report::cores;
use harness::engine::Engine;
use site::Site;
use std::path::{Path, PathBuf};
use tokio::process::Command;

pub const HELP: &str = "\
Measures the functions beside plain ones in Python and Node.js, bare Rust ones and the SDK alone, on the embedded engine
and, if DYNAMODB_ENDPOINT names one, on that engine too. Prints tables and how the targets are met, and writes both. A
wrong answer ends the run.

usage: bench latency [options]

  --quick           few repetitions, under a minute: a rehearsal
  --out DIR         the folder for latency.md and latency.json (default: target/bench)
  --binaries DIR    the folder of the functions and the bare ones, as DIR/NAME/bootstrap or DIR/NAME (default: beside
                    this program)
  --python FILE     a Python that has boto3 and awslambdaric (default: .tools/bench/bin/python)
  --node FILE       Node.js 20 or later (default: node)
";

/// How to measure.
#[derive(Debug)]
pub struct Options {
    pub out: PathBuf,
    pub binaries: PathBuf,
    pub python: PathBuf,
    pub node: PathBuf,
    pub rounds: Rounds,
}

/// How often things are done; a round has each subject once, or once in a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounds {
    /// New processes with one invocation each.
    pub inits: usize,
    /// Rounds of `status`.
    pub status: usize,
    /// Invocations of one subject in a round of `status`.
    pub burst: usize,
    /// Rounds of `set-pin` and `port-out` with the hash of production.
    pub hashed: usize,
    /// Rounds of `set-pin` and `port-out` with the cheapest hash.
    pub cheap: usize,
    /// Rounds in which processor time is measured.
    pub throughput: usize,
}

pub const FULL: Rounds =
    Rounds { inits: 25, status: 100, burst: 10, hashed: 80, cheap: 200, throughput: 500 };
pub const QUICK: Rounds = Rounds { inits: 2, status: 5, burst: 4, hashed: 3, cheap: 10, throughput: 10 };

impl Default for Options {
    fn default() -> Self {
        Self {
            out: target().join("bench"),
            binaries: beside_this_program(),
            python: root().join(".tools/bench/bin/python"),
            node: "node".into(),
            rounds: FULL,
        }
    }
}

impl Options {
    /// Creates the usual ones for functions in this folder.
    pub fn of(binaries: &Path) -> Self {
        Self { binaries: binaries.to_owned(), ..Self::default() }
    }
}

/// Measures everything on each engine and reports it.
pub async fn run(options: &Options) -> Result<(), String> {
    let machine = machine(options).await?;
    let sizes = sizes::all(options).await?;
    let embedded = Engine::in_memory();
    let mut engines = vec![("embedded", embedded.endpoint().to_owned())];
    match std::env::var("DYNAMODB_ENDPOINT") {
        Ok(endpoint) if !endpoint.is_empty() => engines.push(("DynamoDB Local", endpoint)),
        _ => eprintln!("DYNAMODB_ENDPOINT names no other engine: only the embedded one is measured"),
    }
    let mut all = Vec::new();
    for (name, endpoint) in engines {
        let mut site = Site::prepare(options, &endpoint).await?;
        all.push(measure::everything(&mut site, options.rounds, name).await?);
    }
    report::write(&options.out, &machine, &all, &sizes)
}

/// Describes the processor, Node.js and Python in a line.
async fn machine(options: &Options) -> Result<String, String> {
    let (node, python) = (version(&options.node).await?, version(&options.python).await?);
    let node = node.trim_start_matches('v');
    Ok(format!("{}, {} cores; Node {node}; {python}", processor(), cores()))
}

fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or("unknown processor".to_owned(), |(_, model)| model.to_owned())
}

async fn version(program: &Path) -> Result<String, String> {
    let output = Command::new(program).arg("--version").kill_on_drop(true).output().await;
    let output = output.map_err(|error| format!("{} does not start: {error}", program.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
