//! Growth: what a hundred and a thousand times more accounts do to the time that an answer takes.

mod accounts;
mod args;
mod billing;
mod figures;
mod fill;
mod measure;
mod pattern;
mod report;
mod sizes;
mod subject;

use args::{Command, Options};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let done = match Command::read(std::env::args().skip(1)) {
        Ok(Command::Help) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Command::Sizes(options)) => until_stopped(sizes::show(&options)).await,
        Ok(Command::Growth(options)) => until_stopped(growth(&options)).await,
        Err(problem) => {
            eprintln!("error: {problem}; `growth --help` lists the options");
            return ExitCode::from(2);
        }
    };
    match done {
        Some(true) => ExitCode::SUCCESS,
        Some(false) => ExitCode::FAILURE,
        None => ExitCode::from(130),
    }
}

/// The work's end, or nothing after Ctrl-C or SIGTERM; whatever the work has made goes when it is dropped.
async fn until_stopped(work: impl Future<Output = bool>) -> Option<bool> {
    let mut interrupt = signal(SignalKind::interrupt()).expect("no signals");
    let mut terminate = signal(SignalKind::terminate()).expect("no signals");
    tokio::select! {
        done = work => Some(done),
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
    }
}

/// Whether the largest store is as quick as was aimed at.
async fn growth(options: &Options) -> bool {
    let subjects = subject::all(options).await;
    let measured = measure::run(&subjects, options.repetitions).await;
    report::write(options, &subjects, &measured)
}
