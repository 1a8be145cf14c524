//! The administrator's page in a real browser: `browser/console.test.mjs` tells the story, and nothing of it is logged.

use std::time::Duration;

use tokio::time::timeout;

use crate::commands::repository;
use crate::stack::Stack;
use crate::workspace_dir::WorkspaceDir;

const STORY: &str = "tests/tests/local_stack/browser/console.test.mjs";

/// It waits for events, which are shown after 20 seconds.
const STORY_WITHIN: Duration = Duration::from_secs(300);

/// What the story types or carries: PINs, and how every token begins.
const SECRETS: [&str; 6] = ["482913", "739154", "604817", "121212", "eyJ", "code_verifier"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_does_everything_in_a_browser_and_no_secret_is_logged() {
    let tools = repository().join(".tools/browser");
    assert!(tools.join("ok").exists(), "the browser is missing: `make .tools/browser/ok` installs it");
    let workspace = WorkspaceDir::new().await;
    let stack = Stack::run(&workspace).await;
    let mut story = workspace.command("node", &["--test", "--test-reporter=spec", STORY]);
    story.env("TOOLS", &tools).env("URL", workspace.url()).kill_on_drop(true);
    let told = timeout(STORY_WITHIN, story.output()).await.expect("in time").expect("Node.js");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
    let log = stack.stop().await.text();
    assert!(log.contains(r#""http_route":"/console/pin""#), "{log}");
    for secret in SECRETS {
        assert!(!log.lines().any(|line| line.starts_with('{') && line.contains(secret)), "{secret}: {log}");
    }
}
