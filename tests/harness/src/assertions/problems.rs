//! Every problem document of the API as it is sent, word for word.

use serde_json::{Value, json};

/// Placeholder for the request id in the document.
pub(crate) const REQUEST_ID: &str = "ID";

/// A problem document: its status, its whole body and the headers that only some have.
#[derive(Clone, Debug)]
pub struct Problem {
    pub status: u16,
    pub body: Value,
    /// Headers beside those of every answer.
    pub headers: Vec<(&'static str, String)>,
}

const FORM: &str = "The request does not have the form that this route requires.";

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

pub fn not_json() -> Problem {
    problem(400, "malformed_request", "Malformed request", "The body must be a JSON object in UTF-8.")
}

pub fn not_utf8() -> Problem {
    problem(400, "malformed_request", "Malformed request", "The body must be encoded in UTF-8.")
}

pub fn malformed(errors: &[Value]) -> Problem {
    problem(400, "malformed_request", "Malformed request", FORM).errors(errors)
}

pub fn no_token() -> Problem {
    problem(401, "unauthenticated", "Authentication required", "This route requires a bearer token.")
        .header("www-authenticate", r#"Bearer realm="port-out-pin""#)
}

pub fn bad_token() -> Problem {
    problem(401, "unauthenticated", "Authentication required", "The bearer token is invalid.")
        .header("www-authenticate", r#"Bearer realm="port-out-pin", error="invalid_token""#)
}

/// 401 for every delivery that is not rightly signed.
pub fn not_signed() -> Problem {
    let detail = "The delivery is not signed by this source, or its timestamp is more than 5 minutes from the current time.";
    problem(401, "unauthenticated", "Authentication required", detail)
        .header("www-authenticate", r#"Webhook-Signature realm="port-out-pin""#)
}

pub fn forbidden() -> Problem {
    problem(403, "forbidden", "Access denied", "The token does not allow this operation.")
}

pub fn no_account() -> Problem {
    let detail = "No account has this account number.";
    problem(404, "account_not_found", "Account not found", detail)
}

pub fn no_port_out() -> Problem {
    let detail = "No port-out has this id, or you do not have access to it.";
    problem(404, "port_out_not_found", "Port-out not found", detail)
}

pub fn no_source() -> Problem {
    let detail = "No webhook source has this id.";
    problem(404, "webhook_source_not_found", "Webhook source not found", detail)
}

pub fn no_route() -> Problem {
    problem(404, "route_not_found", "Route not found", "No route matches this path.")
}

pub fn no_method(allow: &str) -> Problem {
    let detail = "This path does not support the method. The Allow header lists the supported methods.";
    problem(405, "method_not_allowed", "Method not allowed", detail).header("allow", allow)
}

pub fn no_removal() -> Problem {
    let detail = "Once set, a port-out PIN can be changed but not removed or blanked.";
    problem(405, "pin_cannot_be_removed", "PIN cannot be removed", detail).header("allow", "GET, PUT")
}

pub fn not_us() -> Problem {
    let detail =
        "The account is not in the US. Its numbers are ported through a separate process, without a PIN.";
    problem(409, "account_not_us", "Account not in the US", detail)
}

/// 409 with the places in the list of those numbers that are another account's.
pub fn elsewhere(places: &[usize]) -> Problem {
    let code = "number_assigned_elsewhere";
    let detail = "At least one number is assigned to another account. No number was assigned.";
    let errors: Vec<_> =
        places.iter().map(|place| error(&format!("/telephone_numbers/{place}"), code)).collect();
    problem(409, code, "Number assigned to another account", detail).errors(&errors)
}

pub fn held() -> Problem {
    let detail = "The number cannot be removed from the account now. Ask the porting desk.";
    problem(409, "number_held", "Number held by a port-out", detail)
}

/// 409 for a version of an account that is not that of the open version.
pub fn other_account(next: &str) -> Problem {
    let detail = format!(
        "The confirmed version of this PON is on another account. Cancel it there first, or use a new PON. To cancel it, use version {next}."
    );
    problem(409, "pon_conflict", "Request does not fit its PON", &detail)
}

/// 409 for a supplement that came another way than its PON.
pub fn other_channel() -> Problem {
    let detail = "A supplement must come the way its PON came: through the same webhook source, with a token of that \
                  carrier, or from the porting desk.";
    problem(409, "pon_conflict", "Request does not fit its PON", detail)
}

/// 409 for a supplement of a PON that has no open version.
pub fn nothing_open() -> Problem {
    let detail =
        "No confirmed version of this PON holds any number, so there is nothing to change or cancel.";
    problem(409, "port_out_not_open", "Port-out holds nothing", detail)
}

/// 409 for an end of a port-out that holds nothing.
pub fn not_open() -> Problem {
    let detail = "The port-out holds no number any more, so there is nothing to cancel or release.";
    problem(409, "port_out_not_open", "Port-out holds nothing", detail)
}

/// 409 for a delivery id that was used for another request.
pub fn delivery_used() -> Problem {
    let detail =
        "This webhook-id was already used for another request. Send each request with an id of its own.";
    problem(409, "idempotency_conflict", "Delivery id already used", detail)
}

/// 409 for a PON in use; `next` is the version to use, or none when only a new PON is left.
pub fn conflict(next: Option<&str>) -> Problem {
    let advice = match next {
        Some(next) => format!("To send a correction, use version {next}."),
        None => "To send a correction, use a new PON, because this one has no versions left.".to_owned(),
    };
    let detail =
        format!("This PON was already used with this or a later version and different content. {advice}");
    problem(409, "pon_conflict", "Request does not fit its PON", &detail)
}

pub fn kind_fixed() -> Problem {
    let detail = "The kind of a registered source cannot be changed. Register another source instead.";
    problem(409, "webhook_source_kind_fixed", "Source kind cannot be changed", detail)
}

pub fn account_changed() -> Problem {
    changed_meanwhile("account")
}

pub fn source_changed() -> Problem {
    changed_meanwhile("source")
}

fn changed_meanwhile(what: &str) -> Problem {
    let detail = format!(
        "The {what} was changed in the meantime, or already exists. Read it again to get the current ETag."
    );
    problem(412, "version_mismatch", "Precondition failed", &detail)
}

/// 412 for a rotation of a version that is neither in use nor was replaced in the last 24 hours.
pub fn outdated_rotation() -> Problem {
    let detail = "replaces must be the secret_version in use, or the one that it replaced in the last 24 hours. Read the source again to get its secret_version.";
    problem(412, "version_mismatch", "Precondition failed", detail)
}

pub fn changed() -> Problem {
    let detail = "The PIN was changed in the meantime. Read its status again to get the current ETag.";
    problem(412, "version_mismatch", "Precondition failed", detail)
}

pub fn too_large() -> Problem {
    problem(413, "body_too_large", "Body too large", "The body must not be larger than 64 KiB.")
}

pub fn not_json_type() -> Problem {
    let detail = "The body must be JSON, with Content-Type: application/json.";
    problem(415, "unsupported_media_type", "Unsupported media type", detail)
}

pub fn compressed() -> Problem {
    problem(415, "unsupported_media_type", "Unsupported media type", "The body must not be compressed.")
        .header("accept-encoding", "identity")
}

pub fn invalid(errors: &[Value]) -> Problem {
    let detail = "At least one value is invalid. Nothing was stored.";
    problem(422, "invalid_request", "Validation failed", detail).errors(errors)
}

pub fn wait(seconds: u64) -> Problem {
    let detail =
        "Too many attempts for this account. Nothing was evaluated. Wait, then send the request again.";
    problem(429, "too_many_pin_attempts", "Too many attempts", detail)
        .header("retry-after", &seconds.to_string())
}

pub fn internal_error() -> Problem {
    let detail = "The service could not complete the request. It is safe to send the same request again.";
    problem(500, "internal_error", "Internal error", detail).request_id()
}

pub fn unavailable() -> Problem {
    let detail =
        "The service could not complete the request in time. Nothing was lost. Send the same request again.";
    problem(503, "temporarily_unavailable", "Temporarily unavailable", detail)
        .header("retry-after", "2")
        .request_id()
}

/// Returns an entry of `errors` whose code always has the same sentence.
pub fn error(field: &str, code: &str) -> Value {
    error_because(field, code, sentence(code))
}

/// Returns an entry of `errors` whose code has several sentences.
pub fn error_because(field: &str, code: &str, detail: &str) -> Value {
    json!({"field": field, "code": code, "detail": detail})
}

fn sentence(code: &str) -> &'static str {
    match code {
        "required" => "This field is required.",
        "wrong_type" => "This field must be a JSON string.",
        "duplicate_field" => "This field appears more than once.",
        "account_number_invalid" => {
            "The account number must be 1 to 25 ASCII letters or digits. Spaces, dashes, and punctuation are ignored."
        }
        "country_invalid" => "The country must be an ISO 3166-1 alpha-2 code, such as US.",
        "name_invalid" => {
            "The name must be 1 to 100 characters, must not be blank, and must not contain control characters."
        }
        "zip_code_invalid" => "The ZIP code must be five digits, or ZIP+4 such as 98052-1234.",
        "pon_invalid" => {
            "The PON must be 1 to 25 characters. Only the letters A-Z and a-z, digits, and _ # - are allowed."
        }
        "tn_duplicate" => "This telephone number appears more than once.",
        "too_many_tns" => "A request can have at most 90 telephone numbers.",
        "number_assigned_elsewhere" => "This number is assigned to another account.",
        "limit_invalid" => "The limit must be a whole number from 1 to 1000.",
        "cursor_invalid" => "The cursor must be the next_cursor of the previous page, unchanged.",
        "pin_blank" => {
            "A PIN of 6 to 10 digits is required. It cannot be blank, and once set, it can be changed but not removed."
        }
        "pin_too_short" => "The PIN must have at least 6 digits.",
        "pin_too_long" => "The PIN must have at most 10 digits.",
        "pin_not_digits" => {
            "The PIN must contain only the digits 0 to 9, without letters, spaces, or other characters."
        }
        _ => panic!("no one sentence goes with {code}"),
    }
}
