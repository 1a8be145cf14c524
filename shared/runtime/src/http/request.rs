//! A request that was routed and authenticated: its route, its parsed query, its headers and body, and its caller.

use std::str::FromStr;

use zeroize::Zeroizing;

use crate::http::field::Field;
use crate::http::field_error::{FieldError, FieldRule, echoable};
use crate::http::gateway_event::HttpEvent;
use crate::http::identity::{Caller, Identity};
use crate::http::json_body::JsonBody;
use crate::http::problem::{Code, Problem};
use crate::http::response::etag;
use crate::http::routes::Matched;

/// The most bytes of a body.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// A request, as a handler gets it.
pub struct Request {
    pub(super) caller: Caller,
    pub(super) route: Matched,
    pub(super) query: Vec<(String, String)>,
    pub(super) event: HttpEvent,
}

impl Request {
    /// Returns the identity that the bearer token proves.
    ///
    /// # Errors
    /// 401 on a route that takes no token.
    pub fn identity(&self) -> Result<&Identity, Problem> {
        match &self.caller {
            Caller::Token(identity) => Ok(identity),
            Caller::Webhook | Caller::Browser => Err(Problem::bearer_required()),
        }
    }

    /// Returns a parameter of the path, decoded.
    pub fn parameter(&self, name: &str) -> &str {
        self.route.parameter(name)
    }

    /// Parses a parameter of the path.
    pub fn parameter_field<T>(&self, name: &'static str) -> Field<T>
    where
        T: FromStr,
        T::Err: FieldRule,
    {
        Field::parse(name, self.parameter(name))
    }

    /// Returns a parameter of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the address that the gateway was called from, if it says so.
    pub fn source_address(&self) -> Option<&str> {
        self.event.request_context.http.source_ip.as_deref()
    }

    /// Returns the query of a route that ignores what it does not know, still percent-encoded.
    pub fn raw_query(&self) -> &str {
        &self.event.raw_query_string
    }

    /// Returns a cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.event.cookie(name)
    }

    /// Returns a header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.event.header(name)
    }

    /// Checks `If-Match` and `If-None-Match` (RFC 9110, section 13.1) against the version that is there, which is 0 as
    /// long as there is nothing.
    ///
    /// # Errors
    /// 412 with this detail if one is present and does not hold.
    pub fn check_preconditions(&self, version: u64, detail: &'static str) -> Result<(), Problem> {
        let holds = self.header("if-match").is_none_or(|tags| matches(tags, version))
            && self.header("if-none-match").is_none_or(|tags| !matches(&tags.replace("W/", ""), version));
        if holds { Ok(()) } else { Err(Problem::new(Code::VersionMismatch, detail)) }
    }

    /// Returns the raw bytes of the body; `None` if the gateway's base64 does not decode.
    pub fn body(&self) -> Option<Vec<u8>> {
        self.event.body()
    }

    /// Returns the raw bytes of the body.
    ///
    /// # Errors
    /// 400 if the gateway's base64 does not decode, 413 over [`MAX_BODY_BYTES`].
    pub fn limited_body(&self) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let body = self.body().map(Zeroizing::new).ok_or_else(Problem::not_json)?;
        if body.len() > MAX_BODY_BYTES {
            return Err(Problem::new(Code::BodyTooLarge, "The body must not be larger than 64 KiB."));
        }
        Ok(body)
    }

    /// Reads the body as a JSON object.
    ///
    /// # Errors
    /// Those of [`limited_body`](Self::limited_body); 415 if it was not sent as JSON, 400 if it is not a JSON object.
    pub fn json(&self) -> Result<JsonBody, Problem> {
        JsonBody::read(self.header("content-type"), &self.limited_body()?)
    }
}

/// Compares strong tags; a weak one never matches. `*` matches anything that is there.
fn matches(tags: &str, version: u64) -> bool {
    let current = etag(version);
    tags.split(',').map(str::trim).any(|tag| (tag == "*" && version > 0) || tag == current)
}

/// Reads the query: each parameter at most once, and none that the route does not know.
pub(super) fn read_query(raw: &str, known: &[&str]) -> Result<Vec<(String, String)>, Problem> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(raw.as_bytes()).into_owned().collect();
    let mut errors = Vec::new();
    for (index, (name, _)) in pairs.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            errors.push(FieldError::unknown_parameter(echoable(name), known));
        } else if pairs.iter().take(index).any(|(earlier, _)| earlier == name) {
            errors.push(FieldError::duplicate(name.as_str(), "This query parameter appears more than once."));
        }
    }
    if errors.is_empty() { Ok(pairs) } else { Err(Problem::malformed(errors)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_takes_a_strong_tag_a_list_or_a_star() {
        for good in ["\"2\"", "*", "\"1\", \"2\"", " \"2\" "] {
            assert!(matches(good, 2), "{good}");
        }
        for bad in ["\"1\"", "W/\"2\"", "2", "", "\"2", "\"22\""] {
            assert!(!matches(bad, 2), "{bad}");
        }
        assert!(!matches("*", 0) && matches("\"0\"", 0));
    }
}
