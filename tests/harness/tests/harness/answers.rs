//! Assertions about answers: a failure prints the body, and every field counts.

use axum::http::HeaderMap;
use harness::prelude::*;

#[test]
#[should_panic(expected = "the whole body")]
fn failed_assertion_prints_the_whole_body() {
    let answer = Answer {
        call: "GET /".to_owned(),
        status: 500,
        headers: HeaderMap::new(),
        body: b"the whole body".to_vec(),
    };
    answer.assert_problem(404, "route_not_found");
}

#[test]
fn problem_is_checked_in_every_field() {
    let problem = json!({"type": "urn:port-out:problem:invalid_request", "title": "t", "status": 422, "detail": "d",
        "code": "invalid_request", "errors": [{"field": "/pin", "code": "pin_blank", "detail": "d"}]});
    let answer = |problem: &Value, content_type: &str| Answer {
        call: "PUT /".to_owned(),
        status: 422,
        headers: HeaderMap::from_iter([("content-type".parse().unwrap(), content_type.parse().unwrap())]),
        body: problem.to_string().into(),
    };
    let good = answer(&problem, "application/problem+json");
    good.assert_problem(422, "invalid_request");
    let refused =
        |answer: Answer| std::panic::catch_unwind(|| answer.assert_problem(422, "invalid_request")).is_err();
    assert!(refused(answer(&problem, "application/json")));
    for (field, value) in [
        ("type", json!("about:blank")),
        ("status", json!("422")),
        ("code", json!("x")),
        ("title", json!("")),
        ("detail", json!(null)),
    ] {
        let mut other = problem.clone();
        other[field] = value;
        assert!(refused(answer(&other, "application/problem+json")), "{field}");
    }
}

#[test]
fn refusal_is_compared_with_its_errors_in_any_order_and_with_its_headers() {
    let errors = [error("/pin", "pin_blank"), error("/country", "required")];
    let answer = |retry_after: &'static str| {
        let body = json!({"type": "urn:port-out:problem:invalid_request", "title": "Validation failed",
            "status": 422, "detail": "At least one value is invalid. Nothing was stored.",
            "code": "invalid_request", "errors": [errors[1], errors[0]]});
        let headers = [
            ("content-type", "application/problem+json"),
            ("cache-control", "no-store"),
            ("x-request-id", "1"),
            ("retry-after", retry_after),
        ];
        let headers = headers.into_iter().filter(|(_, value)| !value.is_empty());
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Answer { call: "PUT /".to_owned(), status: 422, headers, body: body.to_string().into() }
    };
    answer("").assert_refused(&invalid(&errors));
    let refused = |answer: Answer, errors: &[Value]| {
        std::panic::catch_unwind(|| answer.assert_refused(&invalid(errors))).is_err()
    };
    assert!(refused(answer(""), &errors[..1]) && refused(answer("2"), &errors));
}
