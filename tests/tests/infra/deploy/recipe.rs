//! Runs `make deploy` as an operator does, against the stand-in for AWS and with zips of a release.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use tokio::process::Command;

use super::fake_aws::FakeAws;
use crate::expanded_template::root;

/// What a recipe printed and whether it succeeded.
#[derive(Debug)]
pub struct Ended {
    pub success: bool,
    pub output: String,
}

/// Runs a target of the Makefile with variables and the credentials of the stand-in for AWS.
pub async fn make(aws: &FakeAws, target: &str, variables: &[&str]) -> Ended {
    make_at(aws.url(), "key", target, variables).await
}

/// Runs it with an endpoint in place of AWS.
pub async fn make_at(endpoint: &str, access_key: &str, target: &str, variables: &[&str]) -> Ended {
    let mut command = Command::new("make");
    // The tool is installed, and make must not compare its date with that of a fresh checkout.
    command.args(["--no-print-directory", "-o", ".tools/sam/ok", target]).args(variables);
    command.current_dir(root()).env_clear().stdin(Stdio::null()).kill_on_drop(true);
    let home = tempfile::tempdir().expect("a folder");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", home.path());
    command.envs(environment(endpoint, access_key));
    let ended = command.output().await.expect("make");
    let output = [ended.stdout, ended.stderr].concat();
    Ended { success: ended.status.success(), output: String::from_utf8_lossy(&output).into_owned() }
}

/// Returns the variables that send a tool to an endpoint in place of AWS.
pub fn environment<'a>(endpoint: &'a str, access_key: &'a str) -> [(&'static str, &'a str); 6] {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", access_key),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("SAM_CLI_POLL_DELAY", "0.1"),
    ]
}

/// Writes what a release has for one processor: a zip for each function, and their hashes.
pub fn write_release(folder: &Path, architecture: &str, machine: u8, functions: &[&str]) {
    let mut sums = String::new();
    for function in functions {
        let mut binary = b"\x7fELF\x02\x01\x01".to_vec();
        binary.resize(64, 0);
        binary[18] = machine;
        binary.extend(function.as_bytes());
        let zip = stored_zip("bootstrap", &binary);
        let name = format!("{function}-{architecture}.zip");
        let hash: String = digest(&SHA256, &zip).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        sums += &format!("{hash}  {name}\n");
        fs::write(folder.join(name), zip).expect("a file");
    }
    fs::write(folder.join("SHA256SUMS"), sums).expect("a file");
}

/// Makes a zip with one file, by Python's own module.
fn stored_zip(name: &str, content: &[u8]) -> Vec<u8> {
    const ZIP: &str = "import base64, io, sys, zipfile\nout = io.BytesIO()\n\
        with zipfile.ZipFile(out, 'w') as z: z.writestr(sys.argv[1], base64.b64decode(sys.argv[2]))\n\
        sys.stdout.buffer.write(out.getvalue())";
    let mut python = std::process::Command::new("python3");
    let output = python.args(["-c", ZIP, name, &STANDARD.encode(content)]).output().expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
