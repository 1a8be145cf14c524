//! Every problem document of the contract as it is sent, word for word.

use serde_json::{Value, json};

/// A refusal: its status, its whole body and the headers that only some refusals have.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub status: u16,
    pub body: Value,
    pub headers: Vec<(&'static str, String)>,
}

const FORM: &str = "The request does not have the form that this route takes.";

fn refusal(status: u16, code: &str, title: &str, detail: &str) -> Refusal {
    let body = json!({
        "type": format!("urn:port-out:problem:{code}"),
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    });
    Refusal { status, body, headers: Vec::new() }
}

impl Refusal {
    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn errors(mut self, errors: &[Value]) -> Self {
        self.body["errors"] = errors.into();
        self
    }
}

pub fn not_json() -> Refusal {
    refusal(400, "malformed_request", "Malformed request", "The body is not a JSON object in UTF-8.")
}

pub fn malformed(errors: &[Value]) -> Refusal {
    refusal(400, "malformed_request", "Malformed request", FORM).errors(errors)
}

pub fn no_token() -> Refusal {
    refusal(401, "unauthenticated", "Not authenticated", "This route needs a bearer token.")
        .header("www-authenticate", r#"Bearer realm="port-out-pin""#)
}

pub fn bad_token() -> Refusal {
    refusal(401, "unauthenticated", "Not authenticated", "The bearer token is not valid.")
        .header("www-authenticate", r#"Bearer realm="port-out-pin", error="invalid_token""#)
}

pub fn forbidden() -> Refusal {
    refusal(403, "forbidden", "Not allowed", "The token does not allow this.")
}

pub fn no_account() -> Refusal {
    let detail = "There is no account with this account number.";
    refusal(404, "account_not_found", "No such account", detail)
}

pub fn no_port_out() -> Refusal {
    let detail = "There is no port-out with this id, or it is not yours to see.";
    refusal(404, "port_out_not_found", "No such port-out", detail)
}

pub fn no_route() -> Refusal {
    refusal(404, "route_not_found", "No such route", "There is no such route.")
}

pub fn no_method(allow: &str) -> Refusal {
    let detail = "This path does not take that method; the Allow header lists those that it takes.";
    refusal(405, "method_not_allowed", "Method not allowed", detail).header("allow", allow)
}

pub fn no_removal() -> Refusal {
    let detail = "Once set, a port-out PIN can be changed, not removed or blanked.";
    refusal(405, "pin_cannot_be_removed", "A PIN cannot be removed", detail).header("allow", "GET, PUT")
}

pub fn not_us() -> Refusal {
    let detail = "The account is not in the US: its numbers leave by another process, without a PIN.";
    refusal(409, "account_not_us", "Account not in the US", detail)
}

/// The places in the list of those numbers that are another account's.
pub fn elsewhere(places: &[usize]) -> Refusal {
    let code = "number_assigned_elsewhere";
    let detail = "At least one number is another account's; none was assigned.";
    let errors: Vec<_> =
        places.iter().map(|place| error(&format!("/telephone_numbers/{place}"), code)).collect();
    refusal(409, code, "Number assigned to another account", detail).errors(&errors)
}

pub fn held() -> Refusal {
    let detail = "A confirmed port-out holds the number, so it stays with the account.";
    refusal(409, "pending_port", "Number held by a port-out", detail)
}

pub fn changed() -> Refusal {
    let detail = "The PIN was changed since; read its status again for the ETag that it has now.";
    refusal(412, "version_mismatch", "Changed in the meantime", detail)
}

pub fn too_large() -> Refusal {
    refusal(413, "body_too_large", "Body too large", "The body is larger than 64 KiB.")
}

pub fn not_json_type() -> Refusal {
    let detail = "The body must be JSON, sent with Content-Type: application/json.";
    refusal(415, "unsupported_media_type", "Unsupported media type", detail)
}

pub fn invalid(errors: &[Value]) -> Refusal {
    let detail = "At least one value breaks a rule; nothing was stored.";
    refusal(422, "invalid_request", "A value breaks a rule", detail).errors(errors)
}

/// The id of the request stands for itself; see [`crate::exactly`].
pub fn internal_error() -> Refusal {
    let detail = "The service could not do this. Sending the same request again is safe.";
    let mut refusal = refusal(500, "internal_error", "Internal error", detail);
    refusal.body["request_id"] = "ID".into();
    refusal
}

/// One entry of `errors`, with the sentence that always goes with its code.
pub fn error(field: &str, code: &str) -> Value {
    error_because(field, code, sentence(code))
}

/// One entry of `errors` whose code goes with several sentences.
pub fn error_because(field: &str, code: &str, detail: &str) -> Value {
    json!({"field": field, "code": code, "detail": detail})
}

fn sentence(code: &str) -> &'static str {
    match code {
        "required" => "this field is required",
        "wrong_type" => "this field is a JSON string",
        "duplicate_field" => "this field stands there twice",
        "account_number_invalid" => {
            "an account number is 1 to 25 ASCII letters or digits; spaces and the characters - . _ / are dropped"
        }
        "country_invalid" => "a country is an ISO 3166-1 alpha-2 code such as US",
        "name_invalid" => "a name is 1 to 100 characters, not blank and without control characters",
        "zip_code_invalid" => "a ZIP code is five digits, or five and four with a hyphen between",
        "time_zone_invalid" => {
            "the time zone must be a name of the IANA time zone database, such as America/Los_Angeles"
        }
        "pon_invalid" => "a PON is 1 to 25 of the letters A-Z and a-z, the digits and _ # -",
        "tn_duplicate" => "this telephone number is in the list twice",
        "too_many_tns" => "at most 90 telephone numbers fit one request",
        "number_assigned_elsewhere" => "this number is another account's",
        "limit_invalid" => "a limit is a whole number from 1 to 1000",
        "cursor_invalid" => "a cursor is the next_cursor of the page before, as it was answered",
        "pin_blank" => {
            "a PIN is required: 6 to 10 digits; it cannot be blank, and once set it can be changed but not removed"
        }
        "pin_too_short" => "a PIN has at least 6 digits",
        "pin_too_long" => "a PIN has at most 10 digits",
        "pin_not_digits" => "a PIN holds the digits 0 to 9 only: no letters, spaces or other characters",
        _ => panic!("no one sentence goes with {code}"),
    }
}
