//! The clients that generators make of the OpenAPI file do README's main job, and their types hold.

use std::path::Path;

use harness::stack::Stack;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::file::{changed, root};
use crate::tools::{beside, installed, isolated, run};

/// The commands that generate a client, check the types of the program that uses it, and run that program.
struct Client {
    generate: Command,
    check: Command,
    walk: Command,
}

fn python(file: &Path, folder: &Path) -> Client {
    let tool = |name| installed("openapi-python-client", name);
    let (mut generate, mut check, mut walk) =
        (tool("bin/openapi-python-client"), tool("bin/mypy"), tool("bin/python"));
    generate.arg("generate").arg("--path").arg(file).args(["--meta", "none"]);
    generate.arg("--config").arg(beside("clients/openapi-python-client.yaml"));
    generate.arg("--output-path").arg(folder.join("port_out_pin"));
    check
        .args(["--strict", "--cache-dir", "/dev/null"])
        .arg(beside("clients/walk.py"))
        .env("MYPYPATH", folder);
    walk.arg(beside("clients/walk.py")).env("PYTHONPATH", folder);
    Client { generate, check, walk }
}

/// Compiled in the given folder, since Node looks for packages beside the program.
fn typescript(file: &Path, folder: &Path) -> Client {
    for name in ["walk.mts", "tsconfig.json"] {
        std::fs::copy(beside("clients").join(name), folder.join(name)).unwrap();
    }
    std::os::unix::fs::symlink(root().join(".tools/openapi/node_modules"), folder.join("node_modules"))
        .unwrap();
    let tool = |name| installed("openapi", name);
    let (mut generate, mut check) =
        (tool("node_modules/.bin/openapi-typescript"), tool("node_modules/.bin/tsc"));
    generate.arg(file).arg("--output").arg(folder.join("api.d.ts"));
    check.arg("--project").arg(folder);
    let mut walk = isolated(Path::new("node"));
    walk.arg(folder.join("walk.mjs"));
    Client { generate, check, walk }
}

/// Runs a command that must succeed, and returns its output.
async fn succeed(command: &mut Command) -> String {
    let outcome = run(command).await;
    assert!(outcome.content, "{command:?}\n{}", outcome.said);
    outcome.said
}

/// Generates the client and runs the main job with it on a new service; returns the generator's output.
async fn does_the_main_job(client: fn(&Path, &Path) -> Client) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut client = client(&root().join("infra/openapi.yaml"), folder.path());
    let said = succeed(&mut client.generate).await;
    succeed(&mut client.check).await;
    let stack = Stack::start().await;
    stack.seed("CONTOSO", &["+12065550100", "+12065550101", "+12065550102"]).await;
    client.walk.env("API_URL", stack.url());
    client.walk.env("ADMIN_TOKEN", stack.tokens().account("CONTOSO"));
    client.walk.env("CARRIER_TOKEN", stack.tokens().carrier("A123"));
    succeed(&mut client.walk).await;
    // It did not just end: the PIN is there, and the second version of the PON was confirmed and cancelled.
    assert_eq!(stack.pin_status("CONTOSO").await.assert_json(200)["pin_version"], 1);
    let second = "/v1/port-outs/1e6cc802bb4060007f9c31961ac1d1c8";
    let second = stack.get(second, &stack.tokens().carrier("A123")).await.assert_json(200);
    assert_eq!((&second["status"], &second["foc_date"].is_string()), (&json!("cancelled"), &true));
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_python_client_does_the_main_job() {
    let said = does_the_main_job(python).await;
    // Bandwidth's XML is all that the generator leaves out.
    assert_eq!(said.matches("WARNING").count(), 2, "{said}");
    let xml = "WARNING parsing POST /v1/webhooks/{source_id}/bandwidth";
    assert_eq!(said.matches(xml).count(), 2, "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_typescript_client_does_the_main_job() {
    does_the_main_job(typescript).await;
}

/// Changes of the file that the programs do not fit: a value that is sent, one that is read, and two names.
fn lies() -> [(&'static str, Value); 4] {
    [
        ("/components/schemas/PinRequest/properties/pin", json!({"type": "integer"})),
        ("/components/schemas/PortOut/properties/foc_date", json!({"type": "integer"})),
        // Python's type checker knows enums, and TypeScript's knows what tells the members of a union apart.
        ("/components/schemas/FieldErrorCode/enum", json!(["unknown_field"])),
        ("/components/schemas/PinCannotBeRemovedProblem/properties/code/const", json!("gone")),
    ]
}

/// Finds what the type checker says of the program beside a client of a file with lies.
async fn types_do_not_hold(client: fn(&Path, &Path) -> Client, findings: &[&str]) {
    let ((_lies, file), folder) = (changed(lies()), tempfile::tempdir().unwrap());
    let mut client = client(&file, folder.path());
    succeed(&mut client.generate).await;
    let outcome = run(&mut client.check).await;
    assert!(!outcome.content);
    for finding in findings {
        assert!(outcome.said.contains(finding), "{finding} was not found:\n{}", outcome.said);
    }
}

#[tokio::test]
async fn python_program_does_not_fit_a_file_with_other_types() {
    let findings = [
        "Argument \"pin\" to \"PinRequest\" has incompatible type \"str\"",
        "Unsupported operand types for > (\"int\" and \"date\")",
        "has no attribute \"PIN_BLANK\"",
    ];
    types_do_not_hold(python, &findings).await;
}

#[tokio::test]
async fn typescript_program_does_not_fit_a_file_with_other_types() {
    let findings = [
        "Type 'string' is not assignable to type 'number'",
        "Operator '>' cannot be applied to types 'number' and 'string'",
        "'\"pin_cannot_be_removed\"' have no overlap",
    ];
    types_do_not_hold(typescript, &findings).await;
}
