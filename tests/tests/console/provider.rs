//! The independent provider as a process, which ends with the test.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Audience of its access tokens.
pub const AUDIENCE: &str = "urn:port-out:api";

/// A running provider.
pub struct Provider {
    pub issuer: String,
    pub jwks: String,
    process: Child,
    /// Kept open: the provider writes warnings later, and would end if they could not be read.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Provider {
    /// Starts a provider whose one client is the console at this address.
    pub async fn start(console: &str) -> Self {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let tools = root.join(".tools/oidc-provider");
        assert!(
            tools.join("ok").exists(),
            "the provider is missing: `make .tools/oidc-provider/ok` installs it"
        );
        let mut process = Command::new("node")
            .arg("tests/tests/console/provider.mjs")
            .current_dir(root)
            .env("TOOLS", tools.canonicalize().expect("a folder"))
            .env("REDIRECT_URI", format!("{console}/console/callback"))
            .env("AUDIENCE", AUDIENCE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .expect("Node.js");
        let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let line = lines.next_line().await.expect("a pipe").expect("the provider ended");
        let said: Value = serde_json::from_str(&line).expect("JSON");
        let issuer = said["issuer"].as_str().expect("an issuer").to_owned();
        Self { issuer, jwks: said["jwks"].to_string(), process, _output: lines }
    }
    /// Ends it; from then on, nothing answers at its address.
    pub async fn stop(&mut self) {
        self.process.kill().await.expect("a process that runs");
    }
}
