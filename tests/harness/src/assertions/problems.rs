//! Every problem document of the API as it is sent, word for word.

use serde_json::{Value, json};

/// Stands for the id of the request that the document is about.
pub(crate) const REQUEST_ID: &str = "ID";

/// A problem document: its status, its whole body and the headers that only some have.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The document.
    pub body: Value,
    /// Headers beside those of every answer.
    pub headers: Vec<(&'static str, String)>,
}

const FORM: &str = "The request does not have the form that this route takes.";

fn problem(status: u16, code: &str, title: &str, detail: &str) -> Problem {
    let body = json!({
        "type": format!("urn:port-out:problem:{code}"),
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    });
    Problem { status, body, headers: Vec::new() }
}

impl Problem {
    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn errors(mut self, errors: &[Value]) -> Self {
        self.body["errors"] = errors.into();
        self
    }

    fn request_id(mut self) -> Self {
        self.body["request_id"] = REQUEST_ID.into();
        self
    }
}

/// 400 for a body that is no JSON object.
pub fn not_json() -> Problem {
    problem(400, "malformed_request", "Malformed request", "The body is not a JSON object in UTF-8.")
}

/// 400 for a body or query of the wrong form.
pub fn malformed(errors: &[Value]) -> Problem {
    problem(400, "malformed_request", "Malformed request", FORM).errors(errors)
}

/// 401 without a bearer token.
pub fn no_token() -> Problem {
    problem(401, "unauthenticated", "Not authenticated", "This route needs a bearer token.")
        .header("www-authenticate", r#"Bearer realm="port-out-pin""#)
}

/// 401 for a bearer token that is no good.
pub fn bad_token() -> Problem {
    problem(401, "unauthenticated", "Not authenticated", "The bearer token is not valid.")
        .header("www-authenticate", r#"Bearer realm="port-out-pin", error="invalid_token""#)
}

/// 401 for every delivery that is not rightly signed.
pub fn not_signed() -> Problem {
    let detail =
        "The delivery is not signed by this source, or its timestamp is more than 5 minutes from now.";
    problem(401, "unauthenticated", "Not authenticated", detail)
        .header("www-authenticate", r#"Webhook-Signature realm="port-out-pin""#)
}

/// 403.
pub fn forbidden() -> Problem {
    problem(403, "forbidden", "Not allowed", "The token does not allow this.")
}

/// 404 for an account.
pub fn no_account() -> Problem {
    let detail = "There is no account with this account number.";
    problem(404, "account_not_found", "No such account", detail)
}

/// 404 for a port-out.
pub fn no_port_out() -> Problem {
    let detail = "There is no port-out with this id, or it is not yours to see.";
    problem(404, "port_out_not_found", "No such port-out", detail)
}

/// 404 for a webhook source.
pub fn no_source() -> Problem {
    let detail = "There is no webhook source with this id.";
    problem(404, "webhook_source_not_found", "No such webhook source", detail)
}

/// 404 for a path that is none.
pub fn no_route() -> Problem {
    problem(404, "route_not_found", "No such route", "There is no such route.")
}

/// 405 with the methods that the path takes.
pub fn no_method(allow: &str) -> Problem {
    let detail = "This path does not take that method; the Allow header lists those that it takes.";
    problem(405, "method_not_allowed", "Method not allowed", detail).header("allow", allow)
}

/// 405 for the removal of a PIN.
pub fn no_removal() -> Problem {
    let detail = "Once set, a port-out PIN can be changed, not removed or blanked.";
    problem(405, "pin_cannot_be_removed", "A PIN cannot be removed", detail).header("allow", "GET, PUT")
}

/// 409 for an account outside the US.
pub fn not_us() -> Problem {
    let detail = "The account is not in the US: its numbers leave by another process, without a PIN.";
    problem(409, "account_not_us", "Account not in the US", detail)
}

/// 409 with the places in the list of those numbers that are another account's.
pub fn elsewhere(places: &[usize]) -> Problem {
    let code = "number_assigned_elsewhere";
    let detail = "At least one number is another account's; none was assigned.";
    let errors: Vec<_> =
        places.iter().map(|place| error(&format!("/telephone_numbers/{place}"), code)).collect();
    problem(409, code, "Number assigned to another account", detail).errors(&errors)
}

/// 409 for a number that a port-out holds.
pub fn held() -> Problem {
    let detail = "A confirmed port-out holds the number, so it stays with the account.";
    problem(409, "pending_port", "Number held by a port-out", detail)
}

/// 409 for a PON in use; `next` is the version to use, or none when only a new PON is left.
pub fn conflict(next: Option<&str>) -> Problem {
    let advice = match next {
        Some(next) => format!("a correction is a new version: use version {next}."),
        None => "this PON has no version left: use a new PON.".to_owned(),
    };
    let detail =
        format!("This PON was already used with this or a later version and other content; {advice}");
    problem(409, "pon_conflict", "PON and version already used", &detail)
}

/// 409 for another kind of webhook source.
pub fn kind_fixed() -> Problem {
    let detail = "A source keeps the kind that it was registered with; register another source.";
    problem(409, "webhook_source_kind_fixed", "A source keeps its kind", detail)
}

/// 412.
pub fn changed() -> Problem {
    let detail = "The PIN was changed since; read its status again for the ETag that it has now.";
    problem(412, "version_mismatch", "Changed in the meantime", detail)
}

/// 413.
pub fn too_large() -> Problem {
    problem(413, "body_too_large", "Body too large", "The body is larger than 64 KiB.")
}

/// 415.
pub fn not_json_type() -> Problem {
    let detail = "The body must be JSON, sent with Content-Type: application/json.";
    problem(415, "unsupported_media_type", "Unsupported media type", detail)
}

/// 422.
pub fn invalid(errors: &[Value]) -> Problem {
    let detail = "At least one value breaks a rule; nothing was stored.";
    problem(422, "invalid_request", "A value breaks a rule", detail).errors(errors)
}

/// 429 with the seconds to wait.
pub fn wait(seconds: u64) -> Problem {
    let detail = "Too many wrong PINs for this account. Nothing was evaluated or recorded; wait, then send the \
                  request again.";
    problem(429, "too_many_pin_attempts", "Too many wrong PINs", detail)
        .header("retry-after", &seconds.to_string())
}

/// 500.
pub fn internal_error() -> Problem {
    let detail = "The service could not do this. Sending the same request again is safe.";
    problem(500, "internal_error", "Internal error", detail).request_id()
}

/// 503.
pub fn unavailable() -> Problem {
    let detail = "The service could not do this in time. Nothing was lost; send the same request again.";
    problem(503, "temporarily_unavailable", "Temporarily unavailable", detail)
        .header("retry-after", "2")
        .request_id()
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
