//! What an administrator sees when a sign-in, the provider, or the API fails, in a real browser.

use harness::chromium;
use harness::leak_scan::token_in;
use tokio::process::Command;

use crate::system::System;

async fn see(system: &System, states: &[&str]) {
    let mut command = Command::new("node");
    command.env("STATES", states.join("\n"));
    chromium::run(command, "failures.test.mjs", &system.console).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_failure_has_a_page_that_says_what_to_do() {
    let system = System::start().await;
    let tokens = [
        "no-account:No account belongs to your sign-in",
        "no-scope:You are not an administrator here",
        "large-token:Your sign-in is too large",
        "short-session:Your session has expired",
    ];
    see(&system, &tokens).await;
    system.stop_api().await;
    see(&system, &["api-down:The service cannot be reached now"]).await;
    let logs = system.stop().await;
    assert!(token_in(&logs).is_none() && !logs.contains("code="), "{logs}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_down_has_a_page_of_its_own() {
    let mut system = System::start().await;
    system.provider.stop().await;
    see(&system, &["provider-down:Signing in is not possible now"]).await;
}
