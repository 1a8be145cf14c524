//! Runs a script of `tests/browser`, which drives a real browser, Chromium.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

/// Longer than any script takes.
const WITHIN: Duration = Duration::from_secs(300);

/// Runs a script against the site at an address, with the environment of this command; fails with what the script printed.
///
/// # Panics
/// The script fails, or the browser is not installed.
pub async fn run(mut command: Command, script: &str, site: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tools = root.join(".tools/browser").canonicalize().unwrap_or_default();
    assert!(tools.join("ok").exists(), "the browser is missing: `make .tools/browser/ok` installs it");
    command.args(["--test", "--test-reporter=spec", &format!("tests/browser/{script}")]);
    command.current_dir(&root).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let process = command.env("BROWSER_TOOLS", tools).env("URL", site).output();
    let output = timeout(WITHIN, process).await.expect("in time").expect("Node.js");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
