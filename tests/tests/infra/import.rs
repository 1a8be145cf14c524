//! API Gateway imports the API from an OpenAPI 3.0 document, and a deployment fails on its warnings.

use std::process::Command;

use serde_json::{Value, json};

use crate::expanded_template::{Expanded, root};
use crate::findings::differs;
use crate::routes::with_console;

/// What SAM's document lacks of OpenAPI 3.0, as do AWS's own examples of JWT authorizers and path parameters.
const OF_SAM: [&str; 2] =
    ["The field `flows` must be present", "Must contain at least one of the following fields: schema"];

pub fn check(template: &Expanded) -> Vec<String> {
    let fails = template.json.property("Api", "FailOnWarnings");
    let mut found = differs("whether warnings of the import fail", fails, &json!({"Ref": "FailOnWarnings"}));
    found.extend(differs(
        "its default",
        template.source.at("/Parameters/FailOnWarnings/Default"),
        &json!("true"),
    ));
    found.extend(problems(&resolved(&with_console(template.json.property("Api", "Body")))));
    found
}

/// Returns the document as API Gateway gets it, with a text in place of what only a deployment knows.
fn resolved(value: &Value) -> Value {
    match value {
        Value::Object(pairs)
            if pairs.len() == 1 && pairs.keys().all(|key| key == "Ref" || key.starts_with("Fn::")) =>
        {
            json!("known when it is deployed")
        }
        Value::Object(pairs) => pairs.iter().map(|(key, value)| (key.clone(), resolved(value))).collect(),
        Value::Array(items) => items.iter().map(resolved).collect(),
        other => other.clone(),
    }
}

/// Returns what Redocly finds wrong with the structure of a document.
fn problems(document: &Value) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let [file, config] = ["api.json", "redocly.yaml"].map(|name| folder.path().join(name));
    std::fs::write(&file, document.to_string()).expect("a file");
    std::fs::write(&config, "rules:\n  struct: error\n").expect("a file");
    let redocly = root().join(".tools/openapi/node_modules/.bin/redocly");
    let mut command = Command::new(&redocly);
    command.arg("lint").arg(&file).arg("--config").arg(&config).args(["--format", "json"]);
    let output = command.env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true").env("HOME", folder.path()).output();
    let output = output
        .unwrap_or_else(|_| panic!("{} is missing: `make .tools/openapi/ok` installs it", redocly.display()));
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let all = report["problems"].as_array().expect("problems").iter().filter_map(|it| it["message"].as_str());
    all.filter(|message| !OF_SAM.iter().any(|known| message.starts_with(known))).map(str::to_owned).collect()
}
