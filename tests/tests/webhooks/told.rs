//! What senders and the operator are told, word for word; every assertion compares the whole body.

use crate::bench::START;
use harness::client::Answer;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

/// Code, title and detail of a problem document; `None` fails the test.
fn problem(status: u16, code: &str, title: &str, detail: &str) -> Value {
    let kind = format!("urn:port-out:problem:{code}");
    json!({"type": kind, "title": title, "status": status, "detail": detail, "code": code})
}

/// Fails unless this is the whole problem document, with this header or none of its kind.
#[track_caller]
pub fn assert_problem(answer: &Answer, header: (&str, &str), document: &Value) {
    let (status, code) = (document["status"].as_u64().unwrap(), document["code"].as_str().unwrap());
    assert_eq!(answer.assert_problem(status.try_into().unwrap(), code), *document, "{}", answer.call);
    for name in ["www-authenticate", "allow", "retry-after", "location"] {
        let expected = if name == header.0 { header.1 } else { "" };
        assert_eq!(answer.header(name), expected, "{name} of {}", answer.call);
    }
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// Fails unless this is the one answer to whatever is not rightly signed.
#[track_caller]
pub fn assert_not_signed(answer: &Answer) {
    let detail =
        "The delivery is not signed by this source, or its timestamp is more than 5 minutes from now.";
    let document = problem(401, "unauthenticated", "Not authenticated", detail);
    assert_problem(answer, ("www-authenticate", r#"Webhook-Signature realm="port-out-pin""#), &document);
}

/// Fails unless there is no such source.
#[track_caller]
pub fn assert_no_source(answer: &Answer) {
    let detail = "There is no webhook source with this id.";
    let document = problem(404, "webhook_source_not_found", "No such webhook source", detail);
    assert_problem(answer, ("", ""), &document);
}

/// Fails unless the source has another kind.
#[track_caller]
pub fn assert_kind_fixed(answer: &Answer) {
    let detail = "A source keeps the kind that it was registered with; register another source.";
    let document = problem(409, "webhook_source_kind_fixed", "A source keeps its kind", detail);
    assert_problem(answer, ("", ""), &document);
}

/// Fails unless a bearer token is missing.
#[track_caller]
pub fn assert_no_token(answer: &Answer) {
    let document = problem(401, "unauthenticated", "Not authenticated", "This route needs a bearer token.");
    assert_problem(answer, ("www-authenticate", r#"Bearer realm="port-out-pin""#), &document);
}

/// Fails unless the token does not allow this.
#[track_caller]
pub fn assert_forbidden(answer: &Answer) {
    let document = problem(403, "forbidden", "Not allowed", "The token does not allow this.");
    assert_problem(answer, ("", ""), &document);
}

/// Fails unless the path takes other methods only.
#[track_caller]
pub fn assert_no_method(answer: &Answer, allow: &str) {
    let detail = "This path does not take that method; the Allow header lists those that it takes.";
    let document = problem(405, "method_not_allowed", "Method not allowed", detail);
    assert_problem(answer, ("allow", allow), &document);
}

/// Fails unless the carrier has to wait so many seconds.
#[track_caller]
pub fn assert_wait(answer: &Answer, seconds: &str) {
    let detail = "Too many wrong PINs for this account. Nothing was evaluated or recorded; wait, then send the \
                  request again.";
    let document = problem(429, "too_many_pin_attempts", "Too many wrong PINs", detail);
    assert_problem(answer, ("retry-after", seconds), &document);
}

/// Fails unless the name of the order is taken and this is the version to use.
#[track_caller]
pub fn assert_conflict(answer: &Answer, next: &str) {
    let detail = format!(
        "This PON was already used with this or a later version and other content; a correction is a new version: \
         use version {next}."
    );
    assert_problem(answer, ("", ""), &problem(409, "pon_conflict", "PON and version already used", &detail));
}

/// 128 bits of SHA-256 over carrier, PON and version.
fn id(spid: &str, order: &Value) -> String {
    let name = format!("{spid} {} {}", order["pon"].as_str().expect("a PON"), version(order));
    digest(&SHA256, name.as_bytes()).as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn version(order: &Value) -> &str {
    order["version"].as_str().unwrap_or("01")
}

fn port_out(spid: &str, order: &Value, status: &str, foc_date: Value, rejections: Value) -> Value {
    json!({
        "id": id(spid, order),
        "spid": spid,
        "pon": order["pon"],
        "version": version(order),
        "account_number": order["account_number"],
        "telephone_numbers": order["telephone_numbers"],
        "status": status,
        "foc_date": foc_date,
        "rejections": rejections,
        "received_at": START,
    })
}

/// A commitment for this day, received at [`START`].
pub fn confirmed(spid: &str, order: &Value, foc_date: &str) -> Value {
    port_out(spid, order, "confirmed", foc_date.into(), json!([]))
}

/// A refusal for the PIN alone, of version 01, received at [`START`].
pub fn wrong_pin(spid: &str, order: &Value) -> Value {
    let rejection = json!({
        "code": "pin_invalid",
        "field": "/pin",
        "telephone_number": null,
        "detail": "The PIN is not the account's port-out PIN.",
        "resolution": "Ask the end user for the account's port-out PIN. Then send the request again as version 02 \
                       of this PON.",
    });
    port_out(spid, order, "rejected", Value::Null, json!([rejection]))
}

/// Fails unless this is the whole answer; a new port-out has a `Location`, one that is told again has none.
#[track_caller]
pub fn assert_port_out(answer: &Answer, status: u16, expected: &Value) {
    assert_eq!(answer.assert_json(status), *expected, "{}", answer.text());
    let id = expected["id"].as_str().expect("an id");
    let location = if status == 201 { format!("/v1/port-outs/{id}") } else { String::new() };
    let found =
        (answer.header("location"), answer.header("www-authenticate"), answer.header("cache-control"));
    assert_eq!(found, (&*location, "", "no-store"));
}

/// Status, headers and body without the id of the request, to compare answers with.
pub fn fingerprint(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let headers =
        answer.headers.iter().filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (answer.status, headers.collect(), answer.text())
}
