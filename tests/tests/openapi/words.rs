//! The words of the API are the same in the file and in the code: problems, reasons, scopes, kinds.

use std::collections::BTreeSet;

use runtime::http::problem::Code;
use runtime::http::routes::ROUTES;
use serde_json::{Value, json};
use shared::lifecycle::Status;
use shared::rejection::RejectionCode;

use crate::file::{FILE, list, operations};

fn words(pointer: &str) -> BTreeSet<&'static str> {
    list(FILE.at(pointer)).map(|word| word.as_str().expect("a word")).collect()
}

#[test]
fn every_problem_has_a_schema_with_its_type_title_and_status() {
    let schemas = FILE.at("/components/schemas").as_object().unwrap().iter();
    let consts = |schema: &Value| {
        let one = |name: &str| schema["properties"][name]["const"].clone();
        json!([one("type"), one("title"), one("status"), one("code")]).to_string()
    };
    let described: BTreeSet<_> =
        schemas.filter(|(name, _)| name.ends_with("Problem")).map(|(_, schema)| consts(schema)).collect();
    let of_code = |code: &Code| {
        let kind = format!("urn:port-out:problem:{}", code.as_str());
        json!([kind, code.title(), code.status(), code.as_str()]).to_string()
    };
    assert_eq!(described, Code::ALL.iter().map(of_code).collect());
}

#[test]
fn every_problem_has_an_answer_of_its_status_and_an_example() {
    let answers = FILE.at("/components/responses").to_string();
    for code in Code::ALL {
        let name = format!("{code:?}Problem");
        assert!(answers.contains(&format!("#/components/schemas/{name}")), "no answer has {name}");
        let example = FILE.at(&format!("/components/examples/{name}/value"));
        assert_eq!(example["code"], code.as_str());
        assert!(answers.contains(&format!("#/components/examples/{name}")), "no answer shows {name}");
    }
}

#[test]
fn reasons_of_a_refusal_are_those_of_the_code() {
    let codes = RejectionCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(words("/components/schemas/RejectionCode/enum"), codes);
}

#[test]
fn statuses_of_a_port_out_are_those_of_the_code() {
    let statuses = Status::ALL.iter().map(|status| status.as_str()).collect();
    assert_eq!(words("/components/schemas/PortOutStatus/enum"), statuses);
}

#[test]
fn scopes_are_those_of_the_routes_and_each_opens_something() {
    let routes: BTreeSet<_> =
        ROUTES.iter().flat_map(|route| route.scopes).map(|scope| scope.as_str()).collect();
    let flow = FILE.at("/components/securitySchemes/bearer/flows/clientCredentials");
    let explained = flow["scopes"].as_object().unwrap();
    assert_eq!(explained.keys().map(String::as_str).collect::<BTreeSet<_>>(), routes);
    let used: BTreeSet<_> = operations()
        .iter()
        .flat_map(|operation| operation.security.clone())
        .flat_map(|schemes| list(&schemes["bearer"]))
        .map(|scope| scope.as_str().expect("a scope"))
        .collect();
    assert_eq!(used, routes);
}
