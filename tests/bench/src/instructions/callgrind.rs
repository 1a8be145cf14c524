//! Runs a function under callgrind, which counts the instructions of each of its functions until it ends.

use super::profile::Profile;
use crate::latency::site::Site;
use crate::latency::subject::Subject;
use harness::lambda_host::{Function, LambdaHost};
use harness::stack::route;
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::sleep;

/// Callgrind's options. No instruction counts from the entry into the slow hash to its end; what it costs is chosen.
const OPTIONS: [&str; 6] = [
    "--tool=callgrind",
    "--quiet",
    "--toggle-collect=port_out_pbkdf2::derive*",
    "--collect-atstart=yes",
    "--compress-strings=no",
    "--compress-pos=no",
];
/// How long a request may take: valgrind makes it some fifty times slower.
const TIMEOUT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);

/// Returns the version of valgrind.
pub async fn version(valgrind: &Path) -> Result<String, String> {
    let output = Command::new(valgrind).arg("--version").kill_on_drop(true).output().await;
    let missing = |error| {
        format!(
            "{} does not start: {error}; install valgrind (Debian: apt install valgrind)",
            valgrind.display()
        )
    };
    let output = output.map_err(missing)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns the instructions of a process from its start to its end, with that many requests in between.
pub async fn run(
    site: &mut Site<'_>,
    valgrind: &Path,
    subject: Subject,
    requests: u32,
) -> Result<Profile, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let file = folder.path().join("callgrind.out");
    let function = under_callgrind(site.function(subject), valgrind, &file);
    let host = LambdaHost::start(vec![function], Arc::new(route)).await;
    let host = host.map_err(|logs| format!("{subject} does not start under valgrind:\n{logs}"))?;
    for _ in 0..requests {
        site.invoke(&host, subject).await?;
    }
    end(&host, &subject.to_string()).await;
    let written = std::fs::read_to_string(&file);
    let written = written.map_err(|error| format!("{}: {error}\n{}", file.display(), host.logs()))?;
    Ok(Profile::parse(&written))
}

fn under_callgrind(function: Function, valgrind: &Path, file: &Path) -> Function {
    let mut args = OPTIONS.map(str::to_owned).to_vec();
    args.push(format!("--callgrind-out-file={}", file.display()));
    args.push(function.binary.to_string_lossy().into_owned());
    args.extend(function.args);
    Function { binary: valgrind.to_owned(), args, timeout: TIMEOUT, ..function }
}

/// Ends it with a signal, upon which valgrind writes what it counted, and waits until it is gone.
async fn end(host: &LambdaHost, name: &str) {
    for pid in host.pids(name) {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let _ = kill_process(pid.expect("a process id"), Signal::TERM);
    }
    while !host.pids(name).is_empty() {
        sleep(POLL).await;
    }
}
