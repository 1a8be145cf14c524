//! The roles of `infra/deployer.yaml`: they create everything that the template has, in one stage, and nothing else.

use std::collections::BTreeSet;
use std::fs;

use harness::iam::{Policy, Request};
use harness::template::Template;

use crate::expanded_template::{EXPANDED, root};

const HERE: &str = "${AWS::Partition}:{service}:${AWS::Region}:${AWS::AccountId}:";

/// For each type in the template: the call that creates it, its service, and what its ARN ends with in the stage `S`.
const CREATED: [(&str, &str, &str); 20] = [
    ("AWS::ApiGatewayV2::Api", "apigateway:POST", "/apis"),
    ("AWS::ApiGatewayV2::ApiMapping", "apigateway:POST", "/domainnames/n/apimappings"),
    ("AWS::ApiGatewayV2::DomainName", "apigateway:POST", "/domainnames"),
    ("AWS::ApiGatewayV2::Stage", "apigateway:POST", "/apis/a/stages"),
    ("AWS::CloudWatch::Alarm", "cloudwatch:PutMetricAlarm", "alarm:port-out-S-a"),
    ("AWS::CloudWatch::Dashboard", "cloudwatch:PutDashboard", "dashboard/port-out-S"),
    ("AWS::CodeDeploy::Application", "codedeploy:CreateApplication", "application:port-out-S-a"),
    (
        "AWS::CodeDeploy::DeploymentGroup",
        "codedeploy:CreateDeploymentGroup",
        "deploymentgroup:port-out-S-a/g",
    ),
    ("AWS::DynamoDB::Table", "dynamodb:CreateTable", "table/port-out-S-t"),
    ("AWS::Events::Rule", "events:PutRule", "rule/port-out-S-r"),
    ("AWS::IAM::Role", "iam:CreateRole", "role/port-out-S-r"),
    ("AWS::Lambda::Alias", "lambda:CreateAlias", "function:port-out-S-f"),
    ("AWS::Lambda::Function", "lambda:CreateFunction", "function:port-out-S-f"),
    ("AWS::Lambda::Permission", "lambda:AddPermission", "function:port-out-S-f:live"),
    ("AWS::Lambda::Version", "lambda:PublishVersion", "function:port-out-S-f"),
    ("AWS::Logs::LogGroup", "logs:CreateLogGroup", "log-group:/aws/lambda/port-out-S-f"),
    ("AWS::Logs::MetricFilter", "logs:PutMetricFilter", "log-group:/aws/vendedlogs/apis/port-out-S"),
    ("AWS::SNS::Subscription", "sns:Subscribe", "port-out-S-t"),
    ("AWS::SNS::Topic", "sns:CreateTopic", "port-out-S-t"),
    ("AWS::SNS::TopicPolicy", "sns:SetTopicAttributes", "port-out-S-t"),
];
/// Types whose ARN says nothing of the stage.
const WITHOUT_NAME: [&str; 3] = ["AWS::Budgets::Budget", "AWS::KMS::Key", "AWS::Pipes::Pipe"];

fn deployer() -> Template {
    let text = fs::read_to_string(root().join("infra/deployer.yaml")).expect("the deployer's template");
    Template::parse(&text).expect("a template")
}

/// Returns whether a role may make a call of a resource in a stage.
fn may(role: &str, action: &str, end: &str, stage: &str, context: &[(&'static str, &str)]) -> bool {
    let policy = Policy::of_role(&deployer(), role).expect("a policy");
    let service = action.split(':').next().expect("a service");
    let place = match service {
        "apigateway" => "${AWS::Partition}:apigateway:${AWS::Region}::".to_owned(),
        "iam" => "${AWS::Partition}:iam::${AWS::AccountId}:".to_owned(),
        _ if end.starts_with("dashboard/") => "${AWS::Partition}:cloudwatch::${AWS::AccountId}:".to_owned(),
        _ => HERE.replace("{service}", service),
    };
    let resource = format!("arn:{place}{end}").replace("port-out-S", &format!("port-out-{stage}"));
    let context = context.iter().map(|(key, value)| (*key, vec![(*value).to_owned()])).collect();
    policy.allows(&Request { action: action.to_owned(), resource, contexts: vec![context] })
}

#[test]
fn cloudformation_may_create_every_resource_of_its_stage_and_none_of_another() {
    for (kind, action, end) in CREATED {
        assert!(may("CloudFormationRole", action, end, "${Stage}", &[]), "{kind}: {action}");
        let named = end.contains("port-out-S") && !end.ends_with("port-out-S");
        assert!(
            !named || !may("CloudFormationRole", action, end, "other", &[]),
            "{kind}: {action} elsewhere"
        );
    }
    let known: BTreeSet<_> = CREATED.iter().map(|it| it.0).chain(WITHOUT_NAME).collect();
    let json = EXPANDED.json.at("/Resources").as_object().expect("resources").clone();
    let there: BTreeSet<_> = json.values().filter_map(|it| it["Type"].as_str()).collect();
    assert_eq!(there, known, "a type needs its rights in infra/deployer.yaml and its line here");
}

#[test]
fn keys_are_limited_by_the_tags_of_the_stage_and_roles_by_what_they_are_for() {
    let cloudformation = |action: &str, end: &str, context: &[(&'static str, &str)]| {
        may("CloudFormationRole", action, end, "${Stage}", context)
    };
    let tags = |project, stage| [("aws:ResourceTag/Project", project), ("aws:ResourceTag/Stage", stage)];
    for (project, stage, allowed) in
        [("port-out-pin", "${Stage}", true), ("port-out-pin", "other", false), ("other", "${Stage}", false)]
    {
        for (action, end) in [("kms:PutKeyPolicy", "key/k"), ("pipes:UpdatePipe", "pipe/p")] {
            let may = cloudformation(action, end, &tags(project, stage));
            assert_eq!(may, allowed, "{action} {project} {stage}");
        }
    }
    let new = [("aws:RequestTag/Project", "port-out-pin"), ("aws:RequestTag/Stage", "${Stage}")];
    for (action, end) in [("kms:CreateKey", "key/k"), ("pipes:CreatePipe", "pipe/p")] {
        assert!(cloudformation(action, end, &new) && !cloudformation(action, end, &[]), "{action}");
    }
    for action in
        ["kms:GenerateMac", "kms:ReplicateKey", "dynamodb:GetItem", "dynamodb:Scan", "lambda:InvokeFunction"]
    {
        let end = if action.starts_with("kms") { "key/k" } else { "table/port-out-S-t" };
        assert!(!cloudformation(action, end, &tags("port-out-pin", "${Stage}")), "{action}");
    }
    for (service, allowed) in
        [("lambda.amazonaws.com", true), ("pipes.amazonaws.com", true), ("ec2.amazonaws.com", false)]
    {
        let context = [("iam:PassedToService", service)];
        assert_eq!(cloudformation("iam:PassRole", "role/port-out-S-r", &context), allowed, "{service}");
    }
    let everything = [("iam:PolicyARN", "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess")];
    assert!(!cloudformation("iam:AttachRolePolicy", "role/port-out-S-r", &everything));
}

#[test]
fn a_workflow_may_deploy_its_stage_and_touches_nothing_itself() {
    let workflow = |action: &str, end: &str, stage: &str| may("DeployRole", action, end, stage, &[]);
    assert!(workflow("cloudformation:ExecuteChangeSet", "stack/port-out-S/1", "${Stage}"));
    assert!(!workflow("cloudformation:ExecuteChangeSet", "stack/port-out-S/1", "other"));
    for (action, end) in [
        ("lambda:UpdateFunctionCode", "function:port-out-S-f"),
        ("kms:PutKeyPolicy", "key/k"),
        ("dynamodb:GetItem", "table/port-out-S-t"),
        ("iam:PutRolePolicy", "role/port-out-S-r"),
    ] {
        assert!(!workflow(action, end, "${Stage}"), "{action}");
    }
    let trust = deployer().property("DeployRole", "AssumeRolePolicyDocument/Statement/0/Condition").clone();
    let subject = &trust["StringEquals"]["token.actions.githubusercontent.com:sub"];
    assert_eq!(subject["Fn::Sub"], "repo:${Repository}:environment:${Stage}");
    assert_eq!(trust["StringEquals"]["token.actions.githubusercontent.com:aud"], "sts.amazonaws.com");
}
