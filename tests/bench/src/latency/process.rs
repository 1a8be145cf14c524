//! What the kernel says of a subject's process.

use super::subject::Subject;
use harness::lambda_host::LambdaHost;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Returns the folder of a subject's process in `/proc`.
fn folder(host: &LambdaHost, subject: Subject) -> Result<PathBuf, String> {
    let pid = pid(host, subject)?;
    Ok(Path::new("/proc").join(pid.to_string()))
}

fn pid(host: &LambdaHost, subject: Subject) -> Result<u32, String> {
    let pids = host.pids(&subject.to_string());
    pids.first().copied().ok_or_else(|| format!("{subject} does not run any more\n{}", host.logs()))
}

/// Returns the processor time of a process, in nanoseconds where `/proc/PID/stat` has hundredths of a second. Threads that
/// have ended are not in it: of the subjects, only this service ends some, those that hash, after a while.
pub fn cpu_time(host: &LambdaHost, subject: Subject) -> Result<Duration, String> {
    let failed = |error: io::Error| format!("no processor time of {subject}: {error}");
    let mut sum = Duration::ZERO;
    for task in fs::read_dir(folder(host, subject)?.join("task")).map_err(failed)? {
        sum += running(&task.map_err(failed)?.path()).map_err(failed)?;
    }
    Ok(sum)
}

/// Returns the processor time of a process's first thread. In this service it does everything but hash.
pub fn cpu_time_of_main_thread(host: &LambdaHost, subject: Subject) -> Result<Duration, String> {
    let task = folder(host, subject)?.join("task").join(pid(host, subject)?.to_string());
    running(&task).map_err(|error| format!("no processor time of {subject}: {error}"))
}

fn running(task: &Path) -> io::Result<Duration> {
    let spent = fs::read_to_string(task.join("schedstat"))?;
    let nanoseconds = spent.split(' ').next().and_then(|running| running.parse().ok());
    nanoseconds.map(Duration::from_nanos).ok_or_else(|| io::Error::other("no time in schedstat"))
}

/// Returns the most memory that a process ever had, in bytes.
pub fn peak_rss(host: &LambdaHost, subject: Subject) -> Result<u64, String> {
    let status = fs::read_to_string(folder(host, subject)?.join("status"));
    let status = status.map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(kib.ok_or("no VmHWM in /proc")? * 1024)
}
