//! Requests that are refused for every caller, and the wait after wrong PINs.

use serde_json::json;

use crate::script::{A123, ACCOUNT, Body, Line, NOT_SHOWN, NUMBERS, ORDERS, PIN, Who, order};

pub fn refusals() -> Vec<Line> {
    use Body::{Json, None, Text};
    let toll_free = Json(json!({"telephone_numbers": ["+12065550100", "+18005550150"]}));
    let large = Text("application/json", format!("\"{}\"", "x".repeat(65_536)));
    vec![
        ("GET", ACCOUNT, Who::Anonymous, None, 401, "UnauthenticatedProblem"),
        ("GET", ACCOUNT, Who::Forger, None, 401, "UnauthenticatedTokenProblem"),
        ("GET", ACCOUNT, A123, None, 403, "ForbiddenProblem"),
        ("GET", "/v1/accounts/NOBODY", Who::Operator, None, 404, "AccountNotFoundProblem"),
        ("GET", "/v1/nothing", Who::Operator, None, 404, "RouteNotFoundProblem"),
        ("PATCH", ACCOUNT, Who::Operator, None, 405, "MethodNotAllowedProblem"),
        ("PUT", ACCOUNT, Who::Operator, large, 413, "BodyTooLargeProblem"),
        (
            "PUT",
            ACCOUNT,
            Who::Operator,
            Text("text/plain", String::new()),
            415,
            "UnsupportedMediaTypeProblem",
        ),
        ("POST", NUMBERS, Who::Operator, toll_free, 422, "InvalidRequestNumbersProblem"),
        ("PUT", PIN, Who::Owner("CONTOSO"), Body::Example("PinRequestWeak"), 200, "PinStatusWeak"),
    ]
}

/// Five wrong PINs in a row, and then the right one too late.
pub fn waits() -> Vec<Line> {
    const PONS: [&str; 5] = ["W-1", "W-2", "W-3", "W-4", "W-5"];
    let guess = |pon| order("01", json!({"pon": pon, "pin": "739154"}));
    let mut lines: Vec<Line> =
        PONS.map(|pon| ("POST", ORDERS, Who::Carrier("B456"), guess(pon), 201, NOT_SHOWN)).into();
    lines.push(("POST", ORDERS, Who::Carrier("B456"), guess("W-6"), 429, "TooManyPinAttemptsProblem"));
    lines
}
