//! Each function is the binary that is built for it, has the memory that its work costs, and gives up before its caller.

use runtime::http::endpoint::{BINARIES, binary_of};
use runtime::http::service::DEADLINE;
use serde_json::{Value, json};

use crate::expanded_template::{Expanded, root};
use crate::findings::{FUNCTIONS, differs, require, same};
use crate::routes::deployed;

/// What a whole core costs.
const ONE_CORE_MB: i64 = 1769;
const HASHING: [&str; 3] = ["set-pin", "port-out", "bandwidth"];
/// API Gateway's default timeout for an HTTP API's integration.
const DEFAULT_API_TIMEOUT_MS: i64 = 30_000;

pub fn check(template: &Expanded) -> Vec<String> {
    let there: Vec<_> =
        template.json.of_type("AWS::Lambda::Function").into_iter().map(|(id, _)| id).collect();
    let mut found = same("functions", &there, &FUNCTIONS.map(|(id, _)| id));
    found.extend(same("binaries that are built", &built(), &BINARIES.map(str::to_owned)));
    for (resource, function) in FUNCTIONS {
        found.extend(of_function(template, resource, function));
    }
    found
}

/// Returns what `make build` builds, from the binaries of `functions/*/Cargo.toml`.
fn built() -> Vec<String> {
    let makefile = std::fs::read_to_string(root().join("Makefile")).expect("a Makefile");
    let line = makefile.lines().find_map(|line| line.strip_prefix("FUNCTIONS := ")).expect("FUNCTIONS");
    let built: Vec<_> = line.split("--bin ").map(str::trim).filter(|name| !name.is_empty()).collect();
    built.into_iter().filter(|name| has_binary(name)).map(str::to_owned).collect()
}

fn has_binary(name: &str) -> bool {
    let manifest = std::fs::read_to_string(root().join("functions").join(name).join("Cargo.toml"));
    manifest.is_ok_and(|text| text.contains(&format!("[[bin]]\nname = \"{name}\"\n")))
}

fn of_function(template: &Expanded, resource: &str, function: &'static str) -> Vec<String> {
    let properties = &template.json.resource(resource)["Properties"];
    let code = format!("../target/lambda/{}/bootstrap.zip", binary_of(function));
    let wanted = [
        ("Code", json!({"S3Bucket": "code", "S3Key": code})),
        ("Runtime", json!("provided.al2023")),
        ("Handler", json!("bootstrap")),
        ("Architectures", json!([{"Ref": "Architecture"}])),
        ("TracingConfig", json!({"Mode": "Active"})),
        ("FunctionName", json!({"Fn::Sub": format!("${{AWS::StackName}}-{function}")})),
    ];
    let mut found: Vec<_> = wanted
        .iter()
        .flat_map(|(name, wanted)| differs(&format!("{function}'s {name}"), &properties[*name], wanted))
        .collect();
    found.extend(memory(function, &properties["MemorySize"]));
    found.extend(timeouts(template, function, &properties["Timeout"]));
    let release = template.source.property(resource, "AutoPublishCodeSha256");
    found.extend(differs(
        &format!("what publishes versions of {function}"),
        release,
        &json!({"Ref": "Release"}),
    ));
    found.extend(concurrency(template, function, &properties["ReservedConcurrentExecutions"]));
    found
}

fn memory(function: &str, megabytes: &Value) -> Vec<String> {
    let hashes = HASHING.contains(&function);
    let megabytes = megabytes.as_i64().unwrap_or(0);
    let fits = if hashes { megabytes == ONE_CORE_MB } else { (128..=512).contains(&megabytes) };
    require(fits, || format!("{function} has {megabytes} MB"))
}

/// Checks that its own deadline, Lambda's and the API's each leave the one before time to answer.
fn timeouts(template: &Expanded, function: &str, seconds: &Value) -> Vec<String> {
    let lambda = seconds.as_i64().unwrap_or(0) * 1000;
    let own = i64::try_from(DEADLINE.as_millis()).expect("a short time");
    let waits = deployed(template).into_values().map(|route| {
        let said = &route["x-amazon-apigateway-integration"]["timeoutInMillis"];
        said.as_i64().unwrap_or(DEFAULT_API_TIMEOUT_MS)
    });
    let api = waits.min().unwrap_or(0);
    require(own < lambda && lambda < api, || {
        format!("{function} gives up after {own} ms, Lambda after {lambda}, the API after {api}")
    })
}

/// Checks that a parameter says what is reserved, and that 0 reserves nothing: 0 itself would let no request through.
fn concurrency(template: &Expanded, function: &str, reserved: &Value) -> Vec<String> {
    let condition = reserved["Fn::If"][0].as_str().unwrap_or_default();
    let name = reserved["Fn::If"][1]["Ref"].as_str().unwrap_or_default();
    let parameter = template.source.at(&format!("/Parameters/{name}"));
    let condition = template.source.at(&format!("/Conditions/{condition}"));
    let sound = parameter["Type"] == "Number"
        && parameter["MinValue"] == 0
        && *condition == json!({"Fn::Not": [{"Fn::Equals": [{"Ref": name}, 0]}]})
        && reserved["Fn::If"][2] == json!({"Ref": "AWS::NoValue"});
    require(sound, || format!("{function} has no reserved concurrency from a parameter that can be 0"))
}

/// Which processors there are, and that the first is ours.
pub fn processors(template: &Expanded) -> Vec<String> {
    let parameter = template.source.at("/Parameters/Architecture");
    let mut found = differs("the default processor", &parameter["Default"], &json!("arm64"));
    found.extend(differs("processors", &parameter["AllowedValues"], &json!(["arm64", "x86_64"])));
    found
}
