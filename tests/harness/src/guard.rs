//! Checks each DynamoDB call of a function against its role in the template, as AWS does.

use std::collections::BTreeMap;

use runtime::http::endpoint::{
    BandwidthEndpoint, ConsoleEndpoint, FunctionEndpoint as _, PortOutEndpoint, ProtectEndpoint,
    ProvisionEndpoint, SetPinEndpoint, StatusEndpoint,
};
use serde_json::{Value, json};

use crate::iam::{Policy, Request, access};
use crate::stack::FUNCTIONS;
use crate::template::{TEMPLATE, Template};

/// The name of a function's role in the template.
///
/// # Errors
/// The function does not exist.
pub fn role(function: &str) -> Result<&'static str, String> {
    match function {
        SetPinEndpoint::FUNCTION => Ok("SetPinRole"),
        StatusEndpoint::FUNCTION => Ok("StatusRole"),
        PortOutEndpoint::FUNCTION | BandwidthEndpoint::FUNCTION => Ok("PortOutRole"),
        ProvisionEndpoint::FUNCTION => Ok("ProvisionRole"),
        ProtectEndpoint::FUNCTION => Ok("ProtectRole"),
        ConsoleEndpoint::FUNCTION => Ok("ConsoleRole"),
        other => Err(format!("{other} is no function")),
    }
}

/// What each function may do on one table.
pub struct Guard {
    table: String,
    roles: BTreeMap<&'static str, Policy>,
}

impl Guard {
    /// Reads the template's roles, all of which must be there and understood.
    pub fn new(table: &str) -> Self {
        Self::of(&TEMPLATE, table).unwrap_or_else(|error| panic!("infra/template.yaml: {error}"))
    }

    /// Reads the roles of some template.
    ///
    /// # Errors
    /// A role is missing or not understood.
    pub fn of(template: &Template, table: &str) -> Result<Self, String> {
        let policy = |function: &&'static str| Ok((*function, Policy::of_role(template, role(function)?)?));
        let roles = FUNCTIONS.iter().map(policy).collect::<Result<_, String>>()?;
        Ok(Self { table: table.to_owned(), roles })
    }

    /// Returns what a function's role does not allow of a call, or `None` if the call may pass.
    pub fn refusal(&self, function: &str, operation: &str, body: &Value) -> Option<String> {
        let (role, requests) = match self.iam_requests(function, operation, body) {
            Ok(iam_requests) => iam_requests,
            Err(error) => return Some(format!("{function} calls {operation}: {error}")),
        };
        let refused = requests.into_iter().find(|request| !role.allows(request))?;
        let (action, resource) = (&refused.action, &refused.resource);
        let leading = access::values(&refused, "dynamodb:LeadingKeys");
        let named = access::values(&refused, "dynamodb:Attributes");
        let selected = access::values(&refused, "dynamodb:Select");
        Some(format!(
            "{function} may not {action} {leading:?} of {resource}, attributes {named:?} {selected:?}"
        ))
    }

    fn iam_requests(
        &self,
        function: &str,
        operation: &str,
        body: &Value,
    ) -> Result<(&Policy, Vec<Request>), String> {
        let role = self.roles.get(function).ok_or_else(|| format!("{function} is no function"))?;
        Ok((role, access::of_call(operation, body, &self.table)?))
    }
}

/// Returns what DynamoDB answers to a call that no policy allows.
pub fn denied(operation: &str) -> Value {
    let message = format!(
        "User: arn:aws:sts::000000000000:assumed-role/test is not authorized to perform: dynamodb:{operation} \
         because no identity-based policy allows the dynamodb:{operation} action"
    );
    json!({"__type": "com.amazon.coral.service#AccessDeniedException", "Message": message})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(attributes: &str) -> Value {
        let key = json!({"pk": {"S": "ACCOUNT#A"}, "sk": {"S": "ACCOUNT"}});
        json!({"TableName": "t", "Key": key, "ProjectionExpression": attributes})
    }

    #[test]
    fn a_call_passes_by_the_role_of_its_own_function_only() {
        let guard = Guard::new("t");
        assert_eq!(guard.refusal("status", "GetItem", &get("country")), None);
        let mut other = get("country");
        other["TableName"] = "u".into();
        for (function, operation, body) in [
            ("status", "GetItem", get("pin_digest")),
            ("status", "GetItem", other),
            ("status", "DeleteItem", get("")),
            ("status", "Scan", json!({"TableName": "t"})),
            ("port-out", "GetItem", get("pin_digest")),
            ("nobody", "GetItem", get("country")),
        ] {
            assert!(guard.refusal(function, operation, &body).is_some(), "{function} {operation} {body}");
        }
    }

    #[test]
    fn a_template_without_a_role_guards_nothing_and_says_so() {
        let text = local::table::TEMPLATE.replace("StatusRole:", "StatusRoles:");
        let error = Guard::of(&Template::parse(&text).unwrap(), "t").err().unwrap();
        assert_eq!(error, "the template has no role StatusRole");
    }
}
