//! The administrator's page in a real browser: `tests/browser/story.test.mjs` tells the story, and nothing of it is logged.

use harness::chromium;
use harness::leak_scan::token_in;

use crate::stack::Stack;
use crate::workspace_dir::WorkspaceDir;

/// What the story types or carries.
const SECRETS: [&str; 5] = ["1212121212", "4829130657", "7391542806", "6048173952", "code_verifier"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_does_everything_in_a_browser_and_no_secret_is_logged() {
    let workspace = WorkspaceDir::new().await.with_usual_concurrency();
    let stack = Stack::run(&workspace).await;
    chromium::run(workspace.command("node", &[]), "story.test.mjs", &workspace.url()).await;
    let log = stack.stop().await.text();
    assert!(log.contains(r#""http_route":"/console/pin""#), "{log}");
    for line in log.lines().filter(|line| line.starts_with('{')) {
        assert_eq!(token_in(line), None);
        assert_eq!(SECRETS.iter().find(|secret| line.contains(**secret)), None, "{line}");
    }
}
