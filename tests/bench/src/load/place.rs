//! The local stack on a folder and a port of its own, both gone when the measurement is over.

use crate::args::Options;
use local::children::Children;
use local::keys::SigningKey;
use local::token::{self, Caller};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tests::client::Client;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStdout, Command};
use tokio::time::timeout;

/// The first build takes minutes.
const READY_WITHIN: Duration = Duration::from_secs(900);

/// A stack that serves.
pub struct Place {
    pub url: String,
    pub client: Client,
    pub folder: TempDir,
    key: SigningKey,
}

impl Place {
    /// Starts it as `make run` does and waits until it is ready.
    pub async fn start(options: &Options, children: &mut Children) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("load-").tempdir().map_err(|e| e.to_string())?;
        let port = free_port();
        println!("starting the local stack, {} processes a function at most", options.processes);
        let mut command = Command::new(&options.local);
        command
            .arg("run")
            .env("PORT", port.to_string())
            .env("DATA_DIR", folder.path().join("data"))
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
        if !ready {
            return Err("the local stack did not become ready: `make run` says why".to_owned());
        }
        let key = SigningKey::load(&folder.path().join("data/keys")).map_err(|e| e.to_string())?;
        let url = format!("http://127.0.0.1:{port}");
        Ok(Self { client: Client::new(&url), url, folder, key })
    }

    pub fn token(&self, caller: &Caller) -> String {
        token::issue(&self.key, caller, token::now())
    }
}

/// Reads up to the line that says so; the rest is read too, so that the stack can go on writing.
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
