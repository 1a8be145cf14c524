//! What the README and `make run` tell a newcomer to type works, and answers what they say.

use std::fs;

use local::engine;
use local::functions::TABLE_NAME;
use local::table;
use serde_json::Value;

use crate::commands::repository;
use crate::readme_blocks::{self, Step};
use crate::stack::Stack;
use crate::workspace_dir::WorkspaceDir;

/// Where the README believes that the stack serves.
const DOCUMENTED_URL: &str = "http://127.0.0.1:9000";

/// A walk of fewer steps is none.
const STEPS_AT_LEAST: usize = 5;

/// Separates the outputs of two commands; no command prints it.
const MARK: char = '\u{1e}';

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_readmes_walk_answers_what_the_readme_says() {
    let workspace = WorkspaceDir::new().await.with_usual_concurrency();
    let stack = Stack::run(&workspace).await;
    walk(&workspace).await;
    stack.stop().await;
}

/// Runs on the engine that `DYNAMODB_ENDPOINT` names, whose tables have the names that local runs use.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_readmes_walk_answers_the_same_on_another_engine() {
    let Some(endpoint) = std::env::var("DYNAMODB_ENDPOINT").ok().filter(|it| !it.is_empty()) else {
        println!("not run: DYNAMODB_ENDPOINT names no other engine (`make test-dynamodb-local` does)");
        return;
    };
    let names = table::names(TABLE_NAME);
    for name in [&names.state, &names.events] {
        let there = engine::client(&endpoint).describe_table().table_name(name).send().await;
        assert!(
            there.is_err(),
            "{endpoint} has a table {name} already: this test needs an engine of its own"
        );
    }
    let workspace = WorkspaceDir::new().await.with_usual_concurrency().with("DYNAMODB_ENDPOINT", &endpoint);
    let stack = Stack::run(&workspace).await;
    walk(&workspace).await;
    let ended = stack.stop().await;
    assert!(!engine::data_file(&workspace.data()).exists(), "{}", ended.text());
    for name in [&names.state, &names.events] {
        engine::client(&endpoint).delete_table().table_name(name).send().await.unwrap();
    }
}

async fn walk(workspace: &WorkspaceDir) {
    let readme = fs::read_to_string(repository().join("README.md")).expect("no README.md");
    let steps = readme_blocks::steps(&readme);
    assert!(steps.len() >= STEPS_AT_LEAST, "the README's walk has {} steps", steps.len());
    let here = |text: &str| text.replace(DOCUMENTED_URL, &workspace.url());
    let script: String = steps.iter().map(|it| marked(&here(&it.command))).collect();
    let output = bash(workspace, &format!("exec 2>&1\n{script}")).await;
    for (Step { command, answer }, printed) in steps.iter().zip(output.split(MARK)) {
        let same = readme_blocks::normal(printed) == readme_blocks::normal(&here(answer));
        assert!(same, "$ {command}\nprinted\n{printed}\nthe README says\n{answer}");
    }
    assert_eq!(output.split(MARK).count(), steps.len() + 1, "it ended after\n{output}");
}

fn marked(command: &str) -> String {
    format!("{command}\nprintf '{MARK}'\n")
}

/// Returns what a script prints, even if it fails.
async fn bash(workspace: &WorkspaceDir, script: &str) -> String {
    let output = workspace.command("bash", &["-eu", "-o", "pipefail", "-c", script]).output().await.unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lines_that_make_run_prints_work_when_pasted() {
    let workspace = WorkspaceDir::new().await;
    let stack = Stack::run(&workspace).await;
    let lines: Vec<_> = stack.stdout().into_iter().filter(|it| it.starts_with("curl ")).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    let before = paste(&workspace, &lines[0], "200").await;
    assert_eq!((&before["pin_set"], &before["pin_version"]), (&false.into(), &0.into()));
    let set = paste(&workspace, &lines[1], "201").await;
    assert_eq!((&set["pin_set"], &set["pin_version"]), (&true.into(), &1.into()));
    let port_out = paste(&workspace, &lines[2], "201").await;
    assert_eq!((&port_out["status"], &port_out["rejections"]), (&"confirmed".into(), &Value::Array(vec![])));
    assert_eq!(port_out["telephone_numbers"], serde_json::json!(["+12065550100"]));
    stack.stop().await;
}

/// The body that a printed line gets, under this status, in a shell that knows nothing of the stack.
async fn paste(workspace: &WorkspaceDir, line: &str, status: &str) -> Value {
    let script = format!("{line} -w '{MARK}%{{http_code}}'");
    let mut command = workspace.command("bash", &["-c", &script]);
    let output = command.env_remove("PORT").env_remove("DATA_DIR").output().await.unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    let (body, code) = stdout.split_once(MARK).unwrap_or_else(|| panic!("{line}\n{stdout}\n{stderr}"));
    assert_eq!((code, &*stderr), (status, ""), "{line}\n{body}");
    serde_json::from_str(body).unwrap()
}
