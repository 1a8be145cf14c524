//! Every command of infra/README.md, as far as stand-ins for AWS carry it; one that is new to this test fails it.

use std::fs;
use std::process::{Command, Stdio};

use harness::kms::Moto;
use harness::prelude::*;

use super::recipe::environment;
use super::smoke::stack_in_moto;
use super::{Deployment, FIRST};
use crate::expanded_template::root;

/// What the README leaves to the reader's shell.
const VARIABLES: [(&str, &str); 13] = [
    ("TABLE", "port-out-prod-table"),
    ("TABLE_ARN", "arn:aws:dynamodb:us-east-1:123456789012:table/port-out-prod-table"),
    ("EVENTS_TABLE_ARN", "arn:aws:dynamodb:us-east-1:123456789012:table/port-out-prod-events"),
    ("EXPORT_BUCKET", "exports"),
    ("EXPORT_ID", "01764-abc"),
    ("EVENTS_EXPORT_ID", "01764-def"),
    ("NEW_PIN_KEY_ARN", "arn:aws:kms:us-east-1:123456789012:key/mrk-1"),
    ("PIN_KEY_ARN", "arn:aws:kms:us-east-1:123456789012:key/mrk-0"),
    ("NEW_WEBHOOK_KEY_ARN", "arn:aws:kms:us-east-1:123456789012:key/mrk-3"),
    ("WEBHOOK_KEY_ARN", "arn:aws:kms:us-east-1:123456789012:key/mrk-2"),
    ("OPERATOR", ""),
    ("OWNER", ""),
    ("CARRIER", ""),
];

/// Returns the commands of the README's console blocks, with their continued lines.
fn commands() -> Vec<String> {
    let readme = fs::read_to_string(root().join("infra/README.md")).expect("the README");
    let blocks =
        readme.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let joined = blocks.map(|block| block.replace("\\\n", " "));
    joined
        .flat_map(|block| {
            block
                .lines()
                .filter_map(|line| line.trim().strip_prefix("$ ").map(str::to_owned))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Runs a command of the README in a shell, with one endpoint in place of AWS.
fn run(command: &str, endpoint: &str, more: &[(&str, &str)]) -> String {
    let mut shell = Command::new("bash");
    shell.args(["-euc", command]).current_dir(root()).env_clear().stdin(Stdio::null());
    let path = std::env::var("PATH").unwrap_or_default();
    shell.env("PATH", path).env("HOME", "/nonexistent").envs(environment(endpoint, "k")).envs(VARIABLES);
    let output = shell.envs(more.iter().copied()).output().expect("bash");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    format!("{} {text}", output.status.code().unwrap_or(-1))
}

/// Runs a command with what stands in for its service; `export` is the ARN that an earlier one printed.
async fn run_command(command: &str, it: &Deployment, moto: &Moto, stack: &Stack, export: &str) -> String {
    let words: Vec<_> = command.split_whitespace().take(2).collect();
    let made = command.replacen("make ", "make --no-print-directory -o .tools/sam/ok ", 1);
    match words.as_slice() {
        // This test is one of what they run, or runs on what they build.
        ["make", "infra-test" | "build"] => run(&command.replacen("make ", "make -n ", 1), "none", &[]),
        ["make", "deploy"] => run(&made, it.aws.url(), &[("ZIPS", it.zips.path().to_str().expect("a path"))]),
        ["make", "pin-key" | "webhook-key" | "key-use" | "smoke"] => run(&made, moto.url(), &[]),
        ["aws", "dynamodb"] => {
            let script = root().join("tests/tests/infra/deploy/aws.py");
            let python = format!(".tools/sam/bin/python -B {} {}", script.display(), moto.url());
            run(&command.replacen("aws", &python, 1), moto.url(), &[("EXPORT_ARN", export)])
        }
        ["aws", "cloudformation"] => created_by_moto(command, moto),
        ["curl", _] => {
            let operator = stack.tokens().operator();
            run(&format!("{command} -sf"), "none", &[("API", stack.url()), ("OPERATOR", &operator)])
        }
        ["python3", "infra/cost.py"] => run(command, "none", &[]),
        _ => panic!("this test does not know {command}"),
    }
}

/// Creates the deployer's stack with the parameters that the command names.
fn created_by_moto(command: &str, moto: &Moto) -> String {
    let overrides = command.split_once("--parameter-overrides ").expect("parameters").1;
    let script = "import boto3, sys\nurl, *pairs = sys.argv[1:]\n\
        c = boto3.client('cloudformation', endpoint_url=url, region_name='us-east-1')\n\
        p = [dict(zip(('ParameterKey', 'ParameterValue'), it.split('='))) for it in pairs]\n\
        c.create_stack(StackName='d', TemplateBody=open('infra/deployer.yaml').read(), Parameters=p)\n\
        print(c.describe_stacks(StackName='d')['Stacks'][0]['Outputs'])";
    run(&format!(".tools/moto/bin/python -c \"{script}\" {} {overrides}", moto.url()), moto.url(), &[])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_of_the_readme_runs() {
    let it = Deployment::new().await;
    for stage in ["STAGE=dev", "STAGE=prod"] {
        let ended = it.deploy(&[FIRST, stage]).await;
        assert!(ended.success, "{}", ended.output);
    }
    let moto = Moto::own().await;
    for name in ["port-out-dev", "port-out-prod"] {
        stack_in_moto(&moto, "good", name);
    }
    let stack = Fixture::new().processes(1).start().await;
    let commands = commands();
    assert!(commands.len() > 12, "{commands:#?}");
    // The table is deleted in the end.
    let (deletes, others): (Vec<_>, Vec<_>) =
        commands.iter().partition(|command| command.contains("delete-table"));
    let mut export = String::new();
    for command in others.into_iter().chain(deletes) {
        let output = run_command(command, &it, &moto, &stack, &export).await;
        // Nothing listens at the address of a stack in moto.
        let carried = if command.starts_with("make smoke") {
            output.contains("checks failed")
        } else {
            output.starts_with("0 ")
        };
        assert!(carried, "{command}: {output}");
        if let Some((_, rest)) = output.split_once("'ExportArn': '") {
            export = rest.split('\'').next().unwrap_or_default().to_owned();
        }
    }
}
