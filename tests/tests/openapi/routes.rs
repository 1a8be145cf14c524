//! The OpenAPI file, the template and the code name the same routes, and who lets callers in.

use std::collections::BTreeSet;

use harness::template::TEMPLATE;
use runtime::http::routes::{Auth, ROUTES, Route, all};
use serde_json::Value;

use crate::file::operations;

/// Names of the parameters of an operation that stand in one place.
fn parameters(parameters: &[&Value], place: &str) -> BTreeSet<String> {
    let here = parameters.iter().filter(|parameter| parameter["in"] == place);
    here.map(|parameter| parameter["name"].as_str().expect("a name").to_owned()).collect()
}

fn in_path(path: &str) -> BTreeSet<String> {
    let name = |part: &str| part.strip_prefix('{')?.strip_suffix('}').map(str::to_owned);
    path.split('/').filter_map(name).collect()
}

#[test]
fn file_names_the_routes_of_the_code_with_their_query_parameters_and_scopes() {
    let named: BTreeSet<_> = operations()
        .into_iter()
        .map(|it| {
            assert!(!it.security.is_empty(), "{} {} lets anybody in", it.method, it.path);
            let scopes: Option<BTreeSet<_>> =
                it.security.iter().map(|schemes| schemes["bearer"][0].as_str()).collect();
            (it.method, it.path, parameters(&it.parameters, "query"), scopes)
        })
        .collect();
    let known = |names: Option<&[&str]>| names.unwrap_or_default().iter().map(ToString::to_string).collect();
    let scopes = |route: &Route| route.scopes.iter().map(|scope| scope.as_str()).collect();
    let scopes = |route: &Route| (route.auth == Auth::Bearer).then(|| scopes(route));
    let expected =
        ROUTES.iter().map(|route| (route.method.to_owned(), route.path, known(route.query), scopes(route)));
    assert_eq!(named, expected.collect());
}

#[test]
fn every_parameter_of_a_path_is_described() {
    for operation in operations() {
        let described = parameters(&operation.parameters, "path");
        assert_eq!(described, in_path(operation.path), "{} {}", operation.method, operation.path);
    }
}

#[test]
fn template_names_the_routes_of_the_code_and_the_functions_that_answer_them() {
    let mut named = BTreeSet::new();
    for (id, function) in TEMPLATE.of_type("AWS::Serverless::Function") {
        let events = function["Properties"]["Events"].as_object().into_iter().flatten();
        for (_, event) in events.filter(|(_, event)| event["Type"] == "HttpApi") {
            let text = |name: &str| event["Properties"][name].as_str().unwrap_or_default();
            named.insert((text("Method").to_uppercase(), text("Path").to_owned(), id.to_owned()));
        }
    }
    // What no route takes goes to one function too, which answers 404 and 405: an event without method and path.
    let rest = (String::new(), String::new(), logical_id("status"));
    let expected =
        all().map(|route| (route.method.to_owned(), route.path.to_owned(), logical_id(route.function())));
    assert_eq!(named, expected.chain([rest]).collect());
}

/// `set-pin` is `SetPinFunction` in the template.
fn logical_id(function: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    function.split('-').map(word).chain(["Function".to_owned()]).collect()
}
