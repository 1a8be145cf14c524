//! `kill -9`: nothing that was answered is lost, nothing is half done, and the next `make run` starts by itself.

use harness::client::Client;
use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::data_folder;
use crate::load::Load;
use crate::stack::{ENDS_WITHIN, Stack};
use crate::workspace_dir::WorkspaceDir;

/// Which processes die first, a round each: power that fails takes all at once, `kill` one after the other.
const ROUNDS: [&str; 4] = ["local", "cargo-lambda", "port-out", "set-pin"];

/// Answers before each kill: some of every kind.
const ANSWERS: usize = 120;

/// As few rounds as are allowed, so that callers get on.
pub const QUICK: (&str, &str) = ("PBKDF2_ITERATIONS", "100000");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_answered_is_true_after_a_kill_of_everything_under_load() {
    let workspace = WorkspaceDir::new().await.with_usual_concurrency().with(QUICK.0, QUICK.1);
    let mut stack = Stack::run(&workspace).await;
    let mut load = Load::new(&workspace, &stack.client()).await;
    let mut recorded = 0;
    for first in ROUNDS {
        load.until(&stack.client(), ANSWERS, workspace.kill_all(first)).await;
        stack.end(ENDS_WITHIN).await;
        let records = data_folder::records(&workspace.data()).await;
        records.check_history();
        assert!(records.orders.len() > recorded, "a round without an order");
        recorded = records.orders.len();

        stack = Stack::run(&workspace).await;
        check(&load, &stack.client()).await;
    }
    the_last_pin_is_right(&workspace, &load, &stack.client()).await;
    stack.stop().await;
}

/// Fails unless every acknowledged write is kept.
pub async fn check(load: &Load, client: &Client) {
    let mut ledger = std::mem::take(&mut *load.ledger.lock().unwrap());
    ledger.check(client, &load.operator).await;
    *load.ledger.lock().unwrap() = ledger;
}

/// Fails unless the last PIN confirms; if its answer was lost, exactly one of those sent must.
async fn the_last_pin_is_right(workspace: &WorkspaceDir, load: &Load, client: &Client) {
    let token = workspace.token("ROLE=carrier SPID=CHEK").await;
    let accounts = std::mem::take(&mut load.ledger.lock().unwrap().pins);
    for (line, (account, pins)) in accounts.into_iter().enumerate() {
        // A PIN is compared only for a number of its account.
        let number = format!("+1206700{line:04}");
        let assign = client.call("POST", &format!("/v1/accounts/{account}/telephone-numbers"));
        let assigned = assign.bearer(&load.operator).json(&json!({"telephone_numbers": [number]})).send();
        assigned.await.assert_status(200);
        let mut right = 0;
        for (index, pin) in pins.candidates.iter().enumerate() {
            let order = json!({"pon": format!("{account}-{index}"), "account_number": account, "pin": pin,
                "telephone_numbers": [number]});
            let call = client.call("POST", "/v1/port-outs").bearer(&token).json(&order);
            let body = call.send().await.assert_json(201);
            let reasons = body["rejections"].as_array().unwrap();
            right += usize::from(!reasons.iter().any(|it| it["code"] == "pin_invalid"));
        }
        assert_eq!(right, 1, "{account}: of {} PINs", pins.candidates.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_of_local_alone_takes_everything_else_with_it() {
    let workspace = WorkspaceDir::new().await;
    let stack = Stack::run(&workspace).await;
    let token = workspace.token("ROLE=account ACCOUNT=CONTOSO").await;
    let set = stack.set_pin(&token).await.assert_json(201);
    for pid in workspace.pids("local") {
        kill_process(pid, Signal::KILL).unwrap();
    }
    let ended = stack.end(ENDS_WITHIN).await;
    assert!(!ended.status.success(), "{}", ended.text());
    workspace.until_empty().await;

    let stack = Stack::run(&workspace).await;
    assert_eq!(stack.pin(&token).await, set);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_of_cargo_lambda_alone_ends_the_stack_with_its_reason() {
    // Slow enough for functions that are still at work when it happens.
    let workspace = WorkspaceDir::new().await.with_usual_concurrency().with("PBKDF2_ITERATIONS", "5000000");
    let stack = Stack::start(&workspace, workspace.local_run()).ready().await;
    let token = workspace.token("ROLE=account ACCOUNT=CONTOSO").await;
    let set = stack.set_pin(&token).await.assert_json(201);
    let change = || stack.pin_call("PUT", &token).json(&json!({"pin": "771530"})).try_send();
    let mut busy: JoinSet<_> = (0..8).map(|_| change()).collect();
    let answered = busy.join_next().await.unwrap().unwrap().unwrap().assert_json(200);
    for pid in workspace.pids("cargo-lambda") {
        kill_process(pid, Signal::KILL).unwrap();
    }
    let ended = stack.end(ENDS_WITHIN).await;
    ended.assert_nothing_left();
    assert!(!ended.status.success(), "{}", ended.text());
    let reasons: Vec<_> = ended.stderr.iter().filter(|it| it.starts_with("error: ")).collect();
    let is_it = |it: &&String| it.starts_with("error: cargo lambda watch exited unexpectedly (signal: 9");
    assert!(reasons.len() == 1 && reasons.iter().all(is_it), "{}", ended.text());

    let stack = Stack::run(&workspace).await;
    let version = |body: &Value| body["pin_version"].as_u64().unwrap();
    let now = version(&stack.pin(&token).await);
    assert!(version(&set) < version(&answered) && version(&answered) <= now, "{set}, {answered}, {now}");
    stack.stop().await;
}
