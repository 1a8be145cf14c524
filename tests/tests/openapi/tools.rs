//! Runs the Python programs that check the file, from the environment that make keeps for them.

use crate::file::root;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::process::Command;

/// What a program said, and whether it was content.
pub struct Outcome {
    pub content: bool,
    pub said: String,
}

/// A program of the environment, to be run in the repository's folder with nothing of ours in its environment.
pub fn program(name: &str) -> Command {
    let program = root().join(".tools/schemathesis/bin").join(name);
    assert!(program.exists(), "{} is missing: `make .tools/schemathesis/ok` installs it", program.display());
    let mut command = Command::new(program);
    command.current_dir(root()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// A file beside this one.
pub fn beside(name: &str) -> PathBuf {
    root().join("tests/tests/openapi").join(name)
}

/// Runs it to its end.
pub async fn run(command: &mut Command) -> Outcome {
    let ended = command.output().await.expect("it does not start");
    let said = String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned();
    Outcome { content: ended.status.success(), said }
}
