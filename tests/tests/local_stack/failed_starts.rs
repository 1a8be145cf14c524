//! What stops a start: one clear line, an exit code, and nothing left behind.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::net::TcpListener;
use std::time::Duration;

use tokio::process::Command;

use crate::commands::free_port;
use crate::stack::{Ended, Stack};
use crate::workspace_dir::WorkspaceDir;

/// A start that cannot succeed ends within this, `make` and cargo included.
pub const SOON: Duration = Duration::from_secs(15);

/// Returns the one line with the error; fails if internals of the program surround it.
#[track_caller]
pub fn one_error(ended: &Ended) -> String {
    let text = ended.text();
    for inside in ["panicked", "stack backtrace", "RUST_BACKTRACE", "Error {", ".rs:"] {
        assert!(!text.contains(inside), "{text}");
    }
    // The others are cargo's progress and make's own verdict.
    let is_theirs = |line: &str| line.starts_with("   ") || line.starts_with("make: ");
    let ours: Vec<_> = ended.stderr.iter().filter(|it| !is_theirs(it)).collect();
    match ours[..] {
        [line] if line.starts_with("error: ") => line.clone(),
        _ => panic!("not one line of error: {text}"),
    }
}

/// Returns the error of a command that must fail with this exit code.
async fn failure(workspace: &WorkspaceDir, command: Command, code: i32) -> String {
    let ended = Stack::start(workspace, command).end(SOON).await;
    assert_eq!(ended.status.code(), Some(code), "{}", ended.text());
    ended.assert_nothing_left();
    assert!(!ended.stdout.iter().any(|it| it.starts_with("ready ")), "{}", ended.text());
    one_error(&ended)
}

/// Returns the error of a `make run`, which has a different exit code, and of a `local run`.
async fn failures(workspace: &WorkspaceDir, code: i32) -> String {
    let line = failure(workspace, workspace.command("make", &["run"]), 2).await;
    assert_eq!(failure(workspace, workspace.local_run(), code).await, line);
    line
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_port_is_named() {
    let workspace = WorkspaceDir::besides().await;
    let _busy = TcpListener::bind(("127.0.0.1", workspace.port())).unwrap();
    let line = failures(&workspace, 1).await;
    assert_eq!(
        line,
        format!("error: port {} is in use: stop what listens there, or set PORT", workspace.port())
    );
    assert!(!workspace.data().exists(), "it wrote before it knew that it can run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_in_use_by_another_run_is_left_alone() {
    let workspace = WorkspaceDir::new().await;
    let stack = Stack::run(&workspace).await;
    let mut second = workspace.command("make", &["run"]);
    second.env("PORT", free_port().to_string());
    let ended = Stack::start(&workspace, second).end(SOON).await;
    assert_eq!(ended.status.code(), Some(2), "{}", ended.text());
    let data = workspace.data();
    let line =
        format!("error: {} is in use by another `make run`: stop that one, or set DATA_DIR", data.display());
    assert_eq!(one_error(&ended), line);
    let token = workspace.token("ROLE=operator").await;
    stack.client().call("GET", "/v1/accounts/CONTOSO").bearer(&token).send().await.assert_status(200);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_data_and_a_lost_key_are_reported_and_nothing_is_changed() {
    let workspace = WorkspaceDir::new().await;
    Stack::run(&workspace).await.stop().await;
    let data = local::engine::data_file(&workspace.data());
    let away = workspace.data().join("away");

    for (name, file) in [("PIN key", "pin-key.base64"), ("webhook key", "webhook-key.base64")] {
        let key = workspace.data().join("keys").join(file);
        fs::rename(&key, &away).unwrap();
        let before = fs::read(&data).unwrap();
        let lost = failures(&workspace, 1).await;
        let expected = format!("error: there is data, but its {name} {} is gone: ", key.display());
        assert!(lost.starts_with(&expected), "{lost}");
        assert!(!key.exists() && fs::read(&data).unwrap() == before);

        fs::write(&key, "no key").unwrap();
        let bad = failures(&workspace, 1).await;
        assert!(bad.starts_with("error: ") && bad.contains(&key.display().to_string()), "{bad}");
        assert!(!bad.contains("no key"), "{bad}");
        fs::rename(&away, &key).unwrap();
    }

    damage(&data);
    let before = fs::read(&data).unwrap();
    let damaged = failures(&workspace, 1).await;
    assert!(
        damaged.starts_with(&format!("error: the data file {} is damaged (", data.display())),
        "{damaged}"
    );
    assert!(fs::read(&data).unwrap() == before, "a damaged file was changed");
}

/// Overwrites pages after the first, so that only reading further finds it.
fn damage(file: &std::path::Path) {
    let mut file = File::options().write(true).open(file).unwrap();
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&[0xA5; 8 * 4096]).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_cut_short_is_reported() {
    let workspace = WorkspaceDir::new().await;
    Stack::run(&workspace).await.stop().await;
    let data = local::engine::data_file(&workspace.data());
    let file = File::options().write(true).open(&data).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let line = failures(&workspace, 1).await;
    assert!(line.contains("is damaged"), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_cargo_lambda_is_named() {
    let workspace = WorkspaceDir::besides().await;
    let mut command = workspace.local_run();
    command.env("CARGO_LAMBDA", "/nonexistent");
    let line = failure(&workspace, command, 1).await;
    assert!(line.starts_with("error: /nonexistent is missing or does not run: "), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_does_not_answer_is_reported() {
    let workspace = WorkspaceDir::besides().await;
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let workspace = workspace.with("DYNAMODB_ENDPOINT", &nobody);
    let line = failures(&workspace, 1).await;
    assert!(line.starts_with("error: the CreateTable request to the DynamoDB engine failed: "), "{line}");
    assert!(!local::engine::data_file(&workspace.data()).exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_folder_that_is_none_is_named() {
    let workspace = WorkspaceDir::besides().await;
    fs::write(workspace.data(), "a file").unwrap();
    let line = failures(&workspace, 1).await;
    assert!(line.contains(&workspace.data().display().to_string()), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setting_that_is_none_is_named_without_its_value() {
    for (name, value) in
        [("PORT", "70000"), ("CONCURRENCY", "some"), ("DYNAMODB_ENDPOINT", "ftp://somewhere")]
    {
        let workspace = WorkspaceDir::besides().await.with(name, value);
        let line = failures(&workspace, 2).await;
        assert!(line.starts_with(&format!("error: {name} must be ")) && !line.contains(value), "{line}");
    }
}
