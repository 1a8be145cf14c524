//! CloudFormation's stacks as far as `sam deploy` needs them, with the rules that a deployment can break.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use axum::body::Bytes;
use harness::template::{Template, symbol};

type Pairs = BTreeMap<String, String>;

/// One stack.
#[derive(Clone, Default)]
pub struct Stack {
    pub status: String,
    pub parameters: Pairs,
    pub tags: Pairs,
    template: String,
    /// The change set that was created last and is not executed.
    next: Option<Box<Stack>>,
}

/// All stacks, and what is left of those that failed.
#[derive(Default)]
pub struct Stacks {
    pub by_name: BTreeMap<String, Stack>,
    /// The stack whose next creation fails and is rolled back.
    pub failing: Option<String>,
    /// Names of log groups that a rolled-back creation retained.
    retained: BTreeSet<String>,
    /// Number of changes so far, which is the time of the last event.
    changes: usize,
}

impl Stacks {
    /// Answers one action with the content of its result, or a message of CloudFormation's.
    pub fn answer(
        &mut self,
        action: &str,
        form: &Pairs,
        objects: &BTreeMap<String, Bytes>,
    ) -> Result<String, String> {
        let name = form["StackName"].split('/').nth(1).unwrap_or(&form["StackName"]).to_owned();
        match action {
            "DescribeStacks" => self.describe(&name),
            "CreateChangeSet" => self.create_change_set(&name, form, objects),
            "DescribeChangeSet" => Ok(self.change_set(&name)),
            "ExecuteChangeSet" => Ok(self.execute(&name)),
            "DeleteStack" => {
                self.by_name.remove(&name);
                Ok(String::new())
            }
            "GetTemplateSummary" => Ok(self.summary(&name)),
            "DescribeStackEvents" => Ok(self.events(&name)),
            "DescribeStackResources" => Ok("<StackResources><member><LogicalResourceId>Table</LogicalResourceId>\
                <PhysicalResourceId>left-over-table</PhysicalResourceId><ResourceType>AWS::DynamoDB::Table</ResourceType>\
                <Timestamp>2026-11-27T00:00:00Z</Timestamp><ResourceStatus>DELETE_SKIPPED</ResourceStatus></member></StackResources>".to_owned()),
            _ => Err(format!("the fake does not know {action}")),
        }
    }

    fn describe(&self, name: &str) -> Result<String, String> {
        let stack = self.by_name.get(name).ok_or_else(|| format!("Stack with id {name} does not exist"))?;
        let parameters = members(&stack.parameters, "ParameterKey", "ParameterValue");
        let tags = members(&stack.tags, "Key", "Value");
        Ok(format!(
            "<Stacks><member><StackName>{name}</StackName><StackId>{}</StackId><StackStatus>{}</StackStatus>\
             <CreationTime>2026-11-27T00:00:00Z</CreationTime><Parameters>{parameters}</Parameters><Tags>{tags}</Tags>\
             <Outputs><member><OutputKey>SourceBucket</OutputKey><OutputValue>bucket</OutputValue></member></Outputs>\
             </member></Stacks>",
            id(name),
            stack.status
        ))
    }

    fn create_change_set(
        &mut self,
        name: &str,
        form: &Pairs,
        objects: &BTreeMap<String, Bytes>,
    ) -> Result<String, String> {
        let template = match form.get("TemplateBody") {
            Some(text) => text.clone(),
            None => uploaded(objects, &form["TemplateURL"])?,
        };
        let status = self.by_name.get(name).map_or("", |stack| stack.status.as_str()).to_owned();
        match (form["ChangeSetType"].as_str(), status.as_str()) {
            ("CREATE", "" | "REVIEW_IN_PROGRESS") | ("UPDATE", "CREATE_COMPLETE" | "UPDATE_COMPLETE") => {}
            ("CREATE", _) => return Err(format!("Stack [{name}] already exists")),
            (_, status) => return Err(format!("Stack:{name} is in {status} state and can not be updated.")),
        }
        let old = self.by_name.entry(name.to_owned()).or_default();
        let parameters = parameters(&template, form, &old.parameters)?;
        let tags = list(form, "Tags", "Key", "Value");
        let next = Stack { status: String::new(), parameters, tags, template, next: None };
        if old.status.is_empty() {
            "REVIEW_IN_PROGRESS".clone_into(&mut old.status);
        }
        old.next = Some(Box::new(next));
        Ok(format!(
            "<Id>arn:aws:cloudformation:us-east-1:1:changeSet/{name}/1</Id><StackId>{}</StackId>",
            id(name)
        ))
    }

    fn change_set(&self, name: &str) -> String {
        let stack = &self.by_name[name];
        let same = stack.next.as_ref().is_some_and(|next| {
            (&next.parameters, &next.tags, &next.template)
                == (&stack.parameters, &stack.tags, &stack.template)
        });
        let (status, reason) = if same {
            ("FAILED", "The submitted information didn't contain changes. ")
        } else {
            ("CREATE_COMPLETE", "")
        };
        format!(
            "<ChangeSetName>c</ChangeSetName><StackName>{name}</StackName><Status>{status}</Status>\
                 <StatusReason>{reason}</StatusReason><ExecutionStatus>AVAILABLE</ExecutionStatus><Changes></Changes>"
        )
    }

    fn execute(&mut self, name: &str) -> String {
        let Some(stack) = self.by_name.get_mut(name) else { return String::new() };
        self.changes += 1;
        let creates = stack.status == "REVIEW_IN_PROGRESS";
        let Some(next) = stack.next.take() else { return String::new() };
        *stack = *next;
        let (fixed, kept) = log_groups(&stack.template, name);
        let taken = fixed.iter().any(|group| self.retained.contains(group));
        let fails = creates && (self.failing.take_if(|failing| failing == name).is_some() || taken);
        stack.status = match (creates, fails) {
            (true, true) => "ROLLBACK_COMPLETE",
            (true, false) => "CREATE_COMPLETE",
            (false, _) => "UPDATE_COMPLETE",
        }
        .to_owned();
        if fails {
            self.retained.extend(kept);
        }
        String::new()
    }

    fn summary(&self, name: &str) -> String {
        let keys = self.by_name[name].parameters.keys().fold(String::new(), |mut text, key| {
            let _ = write!(text, "<member><ParameterKey>{key}</ParameterKey></member>");
            text
        });
        format!("<Parameters>{keys}</Parameters>")
    }

    fn events(&self, name: &str) -> String {
        let status = &self.by_name[name].status;
        // SAM reads events until the stack's own says that it is done.
        format!(
            "<StackEvents><member><EventId>{name}{time}</EventId><StackName>{name}</StackName><StackId>{id}</StackId>\
             <LogicalResourceId>{name}</LogicalResourceId><PhysicalResourceId>{id}</PhysicalResourceId>\
             <ResourceType>AWS::CloudFormation::Stack</ResourceType><ResourceStatus>{status}</ResourceStatus>\
             <Timestamp>2099-01-01T00:00:{time:02}Z</Timestamp></member></StackEvents>",
            time = self.changes,
            id = id(name)
        )
    }
}

fn id(name: &str) -> String {
    format!("arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/1")
}

fn members(pairs: &Pairs, key: &str, value: &str) -> String {
    pairs.iter().fold(String::new(), |mut text, (name, content)| {
        let _ = write!(text, "<member><{key}>{name}</{key}><{value}>{content}</{value}></member>");
        text
    })
}

/// Reads `Prefix.member.N.Key` and its value.
fn list(form: &Pairs, prefix: &str, key: &str, value: &str) -> Pairs {
    (1..)
        .map_while(|n| Some((form.get(&format!("{prefix}.member.{n}.{key}"))?.clone(), n)))
        .map(|(name, n)| {
            (name, form.get(&format!("{prefix}.member.{n}.{value}")).cloned().unwrap_or_default())
        })
        .collect()
}

fn uploaded(objects: &BTreeMap<String, Bytes>, url: &str) -> Result<String, String> {
    let content = objects.iter().find(|(path, _)| url.ends_with(path.as_str())).map(|(_, content)| content);
    let content = content.ok_or("S3 error: The specified key does not exist.")?;
    String::from_utf8(content.to_vec()).map_err(|_| "Template format error".to_owned())
}

/// Returns the values of a change set: as given, as before, or the default; refuses what CloudFormation refuses.
fn parameters(template: &str, form: &Pairs, before: &Pairs) -> Result<Pairs, String> {
    let template = Template::parse(template)?;
    let declared = template.at("/Parameters").as_object().cloned().unwrap_or_default();
    let given = list(form, "Parameters", "ParameterKey", "ParameterValue");
    let previous = list(form, "Parameters", "ParameterKey", "UsePreviousValue");
    if let Some(name) = given.keys().find(|name| !declared.contains_key(*name)) {
        return Err(format!("Parameters: [{name}] do not exist in the template"));
    }
    let value = |name: &String| {
        let kept = previous.get(name).filter(|it| *it == "true").and_then(|_| before.get(name).cloned());
        let default = || {
            declared[name].get("Default").map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned))
        };
        kept.or_else(|| given.get(name).cloned())
            .or_else(default)
            .ok_or_else(|| format!("Parameters: [{name}] must have values"))
    };
    declared.keys().map(|name| Ok((name.clone(), value(name)?))).collect()
}

/// Returns the names of a template's log groups, and of those that a rolled-back creation leaves.
fn log_groups(template: &str, stack: &str) -> (Vec<String>, Vec<String>) {
    let template = Template::parse(template).expect("a template");
    let named = template.of_type("AWS::Logs::LogGroup").into_iter().map(|(_, group)| {
        let name = symbol(&group["Properties"]["LogGroupName"]).unwrap_or_default();
        (name.replace("${AWS::StackName}", stack), group["DeletionPolicy"] == "Retain")
    });
    let all: Vec<_> = named.collect();
    let kept = all.iter().filter(|(_, kept)| *kept).map(|(name, _)| name.clone()).collect();
    (all.into_iter().map(|(name, _)| name).collect(), kept)
}
