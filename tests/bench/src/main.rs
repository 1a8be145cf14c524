//! Measures the functions' latency and instructions, how they grow with the number of accounts, and the load that they sustain.

mod args;
mod call;
mod growth;
mod hash;
mod instructions;
mod latency;
mod load;
mod progress;
mod report;
mod stats;
mod table;

use args::Command;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command = match Command::parse(&mut lexopt::Parser::from_env()) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("error: {error}; see --help");
            return ExitCode::from(2);
        }
    };
    match run(command).await {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            eprintln!("\nerror: {error}");
            ExitCode::FAILURE
        }
        None => ExitCode::from(130),
    }
}

/// Runs a command to its end; returns nothing if a signal stopped it.
async fn run(command: Command) -> Option<Result<(), String>> {
    match command {
        Command::Help(text) => {
            print!("{text}");
            Some(Ok(()))
        }
        Command::Latency(options) => until_stopped(latency::run(&options)).await,
        Command::Instructions(options) => until_stopped(instructions::run(&options)).await,
        Command::Growth(options) => until_stopped(growth::run(&options)).await,
        Command::Load(options) => until_stopped(load::run(&options)).await,
    }
}

/// Returns nothing after Ctrl-C or SIGTERM; processes and folders that the work has made go when it is dropped.
async fn until_stopped<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut interrupt = signal(SignalKind::interrupt()).expect("no signals");
    let mut terminate = signal(SignalKind::terminate()).expect("no signals");
    tokio::select! {
        done = work => Some(done),
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
    }
}
