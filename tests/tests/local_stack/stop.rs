//! Ctrl-C and SIGTERM: an orderly end, soon, with nothing left behind and nothing answered lost.

use rustix::process::{Signal, kill_process};
use serde_json::Value;

use crate::crash::{QUICK, check};
use crate::data_folder;
use crate::load::Load;
use crate::stack::{ENDS_WITHIN, Ended, Stack};
use crate::workspace_dir::WorkspaceDir;

/// Answers before the end: some of every kind.
const ANSWERS: usize = 60;

/// Sets the demo account's PIN, for the first time or again.
async fn set_pin(stack: &Stack<'_>, token: &str) -> Value {
    let answer = stack.set_pin(token).await;
    assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    answer.json()
}

#[track_caller]
fn assert_orderly(ended: &Ended) {
    ended.assert_stopped();
    let bad = |it: &&String| it.contains("panic") || it.starts_with("error: ") || it.starts_with("ERROR");
    let lines: Vec<_> = ended.stdout.iter().chain(&ended.stderr).filter(bad).collect();
    assert!(lines.is_empty(), "{}", ended.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn local_ends_with_0_by_every_signal_that_asks_for_it() {
    let workspace = WorkspaceDir::new().await;
    let mut set = Value::Null;
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let stack = Stack::start(&workspace, workspace.local_run()).ready().await;
        let token = workspace.token("ROLE=account ACCOUNT=CONTOSO").await;
        if !set.is_null() {
            assert_eq!(stack.pin(&token).await, set, "before {signal:?}");
        }
        set = set_pin(&stack, &token).await;
        stack.signal(signal);
        let ended = stack.end(ENDS_WITHIN).await;
        assert_eq!(ended.status.code(), Some(0), "{signal:?}: {}", ended.text());
        assert_orderly(&ended);
    }
}

/// How a signal reaches `make run`.
#[derive(Clone, Copy, Debug)]
enum By {
    /// Ctrl-C in a terminal: its foreground process group.
    CtrlC,
    /// `kill` of `make`.
    Make,
    /// `kill` of `local`.
    Local,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn make_run_ends_by_ctrl_c_and_by_sigterm_to_either_process() {
    let workspace = WorkspaceDir::new().await;
    let mut set = Value::Null;
    for by in [By::CtrlC, By::Make, By::Local] {
        let mut command = workspace.command("make", &["run"]);
        command.process_group(0);
        let stack = Stack::start(&workspace, command).ready().await;
        let token = workspace.token("ROLE=account ACCOUNT=CONTOSO").await;
        if !set.is_null() {
            assert_eq!(stack.pin(&token).await, set, "before {by:?}");
        }
        set = set_pin(&stack, &token).await;
        match by {
            By::CtrlC => stack.signal_group(Signal::INT),
            By::Make => stack.signal(Signal::TERM),
            By::Local => {
                workspace.pids("local").into_iter().for_each(|it| kill_process(it, Signal::TERM).unwrap())
            }
        }
        assert_orderly(&stack.end(ENDS_WITHIN).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_is_stopped_on_its_way_leaves_nothing_behind() {
    let workspace = WorkspaceDir::new().await;
    for until in ["keys ", "engine ", "building ", "{"] {
        let stack = Stack::start(&workspace, workspace.local_run());
        stack.until(|line| line.starts_with(until)).await;
        stack.signal(Signal::TERM);
        let ended = stack.end(ENDS_WITHIN).await;
        assert_eq!(ended.status.code(), Some(0), "after {until:?}: {}", ended.text());
        ended.assert_stopped();
    }
    Stack::run(&workspace).await.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_sigterm_cuts_off_are_recorded_wholly_or_not_at_all() {
    let workspace = WorkspaceDir::new().await.with_usual_concurrency().with(QUICK.0, QUICK.1);
    let mut stack = Stack::run(&workspace).await;
    let mut load = Load::new(&workspace, &stack.client()).await;
    for _ in 0..2 {
        load.until(&stack.client(), ANSWERS, async { stack.signal(Signal::TERM) }).await;
        let ended = stack.end(ENDS_WITHIN).await;
        ended.assert_stopped();
        data_folder::records(&workspace.data()).await.check_history();

        stack = Stack::run(&workspace).await;
        check(&load, &stack.client()).await;
    }
    stack.stop().await;
}
