//! Runs the programs that check the file, from the environments that make keeps for them.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::file::root;

/// A program's output and whether it succeeded.
pub struct Outcome {
    pub content: bool,
    pub said: String,
}

/// Returns a program of the schemathesis environment; see [`isolated`].
pub fn program(name: &str) -> Command {
    installed("schemathesis", &format!("bin/{name}"))
}

/// Returns a program of another environment that make installs; see [`isolated`].
pub fn installed(environment: &str, name: &str) -> Command {
    let program = root().join(".tools").join(environment).join(name);
    assert!(program.exists(), "{} is missing: `make .tools/{environment}/ok` installs it", program.display());
    isolated(&program)
}

/// Returns a program to be run in the repository's folder with nothing of ours in its environment.
pub fn isolated(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Returns the path of a file beside this one.
pub fn beside(name: &str) -> PathBuf {
    root().join("tests/tests/openapi").join(name)
}

/// Runs it to its end.
pub async fn run(command: &mut Command) -> Outcome {
    let ended = command.output().await.expect("it does not start");
    let said = String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned();
    Outcome { content: ended.status.success(), said }
}
