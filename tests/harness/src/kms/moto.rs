//! moto server's KMS: one process for all tests of a binary, or a test's own, gone with the process that started it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;

/// A running server. Its standard input is a pipe from this process: when that closes, it ends, so it outlives
/// neither a drop nor a killed test binary.
pub struct Moto {
    child: Child,
    url: String,
    seed: String,
}

/// Never dropped: the end of this process ends it.
static SHARED: LazyLock<Result<Moto, String>> = LazyLock::new(|| Moto::start(&crate::random_hex(8)));

impl Moto {
    /// Returns the server of this test binary, starting it on first use.
    pub async fn shared() -> &'static Self {
        let started = tokio::task::spawn_blocking(|| LazyLock::force(&SHARED)).await.expect("no thread");
        started.as_ref().unwrap_or_else(|why| panic!("{why}"))
    }

    /// Starts a server for one test.
    pub async fn own() -> Self {
        Gone { seed: crate::random_hex(8) }.again().await
    }

    /// Ends it; what is left can start it again.
    pub async fn gone(self) -> Gone {
        let seed = self.seed.clone();
        tokio::task::spawn_blocking(|| self.end()).await.expect("it does not end");
        Gone { seed }
    }

    fn start(seed: &str) -> Result<Self, String> {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let python = root.join(".tools/moto/bin/python");
        if !python.exists() {
            return Err("moto server is missing: run `make .tools/moto/ok` first".to_owned());
        }
        let mut command = Command::new(python);
        command
            .arg(root.join("tests/harness/src/kms/server.py"))
            .arg(seed)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| format!("moto server does not start: {error}"))?;
        let mut port = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut port).expect("a readable pipe");
        let port: u16 =
            port.trim().parse().map_err(|_| "moto server does not start; see above".to_owned())?;
        Ok(Self { child, url: format!("http://127.0.0.1:{port}"), seed: seed.to_owned() })
    }

    /// Returns its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets go of the pipe, as the end of this process would, and waits until the server has gone.
    pub fn end(mut self) -> ExitStatus {
        drop(self.child.stdin.take());
        self.child.wait().expect("no exit status")
    }
}

/// A server that does not run.
pub struct Gone {
    seed: String,
}

impl Gone {
    /// Starts a server without keys, which makes the same ones as the one before, in the same order.
    pub async fn again(self) -> Moto {
        let started = tokio::task::spawn_blocking(move || Moto::start(&self.seed)).await.expect("no thread");
        started.unwrap_or_else(|why| panic!("{why}"))
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
