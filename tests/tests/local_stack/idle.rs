//! An idle stack.

use std::time::Duration;

use crate::stack::Stack;
use crate::workspace_dir::WorkspaceDir;

/// Longer than any wait of 30 seconds in the stack's parts: the gateway's longest, and an emulator's for a function.
const IDLE: Duration = Duration::from_secs(33);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_that_was_idle_for_a_while_still_answers() {
    let workspace = WorkspaceDir::besides().await;
    let stack = Stack::run(&workspace).await;
    let before = workspace.processes();
    let token = workspace.token("ROLE=operator").await;
    tokio::time::sleep(IDLE).await;
    // By their ids: one that starts late still has the name of the program that starts it, or is not there yet.
    let now = workspace.processes();
    let lives = |pid| now.iter().any(|it| it.pid == pid);
    assert!(before.iter().all(|it| lives(it.pid)), "of {before:?} only {now:?} live");
    for (method, path, status) in [
        ("GET", "/v1/accounts/CONTOSO", 200),
        ("PUT", "/v1/accounts/CONTOSO", 415),
        ("PUT", "/v1/accounts/CONTOSO/port-out-pin", 403),
        ("PUT", "/v1/accounts/CONTOSO/port-protection", 403),
        ("POST", "/v1/port-outs", 403),
    ] {
        stack.client().call(method, path).bearer(&token).send().await.assert_status(status);
    }
    stack.stop().await;
}
