//! What a new stack has: the demo account, new keys, and tokens for every role.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use harness::client::Client;
use serde_json::{Value, json};

use crate::stack::Stack;
use crate::workspace_dir::WorkspaceDir;

const ACCOUNT: &str = "/v1/accounts/CONTOSO";
const NUMBERS: &str = "/v1/accounts/CONTOSO/telephone-numbers";
const PIN: &str = "/v1/accounts/CONTOSO/port-out-pin";

async fn get(client: &Client, path: &str, token: &str) -> Value {
    client.call("GET", path).bearer(token).send().await.assert_json(200)
}

/// Returns the demo account's numbers except this one.
fn numbers_without(missing: Option<u32>) -> Value {
    let numbers: Vec<_> =
        (100..110).filter(|it| Some(*it) != missing).map(|it| format!("+12065550{it}")).collect();
    json!({"account_id": "CONTOSO", "telephone_numbers": numbers, "next_cursor": null})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_account_is_seeded_once_and_what_is_deleted_stays_deleted() {
    let workspace = WorkspaceDir::new().await;
    let stack = Stack::run(&workspace).await;
    let (client, token) = (stack.client(), workspace.token("ROLE=operator").await);
    let account = get(&client, ACCOUNT, &token).await;
    let (created_at, updated_at) = (&account["created_at"], &account["updated_at"]);
    assert_eq!(
        account,
        json!({"account_id": "CONTOSO", "name": "Contoso", "country": "US", "zip_codes": ["98052"],
            "created_at": created_at, "updated_at": updated_at})
    );
    assert_eq!(get(&client, NUMBERS, &token).await, numbers_without(None));
    assert_eq!(get(&client, PIN, &token).await["pin_set"], json!(false));
    let number = format!("{NUMBERS}/+12065550105");
    client.call("DELETE", &number).bearer(&token).send().await.assert_status(204);
    stack.stop().await;

    let stack = Stack::run(&workspace).await;
    assert_eq!(get(&stack.client(), NUMBERS, &token).await, numbers_without(Some(105)));
    assert_eq!(get(&stack.client(), ACCOUNT, &token).await, account);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seeding_that_was_cut_off_is_done_again() {
    let workspace = WorkspaceDir::new().await;
    let stack = Stack::run(&workspace).await;
    let (client, token) = (stack.client(), workspace.token("ROLE=operator").await);
    let account = get(&client, ACCOUNT, &token).await;
    // As `make run` leaves it between its first request and its last one.
    let cut_off = json!({"country": "US", "name": "Contoso (not complete yet)", "zip_codes": ["98052"]});
    client.call("PUT", ACCOUNT).bearer(&token).json(&cut_off).send().await.assert_status(200);
    let number = format!("{NUMBERS}/+12065550109");
    client.call("DELETE", &number).bearer(&token).send().await.assert_status(204);
    stack.kill("make").await;

    let stack = Stack::run(&workspace).await;
    assert_eq!(get(&stack.client(), NUMBERS, &token).await, numbers_without(None));
    assert_eq!(get(&stack.client(), ACCOUNT, &token).await["name"], account["name"]);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn make_token_prints_a_token_of_each_role_and_nothing_else() {
    let workspace = WorkspaceDir::new().await;
    let stack = Stack::run(&workspace).await;
    let port_out = "/v1/port-outs/00000000000000000000000000000000";
    for (caller, own, others) in [
        ("ROLE=owner ACCOUNT=CONTOSO", (PIN, 200), (ACCOUNT, 403)),
        ("ROLE=account ACCOUNT=contoso", (PIN, 200), ("/v1/accounts/FABRIKAM/port-out-pin", 403)),
        ("ROLE=carrier SPID=A123", (port_out, 404), (PIN, 403)),
        ("ROLE=operator", (ACCOUNT, 200), ("/v1/port-outs", 403)),
        ("ROLE=desk", ("/v1/port-outs?spid=A123", 200), (ACCOUNT, 403)),
    ] {
        // Without `-s` too: the recipe is silent by itself.
        let arguments: Vec<_> = ["token"].into_iter().chain(caller.split(' ')).collect();
        let output = workspace.command("make", &arguments).output().await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && text.ends_with('\n') && text.lines().count() == 1,
            "{caller}: {text}"
        );
        let token = text.trim_end();
        let parts: Vec<_> = token.split('.').collect();
        let is_plain = |it: &&str| {
            !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
        };
        assert!(parts.len() == 3 && parts.iter().all(is_plain), "{caller}: {text}");
        for (path, status) in [own, others] {
            stack.client().call("GET", path).bearer(token).send().await.assert_status(status);
        }
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn make_token_names_the_variable_that_is_wrong() {
    let workspace = WorkspaceDir::besides().await;
    for (caller, variable) in [
        ("", "ROLE"),
        ("ROLE=admin", "ROLE"),
        ("ROLE=owner", "ACCOUNT"),
        ("ROLE=account", "ACCOUNT"),
        ("ROLE=account ACCOUNT=C@NTOSO", "ACCOUNT"),
        ("ROLE=carrier", "SPID"),
        ("ROLE=carrier SPID=A12", "SPID"),
        ("ROLE=carrier ACCOUNT=CONTOSO", "SPID"),
    ] {
        let arguments: Vec<_> = ["token"].into_iter().chain(caller.split_whitespace()).collect();
        let ended = Stack::start(&workspace, workspace.command("make", &arguments))
            .end(crate::failed_starts::SOON)
            .await;
        assert!(!ended.status.success() && ended.stdout.is_empty(), "{caller}: {}", ended.text());
        let error = crate::failed_starts::one_error(&ended);
        assert!(error.starts_with(&format!("error: {variable} is ")), "{caller}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_readable_by_their_owner_only_whatever_the_umask() {
    let workspace = WorkspaceDir::new().await;
    let stack = Stack::start(&workspace, workspace.command("bash", &["-c", "umask 0; exec make run"]));
    stack.ready().await.stop().await;
    let keys = workspace.data().join("keys");
    assert_eq!(mode(&keys), 0o700);
    let files = fs::read_dir(&keys).unwrap().map(|it| it.unwrap());
    let modes: BTreeMap<_, _> =
        files.map(|file| (file.file_name().into_string().unwrap(), mode(&file.path()))).collect();
    let expected = ["console-key.base64", "pin-key.base64", "token-signing-key.pkcs8", "webhook-key.base64"];
    assert_eq!(modes, expected.map(|name| (name.to_owned(), 0o600)).into());
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
