//! One function process: started from an empty environment, its output kept line by line, dead when dropped.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

/// What to run.
#[derive(Clone, Debug)]
pub struct Program {
    /// The binary.
    pub binary: PathBuf,
    /// What follows its name.
    pub args: Vec<String>,
    /// All of its environment but `PATH` and `HOME`.
    pub env: Vec<(String, String)>,
}

/// What processes wrote to stdout and stderr, one line after the other.
#[derive(Clone, Default)]
pub struct Logs(Arc<Mutex<String>>);

impl Logs {
    /// Returns all lines, each prefixed with the name of its function.
    pub fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn add(&self, name: &str, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        *self.0.lock().unwrap() += &format!("{name}: {}\n", line.trim_end_matches('\n'));
    }
}

/// A running process.
pub struct Process {
    child: Child,
    readers: [JoinHandle<()>; 2],
}

impl Process {
    /// Starts it; `name` marks its lines in the logs.
    pub fn start(program: &Program, name: &str, logs: &Logs) -> Self {
        let kept = ["PATH", "HOME"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        let mut command = Command::new(&program.binary);
        command
            .args(&program.args)
            .env_clear()
            .envs(kept)
            .envs(program.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.binary.display()));
        let stdout = tokio::spawn(read(child.stdout.take().expect("a pipe"), name.to_owned(), logs.clone()));
        let stderr = tokio::spawn(read(child.stderr.take().expect("a pipe"), name.to_owned(), logs.clone()));
        Self { child, readers: [stdout, stderr] }
    }

    /// Returns its process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for its end and for its last line. Can be dropped and called again.
    pub async fn wait(&mut self) -> ExitStatus {
        let status = self.child.wait().await.expect("no exit status");
        for reader in &mut self.readers {
            if !reader.is_finished() {
                let _ = reader.await;
            }
        }
        status
    }

    /// Kills it; [`Process::wait`] returns once it has ended.
    pub fn kill(&mut self) {
        let _ = self.child.start_kill();
    }
}

async fn read(pipe: impl AsyncRead + Unpin, name: String, logs: Logs) {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while pipe.read_until(b'\n', &mut line).await.is_ok_and(|n| n > 0) {
        logs.add(&name, &line);
        line.clear();
    }
}
