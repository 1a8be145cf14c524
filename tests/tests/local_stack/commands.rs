//! Commands in the repository, as a person at a terminal gives them.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{LazyLock, Mutex};

use tokio::process::Command;

/// What cargo tells a test, and would take for other settings in a build; `make` likewise.
const OF_THE_BUILD: [&str; 6] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_", "MAKE"];

/// The same, whole names, and every setting of the stack.
const UNWANTED: [&str; 16] = [
    "CARGO",
    "CARGO_TARGET_TMPDIR",
    "OUT_DIR",
    "RUST_RECURSION_COUNT",
    "MFLAGS",
    "PORT",
    "DATA_DIR",
    "DYNAMODB_ENDPOINT",
    "CONCURRENCY",
    "CARGO_LAMBDA",
    "PIN_POLICY",
    "PBKDF2_ITERATIONS",
    "LOG_LEVEL",
    "ROLE",
    "ACCOUNT",
    "SPID",
];

/// Returns the repository's folder.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Returns where the Makefile finds the program `local`.
pub fn local_program() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    repository().join(target).join("debug/local")
}

/// Creates a command in the repository, as from a terminal. A Ctrl-C at the tests reaches it too.
pub fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(repository());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if UNWANTED.contains(&&*text) || OF_THE_BUILD.iter().any(|it| text.starts_with(it)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Does once what two concurrent `make run` on a fresh machine would both do.
pub async fn prepare() {
    for (program, arguments) in
        [("make", ["-s", "cargo-lambda"].as_slice()), ("cargo", &["build", "--bin", "local"])]
    {
        let output = command(program, arguments).output().await.unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Returns a free port that no test of this binary had, below the system's ephemeral ports.
pub fn free_port() -> u16 {
    static GIVEN: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);
    let mut given = GIVEN.lock().unwrap();
    let candidates = std::iter::repeat_with(|| {
        let random = harness::random_bytes(2);
        10_000 + u16::from_le_bytes([random[0], random[1]]) % 20_000
    });
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    candidates.take(10_000).filter(is_free).find(|port| given.insert(*port)).expect("no free port")
}
