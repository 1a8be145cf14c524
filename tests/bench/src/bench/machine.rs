//! What everything was measured on, in a line.

use crate::args::Options;
use std::path::Path;
use tokio::process::Command;

/// Processor, cores, Node and Python.
pub async fn describe(options: &Options) -> Result<String, String> {
    let cores = std::thread::available_parallelism().map_or(0, |it| it.get());
    let (node, python) = (version(&options.node).await?, version(&options.python).await?);
    Ok(format!("{}, {cores} cores; Node {}; {python}", processor(), node.trim_start_matches('v')))
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
