//! The local stack with its own folder and port, both gone when the measurement is over.

use super::Options;
use crate::args::root;
use harness::client::Client;
use local::children::Children;
use local::keys::SigningKey;
use local::token::{self, Caller};
use std::mem::replace;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStdout, Command};
use tokio::time::timeout;

/// The first build takes minutes.
const READY_WITHIN: Duration = Duration::from_secs(900);

/// The stack itself gives its processes five seconds, and then its engine.
pub const GRACE: Duration = Duration::from_secs(15);

/// A local stack that serves.
pub struct LocalStack {
    pub url: String,
    pub client: Client,
    pub folder: TempDir,
    key: SigningKey,
    port: u16,
}

impl LocalStack {
    /// Starts a stack on an empty folder.
    pub async fn start(options: &Options, children: &mut Children) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("load-").tempdir().map_err(|e| e.to_string())?;
        let port = free_port();
        println!("starting the local stack, {} processes of a function at most", options.processes);
        run(options, folder.path(), port, children).await?;
        let key = SigningKey::load(&folder.path().join("data/keys")).map_err(|e| e.to_string())?;
        let url = format!("http://127.0.0.1:{port}");
        Ok(Self { client: Client::new(&url), url, folder, key, port })
    }

    /// Ends the stack and starts it again on the same data and port.
    pub async fn restart(&self, options: &Options, children: &mut Children) -> Result<(), String> {
        replace(children, Children::none()).end(GRACE).await;
        run(options, self.folder.path(), self.port, children).await
    }

    /// Issues a token that the stack trusts.
    pub fn token(&self, caller: &Caller) -> String {
        token::issue(&self.key, caller, token::now()).expect("no token")
    }
}

/// Starts it as `make run` does and waits until it is ready.
async fn run(options: &Options, folder: &Path, port: u16, children: &mut Children) -> Result<(), String> {
    let mut command = Command::new(&options.local);
    command
        .arg("run")
        .current_dir(root())
        .env("PORT", port.to_string())
        .env("DATA_DIR", folder.join("data"))
        .env("CONCURRENCY", options.processes.to_string())
        .env("CARGO_LAMBDA", &options.cargo_lambda)
        .env_remove("DYNAMODB_ENDPOINT")
        .env_remove("PBKDF2_ITERATIONS")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let child = children.start(&mut command).map_err(|e| e.to_string())?;
    let lines = child.stdout.take().expect("a pipe");
    let ready = timeout(READY_WITHIN, ready(lines)).await.unwrap_or(false);
    if ready { Ok(()) } else { Err("the local stack did not become ready: `make run` says why".to_owned()) }
}

/// Reads up to the line that says so, and goes on reading so that the stack can go on writing.
async fn ready(stdout: ChildStdout) -> bool {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.starts_with("ready ") {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return true;
        }
    }
    false
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("no free port");
    listener.local_addr().expect("a bound listener").port()
}
