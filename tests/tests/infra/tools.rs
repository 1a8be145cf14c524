//! `infra/check.sh`: silent on our template, loud on a bad one and without its tools.

use std::process::{Command, Output};

use crate::expanded_template::root;

fn run(script: &std::path::Path, arguments: &[&str]) -> Output {
    Command::new(script).args(arguments).env("HOME", "/nonexistent").output().expect("check.sh")
}

#[test]
fn sam_cfn_lint_and_checkov_have_nothing_to_say_of_the_template() {
    let output = run(&root().join("infra/check.sh"), &[]);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.is_empty(), "{said}");
}

/// A topic whose key does not exist, and a key that is not rotated.
const WRONG: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      KmsMasterKeyId: !GetAtt NoKey.Arn
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" }
            Action: kms:*
            Resource: "*"
"#;

#[test]
fn a_template_that_is_wrong_fails_with_what_each_tool_says_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = folder.path().join("bad.yaml");
    std::fs::write(&bad, WRONG).expect("a file");
    let output = run(&root().join("infra/check.sh"), &[bad.to_str().expect("a path")]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in ["sam:", "cfn-lint:", "E1010", "checkov:", "CKV_AWS_7"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_missing_tool_is_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("infra")).expect("a folder");
    for file in ["check.sh", "template.yaml"] {
        let to = folder.path().join("infra").join(file);
        std::fs::copy(root().join("infra").join(file), to).expect("a copy");
    }
    let output = run(&folder.path().join("infra/check.sh"), &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let expected = "error: python is missing: run `make .tools/sam/ok .tools/checkov/ok` first\n";
    assert_eq!((output.status.code(), said.as_str()), (Some(1), expected));
}
