//! Redocly and Spectral accept the OpenAPI file: no error, no warning, no hint.

use std::path::Path;

use serde_json::json;

use crate::file::{changed, root};
use crate::tools::{Outcome, installed, run};

async fn redocly(file: &Path) -> Outcome {
    let mut command = installed("openapi", "node_modules/.bin/redocly");
    command.arg("lint").arg(file).arg("--config").arg(root().join("infra/tools/openapi/redocly.yaml"));
    command.args(["--format", "stylish"]).env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    run(&mut command).await
}

async fn spectral(file: &Path) -> Outcome {
    let mut command = installed("openapi", "node_modules/.bin/spectral");
    command.arg("lint").arg(file).arg("--ruleset").arg(root().join("infra/tools/openapi/spectral.yaml"));
    command.args(["--fail-severity", "hint"]);
    run(&mut command).await
}

#[tokio::test]
async fn redocly_accepts_the_file() {
    let outcome = redocly(&root().join("infra/openapi.yaml")).await;
    assert!(outcome.content, "{}", outcome.said);
    // Each exemption is still needed.
    assert!(outcome.said.contains("2 problems are explicitly ignored"), "{}", outcome.said);
}

#[tokio::test]
async fn spectral_accepts_the_file() {
    let outcome = spectral(&root().join("infra/openapi.yaml")).await;
    assert!(outcome.content, "{}", outcome.said);
}

#[tokio::test]
async fn linters_find_cut_descriptions_wrong_examples_and_unknown_scopes() {
    let (_folder, file) = changed([
        // What YAML reads in `{ type: string, description: What to do, and when. }`.
        (
            "/components/schemas/Rejection/properties/resolution",
            json!({"type": "string", "description": "What to do", "and when.": null}),
        ),
        ("/components/examples/PortOutValidationApproved/value", json!("<PortOutValidationResponse/>")),
        ("/paths/~1v1~1port-outs/post/security/0/bearer/0", json!("port-out:send")),
    ]);
    for (outcome, findings) in [
        (redocly(&file).await, ["Property `and when.` is not expected here", "type must be object"]),
        (spectral(&file).await, ["type must be object", "\"port-out:send\" must be listed among scopes"]),
    ] {
        assert!(!outcome.content, "{}", outcome.said);
        for finding in findings {
            assert!(outcome.said.contains(finding), "{finding} was not found:\n{}", outcome.said);
        }
    }
}
