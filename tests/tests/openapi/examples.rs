//! The file is OpenAPI 3.1, and every example in it is what its schema says.

use std::path::Path;

use serde_json::{Value, json};

use crate::file::changed;
use crate::tools::{beside, program, run};

async fn check(file: &Path) -> crate::tools::Outcome {
    run(program("python").args(["-I", "-B"]).arg(beside("check_file.py")).arg(file)).await
}

/// Returns the findings for the file with one change.
async fn findings_of(pointer: &str, value: Value) -> String {
    let (_folder, path) = changed([(pointer, value)]);
    let outcome = check(&path).await;
    assert!(!outcome.content, "{pointer} was changed, and the check passed");
    outcome.said
}

#[tokio::test]
async fn file_is_openapi_3_1_and_its_examples_are_valid() {
    let outcome = check(&crate::file::root().join("infra/openapi.yaml")).await;
    assert!(outcome.content, "{}", outcome.said);
    // Every component was used, so every example was checked.
    assert!(outcome.said.starts_with("good: "), "{}", outcome.said);
}

#[tokio::test]
async fn what_is_wrong_in_the_file_is_named() {
    for (pointer, value, expected) in [
        ("/components/examples/PinRequest/value", json!({"pin": "12345"}), "PinRequest"),
        ("/components/examples/ForbiddenProblem/value/status", json!(404), "ForbiddenProblem"),
        ("/components/examples/PortOutValidationApproved/value", json!({}), "Portable"),
        ("/components/headers/ETag/example", json!("2"), "ETag"),
        ("/components/parameters/SourceId/example", json!("ACME"), "SourceId"),
        ("/paths/~1v1~1port-outs/post/responses", json!({}), "less than 1 property"),
        (
            "/paths/~1v1~1port-outs/post/requestBody/content/application~1json/schema",
            json!({"$ref": "#/no"}),
            "/no",
        ),
    ] {
        let said = findings_of(pointer, value).await;
        assert!(said.contains(expected), "{pointer}:\n{said}");
    }
}
