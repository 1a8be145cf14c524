//! `make deploy`: works the first time, again, with a changed parameter, and after a first time that failed.

mod fake_aws;
mod fake_stacks;
mod keys;
mod readme;
mod recipe;
mod smoke;

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::expanded_template::{expand_with, root};
use crate::findings::FUNCTIONS;
use fake_aws::FakeAws;
use recipe::{Ended, make, write_release};

const ARM64: (&str, u8) = ("arm64", 0xb7);
const X86_64: (&str, u8) = ("x86_64", 0x3e);
const FIRST: &str = "PARAMS=JwtIssuer=https://id.example.com JwtAudience=ports AlarmEmail=desk@example.com";

struct Deployment {
    aws: FakeAws,
    zips: TempDir,
}

impl Deployment {
    async fn new() -> Self {
        let zips = tempfile::tempdir().expect("a folder");
        write_release(zips.path(), ARM64.0, ARM64.1, &FUNCTIONS.map(|(_, name)| name));
        Self { aws: FakeAws::start(1000).await, zips }
    }

    async fn deploy(&self, variables: &[&str]) -> Ended {
        let zips = format!("ZIPS={}", self.zips.path().display());
        make(&self.aws, "deploy", &[&[zips.as_str()], variables].concat()).await
    }

    /// Deploys, and returns what the stack then has as parameters.
    async fn parameters(&self, variables: &[&str]) -> BTreeMap<String, String> {
        let ended = self.deploy(variables).await;
        assert!(ended.success, "{}", ended.output);
        self.aws.with(|state| state.stacks.by_name["port-out-dev"].parameters.clone())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_deployment_creates_the_stack_and_the_second_changes_nothing() {
    let it = Deployment::new().await;
    let first = it.parameters(&[FIRST]).await;
    assert_eq!(
        (first["JwtIssuer"].as_str(), first["Architecture"].as_str()),
        ("https://id.example.com", "arm64")
    );
    assert_eq!(it.parameters(&[]).await, first);
    let tags = it.aws.with(|state| state.stacks.by_name["port-out-dev"].tags.clone());
    assert_eq!((tags["Stage"].as_str(), tags["Project"].as_str()), ("dev", "port-out-pin"));
    let changes = it.aws.with(|state| state.changes.clone());
    let of_stack: Vec<_> =
        changes.iter().filter(|it| it.ends_with("port-out-dev")).map(String::as_str).collect();
    assert_eq!(
        of_stack,
        ["CreateChangeSet port-out-dev", "ExecuteChangeSet port-out-dev", "CreateChangeSet port-out-dev"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_parameter_keeps_the_others_stays_and_publishes_new_versions() {
    let it = Deployment::new().await;
    let first = it.parameters(&[FIRST]).await;
    let holidays = "PARAMS=PinPolicy=default CompanyHolidays=2026-12-25,2027-01-01";
    let second = it.parameters(&[holidays, "TAGS=Owner=porting"]).await;
    let third = it.parameters(&[]).await;
    assert_eq!(third, second);
    let mut expected = first.clone();
    expected.insert("PinPolicy".to_owned(), "default".to_owned());
    expected.insert("CompanyHolidays".to_owned(), "2026-12-25,2027-01-01".to_owned());
    expected.insert("Release".to_owned(), second["Release"].clone());
    assert_eq!(second, expected);
    assert_ne!(first["Release"], second["Release"]);
    let tags = it.aws.with(|state| state.stacks.by_name["port-out-dev"].tags.clone());
    assert_eq!((tags["Owner"].as_str(), tags["Stage"].as_str()), ("porting", "dev"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_deployment_that_failed_is_cleared_away_and_its_answers_are_kept() {
    let it = Deployment::new().await;
    it.aws.with(|state| state.stacks.failing = Some("port-out-dev".to_owned()));
    let failed = it.deploy(&[FIRST]).await;
    assert!(!failed.success, "{}", failed.output);
    // The stack that failed reserves nothing any more.
    it.aws.with(|state| state.unreserved = 10);
    let again = it.deploy(&[]).await;
    assert!(again.output.contains("reserving none"), "{}", again.output);
    assert!(again.success && again.output.contains("Its table left-over-table is empty"), "{}", again.output);
    let parameters = it.aws.with(|state| state.stacks.by_name["port-out-dev"].parameters.clone());
    assert_eq!(parameters["JwtIssuer"], "https://id.example.com");
    let changes = it.aws.with(|state| state.changes.clone());
    assert!(changes.contains(&"DeleteStack port-out-dev".to_owned()), "{changes:?}");
    let status = it.aws.with(|state| state.stacks.by_name["port-out-dev"].status.clone());
    assert_eq!(status, "CREATE_COMPLETE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stages_are_stacks_beside_each_other() {
    let it = Deployment::new().await;
    it.parameters(&[FIRST]).await;
    let prod =
        it.deploy(&["STAGE=prod", "PARAMS=JwtIssuer=https://prod.example.com JwtAudience=ports"]).await;
    assert!(prod.success, "{}", prod.output);
    let issuers = it.aws.with(|state| {
        ["port-out-dev", "port-out-prod"]
            .map(|name| state.stacks.by_name[name].parameters["JwtIssuer"].clone())
    });
    assert_eq!(issuers, ["https://id.example.com", "https://prod.example.com"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_account_reserves_no_concurrency_and_is_told() {
    let it = Deployment::new().await;
    it.aws.with(|state| state.unreserved = 10);
    let ended = it.deploy(&[FIRST]).await;
    assert!(ended.success && ended.output.contains("reserving none"), "{}", ended.output);
    let first = it.aws.with(|state| state.stacks.by_name["port-out-dev"].parameters.clone());
    assert!(first.iter().filter(|(name, _)| name.ends_with("Concurrency")).all(|(_, value)| value == "0"));
    let refused = it.deploy(&["PARAMS=StatusConcurrency=5"]).await;
    assert!(
        !refused.success && refused.output.contains("what this account can still reserve"),
        "{}",
        refused.output
    );
    it.aws.with(|state| state.unreserved = 1000);
    assert_eq!(it.parameters(&["PARAMS=StatusConcurrency=5"]).await["StatusConcurrency"], "5");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_work_ends_in_one_line_before_anything_is_changed() {
    let it = Deployment::new().await;
    let other = tempfile::tempdir().expect("a folder");
    write_release(other.path(), ARM64.0, X86_64.1, &FUNCTIONS.map(|(_, name)| name));
    let other = format!("ZIPS={}", other.path().display());
    for (variables, part) in [
        (&[][..], "error: JwtIssuer has no value yet: make deploy PARAMS=\"JwtIssuer=...\""),
        (&[FIRST, &other], "is not built for arm64: run `make build ARCH=arm64`"),
        (&[FIRST, "ARCH=x86_64"], "x86_64.zip cannot be read"),
        (&[FIRST, "ZIPS=/nonexistent"], "/nonexistent/SHA256SUMS is missing"),
        (&[FIRST, "STAGE=Prod!"], "STAGE must be 1 to 20 lower-case letters"),
        (&["PARAMS=PinPolicies=strict"], "unknown parameter PinPolicies; the parameters are JwtIssuer, "),
        (&["PARAMS=PinPolicy=strickt"], "PinPolicy must be one of default, strict"),
        (&["PARAMS=strict"], "PARAMS must be pairs such as"),
        (&["PARAMS=Release=abc"], "unknown parameter Release"),
        (&["PARAMS=PinRate=0"], "PinRate must be a whole number from 1 to inf"),
        (&["PARAMS=JwtIssuer=http://id.example.com"], "JwtIssuer must match "),
        (&["PARAMS=Architecture=x86_64", "ARCH=arm64"], "ARCH and Architecture in PARAMS differ"),
    ] {
        let ended = it.deploy(variables).await;
        assert!(!ended.success && ended.output.contains(part), "{variables:?}: {}", ended.output);
        assert!(!ended.output.contains("Traceback"), "{}", ended.output);
    }
    assert_eq!(it.aws.with(|state| state.changes.clone()), Vec::<String>::new());
}

#[test]
fn another_value_of_any_parameter_is_a_new_version_of_every_function() {
    let script = root().join("tests/tests/infra/deploy/releases.py");
    let mut python = Command::new(root().join(".tools/sam/bin/python"));
    let output = python.arg("-B").arg(script).arg(root()).output().expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let releases: BTreeMap<String, String> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(releases.len() > 25, "{releases:?}");
    let text = local::table::TEMPLATE.to_owned();
    let texts = releases.values().map(|release| (text.clone(), json!({"Release": release}))).collect();
    let mut versions = BTreeMap::new();
    for (name, template) in releases.keys().zip(expand_with(texts)) {
        let json = template.expect("a template that SAM expands").json;
        let all = json.of_type("AWS::Lambda::Version");
        assert_eq!(all.len(), FUNCTIONS.len(), "{name}");
        for (id, _) in all {
            let other = versions.insert(id.to_owned(), name);
            assert_eq!(other, None, "{name}: {id}");
        }
    }
}
