//! The embedded engine in a process of its own, so that its work is not in the process that measures.

use harness::engine::Engine;
use std::io::Read as _;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A running engine, ended when dropped.
pub struct EngineProcess {
    endpoint: String,
    _child: Child,
}

impl EngineProcess {
    /// Starts this program again as an engine in memory.
    pub async fn start() -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.arg("engine").env_remove("DYNAMODB_ENDPOINT").kill_on_drop(true);
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|error| format!("the engine does not start: {error}"))?;
        let stdout = child.stdout.take().ok_or("the engine has no output")?;
        let mut endpoint = String::new();
        let read = BufReader::new(stdout).read_line(&mut endpoint).await;
        match read {
            Ok(bytes) if bytes > 0 => Ok(Self { endpoint: endpoint.trim().to_owned(), _child: child }),
            _ => Err("the engine ended before it told its address".to_owned()),
        }
    }

    /// Where it answers.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

/// What that process does: serves until its input ends, which it does however the other process ends.
pub fn serve() {
    let engine = Engine::start();
    println!("{}", engine.endpoint());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
