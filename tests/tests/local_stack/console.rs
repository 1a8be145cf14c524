//! The administrator's page in a real browser: `tests/browser/story.test.mjs` tells the story, and nothing of it is logged.

use harness::chromium;

use crate::stack::Stack;
use crate::workspace_dir::WorkspaceDir;

/// What the story types or carries: PINs, and how every token begins.
const SECRETS: [&str; 6] = ["482913", "739154", "604817", "121212", "eyJ", "code_verifier"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_does_everything_in_a_browser_and_no_secret_is_logged() {
    let workspace = WorkspaceDir::new().await;
    let stack = Stack::run(&workspace).await;
    chromium::run(workspace.command("node", &[]), "story.test.mjs", &workspace.url()).await;
    let log = stack.stop().await.text();
    assert!(log.contains(r#""http_route":"/console/pin""#), "{log}");
    for secret in SECRETS {
        assert!(!log.lines().any(|line| line.starts_with('{') && line.contains(secret)), "{secret}: {log}");
    }
}
