//! What sources of webhooks send, and what the operator does with sources.

use serde_json::json;

use crate::script::{ACME, Body, Line, NEW_SOURCE, NOT_SHOWN, ROTATE, Who, order};

pub fn webhooks() -> Vec<Line> {
    use Body::{Example, None, Text};
    const STANDARD: &str = "/v1/webhooks/acme/port-outs";
    const BANDWIDTH: &str = "/v1/webhooks/bw/bandwidth";
    const NOTICE: &str = "/v1/webhooks/bw/bandwidth-port-outs";
    let one = || Example("PortOutRequestOneNumber");
    let (good, bad) = (Example("PortOutValidationRequest"), Example("PortOutValidationRequestWrongPin"));
    let no_notice = Text("application/xml", "<TelephoneNumber>2065550109</TelephoneNumber>".to_owned());
    vec![
        ("POST", STANDARD, Who::Source, one(), 201, "PortOutOneNumber"),
        ("POST", STANDARD, Who::Delivery("msg-1"), one(), 200, "PortOutOneNumber"),
        ("POST", STANDARD, Who::Delivery("msg-1"), order("01", json!({})), 409, "IdempotencyConflictProblem"),
        ("POST", STANDARD, Who::Anonymous, one(), 401, "UnauthenticatedDeliveryProblem"),
        ("POST", BANDWIDTH, Who::Anonymous, None, 401, "UnauthenticatedBandwidthProblem"),
        ("POST", BANDWIDTH, Who::Bandwidth, good, 200, "PortOutValidationApproved"),
        ("POST", BANDWIDTH, Who::Bandwidth, bad, 200, "PortOutValidationRefused"),
        ("POST", NOTICE, Who::Anonymous, None, 401, "UnauthenticatedBandwidthProblem"),
        ("POST", NOTICE, Who::Bandwidth, Example("BandwidthNotice"), 204, NOT_SHOWN),
        ("POST", NOTICE, Who::Bandwidth, no_notice, 200, "PortOutValidationUnavailable"),
    ]
}

pub fn sources() -> Vec<Line> {
    use Body::{Example, Json, None};
    let source = || Example("WebhookSourceRequest");
    let other = Json(json!({"kind": "bandwidth", "spid": "A123"}));
    let transferred = Json(json!({"kind": "standard-webhooks", "spid": "B456", "name": "Acme"}));
    vec![
        ("PUT", NEW_SOURCE, Who::Operator, source(), 201, "WebhookSourceRegistered"),
        ("GET", ACME, Who::Operator, None, 200, "WebhookSource"),
        ("PUT", ACME, Who::Operator, source(), 200, "WebhookSource"),
        ("PUT", ACME, Who::Operator, other, 409, "WebhookSourceKindFixedProblem"),
        ("POST", ROTATE, Who::Operator, Example("RotationRequest"), 200, "WebhookSourceRotated"),
        ("PUT", ACME, Who::Operator, transferred, 200, "WebhookSourceTransferred"),
        ("DELETE", ACME, Who::Operator, None, 204, NOT_SHOWN),
        ("GET", ACME, Who::Operator, None, 404, "WebhookSourceNotFoundProblem"),
    ]
}
