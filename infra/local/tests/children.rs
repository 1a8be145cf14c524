//! Ending children, in a separate process: ending orphans ends every child of the process, also those of other tests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::path::Path;
use std::time::Duration;

use local::children::Children;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Starts a shell that prints the IDs of its background processes, one per line.
async fn ids_printed_by(children: &mut Children, script: &str, count: usize) -> Vec<String> {
    let mut command = Command::new("bash");
    let child = children.start(command.args(["-c", script]).stdout(std::process::Stdio::piped())).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(lines.next_line().await.unwrap().unwrap());
    }
    ids
}

#[tokio::test]
async fn no_process_is_left_behind_even_one_that_left_the_group_of_a_stubborn_parent() {
    let mut children = Children::none();
    let script = "trap '' TERM; setsid sleep 1000 & echo $!; sleep 1000 & echo $!; wait";
    let ids = ids_printed_by(&mut children, script, 2).await;
    children.end(Duration::from_millis(200)).await;
    for id in ids {
        assert!(!Path::new("/proc").join(&id).exists(), "process {id} is still there");
    }
}

#[tokio::test]
async fn a_missing_program_is_named() {
    let error = Children::none().start(&mut Command::new("/no/such/program")).unwrap_err().to_string();
    assert!(error.starts_with("cannot start /no/such/program: "), "{error}");
}
