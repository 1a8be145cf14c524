//! Successful requests of the operator, an admin and carriers, and the refusals that follow from them.

use serde_json::json;

use crate::script::{A123, ACCOUNT, Body, FIRST, Line, NOT_SHOWN, NUMBERS, ORDERS, PIN, SECOND, Who, order};

pub fn accounts() -> Vec<Line> {
    use Body::{Example, None};
    let operator = Who::Operator;
    vec![
        ("PUT", ACCOUNT, operator, Example("AccountProfile"), 200, "Account"),
        ("GET", ACCOUNT, operator, None, 200, "Account"),
        ("PUT", "/v1/accounts/FABRIKAM", operator, Example("AccountProfileSparse"), 201, "AccountSparse"),
        ("POST", NUMBERS, operator, Example("NumbersRequest"), 200, "Numbers"),
        (
            "POST",
            "/v1/accounts/FABRIKAM/telephone-numbers",
            operator,
            Example("NumbersRequest"),
            409,
            "NumberAssignedElsewhereProblem",
        ),
        ("GET", "/v1/accounts/CONTOSO/telephone-numbers?limit=2", operator, None, 200, "NumbersFirstPage"),
        (
            "GET",
            "/v1/accounts/CONTOSO/telephone-numbers?limit=2&cursor=KzEyMDY1NTUwMTA3",
            operator,
            None,
            200,
            "NumbersLastPage",
        ),
    ]
}

pub fn pins() -> Vec<Line> {
    use Body::{Example, Json, None};
    let pin = || Example("PinRequest");
    let nordwind = "/v1/accounts/NORDWIND/port-out-pin";
    vec![
        ("GET", PIN, Who::Owner("CONTOSO"), None, 200, "PinStatusNotSet"),
        ("PUT", PIN, Who::Owner("CONTOSO"), pin(), 201, "PinStatus"),
        ("GET", PIN, Who::Owner("CONTOSO"), None, 200, "PinStatus"),
        ("GET", PIN, Who::Operator, None, 200, "OperatorPinStatus"),
        ("PUT", PIN, Who::Owner("CONTOSO"), pin(), 412, "VersionMismatchProblem"),
        ("PUT", PIN, Who::Owner("CONTOSO"), Json(json!({"pin": "12345"})), 422, "InvalidRequestProblem"),
        ("PUT", PIN, Who::Owner("CONTOSO"), Json(json!({"Pin": "482913"})), 400, "MalformedRequestProblem"),
        ("DELETE", PIN, Who::Owner("CONTOSO"), None, 405, "PinCannotBeRemovedProblem"),
        ("PUT", "/v1/accounts/NORDWIND", Who::Operator, Json(json!({"country": "NO"})), 201, NOT_SHOWN),
        ("PUT", nordwind, Who::Owner("NORDWIND"), pin(), 409, "AccountNotUsProblem"),
    ]
}

pub fn port_outs() -> Vec<Line> {
    use Body::{Example, None};
    let corrected = || Example("PortOutRequestCorrected");
    let held = "/v1/accounts/CONTOSO/telephone-numbers/%2B12065550100";
    vec![
        ("POST", ORDERS, A123, Example("PortOutRequestWrongPin"), 201, "PortOutRejected"),
        ("POST", ORDERS, A123, corrected(), 201, "PortOutConfirmed"),
        ("POST", ORDERS, A123, corrected(), 200, "PortOutConfirmed"),
        ("POST", ORDERS, A123, order("02", json!({"zip_code": null})), 409, "PonConflictProblem"),
        ("GET", FIRST, A123, None, 200, "PortOutRejected"),
        ("GET", SECOND, Who::Owner("CONTOSO"), None, 200, "PortOutConfirmed"),
        ("GET", SECOND, Who::Carrier("B456"), None, 404, "PortOutNotFoundProblem"),
        ("POST", ORDERS, A123, order("03", json!({})), 201, NOT_SHOWN),
        ("GET", SECOND, Who::Desk, None, 200, "PortOutSuperseded"),
        ("DELETE", held, Who::Operator, None, 409, "NumberHeldProblem"),
    ]
}
