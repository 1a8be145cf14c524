//! A separate workspace for a stack: data folder, port, environment, and the processes that belong to it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use crate::commands::{command, free_port, local_program, prepare, repository};

/// Stacks at once: each has many processes, and cargo lets only one build.
static ROOM: Semaphore = Semaphore::const_new(2);

/// Longer than a killed process needs to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(10);

/// How many processes each function may have.
const CONCURRENCY: &str = "CONCURRENCY";

/// Where a stack is; whatever runs there ends when this is dropped.
pub struct WorkspaceDir {
    folder: TempDir,
    port: u16,
    /// The later of two with one name counts.
    settings: Vec<(&'static str, String)>,
    room: Option<SemaphorePermit<'static>>,
}

/// A process of a stack.
#[derive(Debug)]
pub struct Process {
    pub pid: Pid,
    pub name: String,
}

impl WorkspaceDir {
    /// Creates a workspace as soon as its stack has room.
    pub async fn new() -> Self {
        let room = ROOM.acquire().await.unwrap();
        let mut workspace = Self::besides().await;
        workspace.room = Some(room);
        workspace
    }

    /// Creates a workspace whose stack has little to do and does not count against the limit.
    pub async fn besides() -> Self {
        static PREPARED: OnceCell<()> = OnceCell::const_new();
        PREPARED.get_or_init(prepare).await;
        // One of each function, unless a test needs more: every process costs a start of cargo.
        let settings = vec![(CONCURRENCY, "1".to_owned())];
        Self { folder: tempfile::tempdir().unwrap(), port: free_port(), settings, room: None }
    }

    /// Lets each function have as many processes as `make run` gives it, for several calls at once.
    pub fn with_usual_concurrency(mut self) -> Self {
        self.settings.retain(|(name, _)| *name != CONCURRENCY);
        self
    }

    /// Adds a variable for every process of this workspace.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.settings.push((name, value.to_owned()));
        self
    }

    /// Returns the embedded engine's folder, whose name a shell would split into several words.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("it's the data")
    }

    /// Returns the stack's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the stack's URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Creates a command of this workspace, in the repository.
    pub fn command(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
        let mut command = command(program, arguments);
        command.env("PORT", self.port.to_string()).env("DATA_DIR", self.data());
        command.envs(self.settings.iter().map(|(name, value)| (*name, value)));
        command
    }

    /// `local run`, as `make run` calls it.
    pub fn local_run(&self) -> Command {
        let mut command = self.command(local_program(), &["run"]);
        command.env("CARGO_LAMBDA", repository().join(".venv/bin/cargo-lambda"));
        command
    }

    /// Returns a token of `make token`, such as for `ROLE=operator`.
    pub async fn token(&self, caller: &str) -> String {
        let arguments: Vec<_> = ["-s", "token"].into_iter().chain(caller.split(' ')).collect();
        let output = self.command("make", &arguments).output().await.unwrap();
        assert!(output.status.success(), "make token {caller}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Returns the processes that run here now.
    pub fn processes(&self) -> Vec<Process> {
        let mark = [b"DATA_DIR=", self.data().as_os_str().as_bytes()].concat();
        let belongs = |environment: &[u8]| environment.split(|byte| *byte == 0).any(|it| it == mark);
        let entries = fs::read_dir("/proc").unwrap().flatten().map(|it| it.path());
        entries
            .filter(|it| fs::read(it.join("environ")).is_ok_and(|it| belongs(&it)))
            .filter_map(process)
            .collect()
    }

    /// `kill -9` of everything that runs here, processes of this name first, until nothing is left.
    pub async fn kill_all(&self, first: &str) {
        let begun = Instant::now();
        while self.kill_once(first) {
            assert!(begun.elapsed() < GONE_WITHIN, "not to be killed: {:?}", self.processes());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Kills what runs here; returns whether anything did.
    fn kill_once(&self, first: &str) -> bool {
        let mut processes = self.processes();
        processes.sort_by_key(|it| it.name != first);
        for process in &processes {
            let _ = kill_process(process.pid, Signal::KILL);
        }
        !processes.is_empty()
    }

    /// Returns the processes of this name.
    pub fn pids(&self, name: &str) -> Vec<Pid> {
        self.processes().into_iter().filter(|it| it.name == name).map(|it| it.pid).collect()
    }

    /// Waits until nothing runs here any more.
    pub async fn until_empty(&self) {
        let begun = Instant::now();
        while !self.processes().is_empty() {
            assert!(begun.elapsed() < GONE_WITHIN, "left behind: {:?}", self.processes());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for WorkspaceDir {
    fn drop(&mut self) {
        let begun = Instant::now();
        while self.kill_once("make") && begun.elapsed() < GONE_WITHIN {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn process(entry: PathBuf) -> Option<Process> {
    let pid = Pid::from_raw(entry.file_name()?.to_str()?.parse().ok()?)?;
    let name = fs::read_to_string(entry.join("comm")).ok()?;
    Some(Process { pid, name: name.trim_end().to_owned() })
}
