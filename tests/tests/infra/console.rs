//! The administrators' page is a choice, and needs what makes it work.

use serde_json::json;

use crate::expanded_template::Expanded;
use crate::findings::{differs, require};

/// Stays when the page is switched off, so that its name can be used again.
const KEPT: &str = "ConsoleLog";

pub fn check(template: &Expanded) -> Vec<String> {
    let resources = template.json.at("/Resources").as_object().cloned().unwrap_or_default();
    let own = resources.iter().filter(|(id, _)| id.starts_with("Console") && *id != KEPT);
    let mut found: Vec<_> = own
        .flat_map(|(id, it)| differs(&format!("{id}'s condition"), &it["Condition"], &json!("HasConsole")))
        .collect();
    let log = resources.get(KEPT).is_some_and(|log| log["Condition"].is_null());
    found.extend(require(log, || format!("{KEPT} is not always there")));
    let (source, enabled) = (&template.source, json!({"Fn::Equals": [{"Ref": "ConsoleEnabled"}, "true"]}));
    let absent = |name: &str| json!({"Fn::Equals": [{"Ref": name}, ""]});
    for (path, wanted) in [
        ("/Parameters/ConsoleEnabled/Default", json!("false")),
        ("/Conditions/HasConsole", enabled.clone()),
        ("/Rules/Console/RuleCondition", enabled),
        ("/Rules/Console/Assertions/0/Assert", json!({"Fn::Not": [absent("OidcClientId")]})),
        (
            "/Rules/Console/Assertions/1/Assert",
            json!({"Fn::Not": [{"Fn::And": [absent("ConsoleUrl"), absent("DomainName")]}]}),
        ),
    ] {
        found.extend(differs(path, source.at(path), &wanted));
    }
    found
}
