//! Every route is throttled, and those that cost a hash more than the others, each by its own parameter.

use runtime::http::endpoint::{Endpoint, SetPinEndpoint};
use runtime::http::routes::{ROUTES, Route};
use serde_json::Value;

use crate::expanded_template::Expanded;
use crate::findings::require;
use crate::routes::name;

pub fn check(template: &Expanded) -> Vec<String> {
    let stage = stage(template);
    let mut found = limits(template, "every route", &stage["DefaultRouteSettings"]);
    let named = stage["RouteSettings"].as_object().cloned().unwrap_or_default();
    for (route, settings) in &named {
        found.extend(limits(template, route, settings));
        let known = ROUTES.iter().any(|known| name(known) == *route);
        found.extend(require(known, || format!("there is no route {route} to throttle")));
    }
    for route in ROUTES.iter().filter(|route| hashes(route)) {
        found.extend(require(named.contains_key(&name(route)), || {
            format!("{} costs a hash and has no limit of its own", name(route))
        }));
    }
    found
}

/// Returns the one stage of the API.
pub fn stage(template: &Expanded) -> Value {
    let stages = template.json.of_type("AWS::ApiGatewayV2::Stage");
    stages.first().map(|(_, stage)| stage["Properties"].clone()).unwrap_or_default()
}

fn hashes(route: &Route) -> bool {
    matches!(
        route.endpoint,
        Endpoint::SetPin(SetPinEndpoint::Set) | Endpoint::PortOut(_) | Endpoint::Bandwidth(_)
    )
}

/// Rate and burst are set, by a parameter that is a number above 0.
fn limits(template: &Expanded, what: &str, settings: &Value) -> Vec<String> {
    let one = |field: &str| {
        let parameter = settings[field]["Ref"].as_str().unwrap_or_default();
        let parameter = template.source.at(&format!("/Parameters/{parameter}"));
        let sound = parameter["Type"] == "Number"
            && parameter["MinValue"].as_i64() > Some(0)
            && (1..=1000).contains(&parameter["Default"].as_i64().unwrap_or(0));
        require(sound, || format!("{what} has no {field} from a parameter"))
    };
    // A route whose settings leave it out has no metrics, whatever the default says.
    let metrics = require(settings["DetailedMetricsEnabled"] == true, || format!("{what} has no metrics"));
    ["ThrottlingRateLimit", "ThrottlingBurstLimit"].into_iter().flat_map(one).chain(metrics).collect()
}
