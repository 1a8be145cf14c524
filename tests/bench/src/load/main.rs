//! Load: the highest rate that the local stack holds, every answer checked.

mod args;
mod place;
mod prepare;
mod report;
mod search;
mod trial;

use args::{Command, Options};
use local::children::Children;
use place::{GRACE, Place};
use search::Search;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use trial::Trials;

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Command::read(std::env::args().skip(1)) {
        Ok(Command::Load(options)) => options,
        Ok(Command::Help) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("error: {problem}; `load --help` lists the options");
            return ExitCode::from(2);
        }
    };
    let mut children = Children::none();
    let done = until_stopped(load(&options, &mut children)).await;
    children.end(GRACE).await;
    match done {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(problem)) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
        None => ExitCode::from(130),
    }
}

/// The work's end, or nothing after Ctrl-C or SIGTERM.
async fn until_stopped<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut interrupt = signal(SignalKind::interrupt()).expect("no signals");
    let mut terminate = signal(SignalKind::terminate()).expect("no signals");
    tokio::select! {
        done = work => Some(done),
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
    }
}

async fn load(options: &Options, children: &mut Children) -> Result<(), String> {
    let place = Place::start(options, children).await?;
    let data = prepare::accounts(&place).await;
    let trials = Trials::new(options, &place, &data);
    let mut found = Vec::new();
    for mix in options.mixes.iter().copied() {
        found.push(Search::new(options, &trials, (&place, children), mix).run().await?);
    }
    report::write(options, &found);
    if found.iter().all(|found| found.held.is_some()) { Ok(()) } else { Err("no rate was held".to_owned()) }
}
