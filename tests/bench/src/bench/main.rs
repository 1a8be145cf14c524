//! `make bench`: the functions beside what people would use instead, in one run.

mod args;
mod call;
mod engine;
mod machine;
mod measure;
mod progress;
mod report;
mod results;
mod site;
mod sizes;
mod subject;
mod verdict;

use args::{Command, Options};
use engine::EngineProcess;
use site::Site;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let program = std::env::current_exe().unwrap();
    match Command::read(std::env::args().skip(1), program.parent().unwrap()) {
        Ok(Command::Measure(options)) => until_stopped(&options).await,
        Ok(Command::Engine) => {
            engine::serve();
            ExitCode::SUCCESS
        }
        Ok(Command::Help) => {
            print!("{}", args::HELP);
            ExitCode::SUCCESS
        }
        Err(why) => failed(&format!("{why}; see --help")),
    }
}

/// Every process is a part of the measurement's future and ends with it.
async fn until_stopped(options: &Options) -> ExitCode {
    let mut terminated = signal(SignalKind::terminate()).unwrap();
    let stopped = async {
        tokio::select! { _ = tokio::signal::ctrl_c() => {}, _ = terminated.recv() => {} }
    };
    tokio::select! {
        done = bench(options) => done.map_or_else(|why| failed(&why), |()| ExitCode::SUCCESS),
        () = stopped => failed("stopped"),
    }
}

fn failed(why: &str) -> ExitCode {
    eprintln!("\nerror: {why}");
    ExitCode::FAILURE
}

async fn bench(options: &Options) -> Result<(), String> {
    let machine = machine::describe(options).await?;
    let sizes = sizes::all(options).await?;
    let embedded = EngineProcess::start().await?;
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
    report::write(options, &machine, &all, &sizes)
}
