//! `bench instructions`: the instructions of one warm request, beside bare Rust functions that make the same calls.

mod callgrind;
mod profile;
mod record;
mod report;

use crate::args::{beside_this_program, target};
use crate::latency;
use crate::latency::site::Site;
use crate::latency::subject::{Implementation, OPERATIONS, Operation, Subject};
use crate::progress::Progress;
use harness::engine::Engine;
use profile::Request;
use std::path::PathBuf;

pub const HELP: &str = "\
Counts the instructions of warm requests with callgrind (`valgrind --tool=callgrind`), without those of the slow hash, in
this service and in bare Rust functions, and names the functions that take the most. Unlike times, the counts hardly
depend on what else the machine does.

usage: bench instructions [options]

  --quick           few requests: a rehearsal
  --check FILE      compares with a record, an earlier instructions.json, and fails if an operation takes over 5 % more
  --out DIR         the folder for instructions.md and instructions.json (default: target/bench)
  --binaries DIR    the folder of the functions and the bare ones, built with the names of their functions, as
                    DIR/NAME/bootstrap or DIR/NAME (default: beside this program)
  --valgrind FILE   valgrind 3.19 or later (default: valgrind)
";

/// What to measure.
#[derive(Debug)]
pub struct Options {
    pub out: PathBuf,
    pub binaries: PathBuf,
    pub valgrind: PathBuf,
    /// The record to compare with.
    pub check: Option<PathBuf>,
    pub requests: Requests,
}

/// Requests to one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requests {
    /// Those that warm it up.
    pub warm_up: u32,
    /// Those after them, which count.
    pub counted: u32,
}

pub const FULL: Requests = Requests { warm_up: 10, counted: 20 };
pub const QUICK: Requests = Requests { warm_up: 3, counted: 3 };

impl Default for Options {
    fn default() -> Self {
        Self {
            out: target().join("bench"),
            binaries: beside_this_program(),
            valgrind: "valgrind".into(),
            check: None,
            requests: FULL,
        }
    }
}

/// An operation's request in both implementations.
pub struct Measured {
    pub operation: Operation,
    pub service: Request,
    pub bare: Request,
}

/// Measures every operation and reports it; then compares it with the record, if there is one.
pub async fn run(options: &Options) -> Result<(), String> {
    let valgrind = callgrind::version(&options.valgrind).await?;
    let record = options.check.as_deref().map(record::read).transpose()?;
    let (engine, around) = (Engine::in_memory(), latency::Options::of(&options.binaries));
    let mut site = Site::prepare(&around, engine.endpoint()).await?;
    let mut progress = Progress::new("instructions", 2 * OPERATIONS.len() as u64);
    let mut all = Vec::new();
    for operation in OPERATIONS {
        let service = request(&mut site, options, of_service(operation)).await?;
        progress.add(1);
        let bare = request(&mut site, options, Subject::new(operation, Implementation::Bare)).await?;
        progress.add(1);
        all.push(Measured { operation, service, bare });
    }
    report::write(&options.out, &valgrind, &all)?;
    record.map_or(Ok(()), |record| record.check(&all))
}

/// The hash is not counted, so the cheapest one will do.
fn of_service(operation: Operation) -> Subject {
    match operation {
        Operation::Status => Subject::new(operation, Implementation::Service),
        _ => Subject::cheap(operation),
    }
}

/// Runs a process that warms up and one that goes on from there: they differ by the requests that count.
async fn request(site: &mut Site<'_>, options: &Options, subject: Subject) -> Result<Request, String> {
    let Requests { warm_up, counted } = options.requests;
    let before = callgrind::run(site, &options.valgrind, subject, warm_up).await?;
    let after = callgrind::run(site, &options.valgrind, subject, warm_up + counted).await?;
    Ok(after.since(&before, counted))
}
