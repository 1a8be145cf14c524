//! The event that API Gateway's HTTP API (payload format 2.0) sends, read no further than needed.
//!
//! `lambda_http`'s own conversion builds a URL out of the `Host` header, panics on one that is not a host, and accepts
//! only texts as claims. Both come from outside, so the event is read here.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An HTTP request as the gateway sends it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpEvent {
    /// Still percent-encoded.
    #[serde(default, deserialize_with = "null_as_default")]
    pub raw_path: String,
    /// Still percent-encoded, without the question mark.
    #[serde(default, deserialize_with = "null_as_default")]
    pub raw_query_string: String,
    /// Names in any case; values of one name joined by commas.
    #[serde(default, deserialize_with = "null_as_default")]
    pub headers: HashMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    is_base64_encoded: bool,
    /// What the gateway adds to the request.
    pub request_context: RequestContext,
}

/// What the gateway adds to the request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext {
    /// Describes the request.
    pub http: HttpDescription,
    /// The stage, which the path starts with unless it is `$default`.
    #[serde(default)]
    pub stage: Option<String>,
    /// The gateway's id of the request.
    #[serde(default)]
    pub request_id: Option<String>,
    #[serde(default)]
    authorizer: Option<Authorizer>,
}

/// The request as HTTP describes it.
#[derive(Deserialize)]
pub struct HttpDescription {
    /// The method as sent.
    pub method: String,
}

#[derive(Deserialize)]
struct Authorizer {
    #[serde(default)]
    jwt: Option<JwtAuthorizer>,
}

#[derive(Deserialize)]
struct JwtAuthorizer {
    claims: HashMap<String, Value>,
}

/// Emulators of the gateway write `null` where it leaves a field out.
fn null_as_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

impl HttpEvent {
    /// Returns the path without the stage.
    pub fn path(&self) -> &str {
        let stage = self.request_context.stage.as_deref().filter(|stage| !stage.starts_with('$'));
        let without = stage.and_then(|stage| self.raw_path.strip_prefix('/')?.strip_prefix(stage));
        without.filter(|rest| rest.starts_with('/')).unwrap_or(&self.raw_path)
    }

    /// Returns a header's value; the case of its name does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        let exact = self.headers.get(name);
        let found = exact.or_else(|| {
            self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| v)
        });
        found.map(String::as_str)
    }

    /// Returns the raw bytes of the body; `None` if the gateway's base64 does not decode.
    pub fn body(&self) -> Option<Vec<u8>> {
        match (&self.body, self.is_base64_encoded) {
            (None, _) => Some(Vec::new()),
            (Some(text), false) => Some(text.clone().into_bytes()),
            (Some(text), true) => BASE64.decode(text).ok(),
        }
    }

    /// Returns the claims that the gateway's JWT authorizer verified, if there is one.
    pub fn verified_claims(&self) -> Option<&HashMap<String, Value>> {
        Some(&self.request_context.authorizer.as_ref()?.jwt.as_ref()?.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(json: &str) -> HttpEvent {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_named_stage_is_not_part_of_the_path() {
        let path = |stage: &str, path: &str| {
            let json = format!(
                r#"{{"rawPath":"{path}","requestContext":{{"stage":"{stage}","http":{{"method":"GET"}}}}}}"#
            );
            event(&json).path().to_owned()
        };
        assert_eq!(path("$default", "/v1/port-outs"), "/v1/port-outs");
        assert_eq!(path("prod", "/prod/v1/port-outs"), "/v1/port-outs");
        assert_eq!(path("v1", "/v1/port-outs"), "/port-outs");
        assert_eq!(path("prod", "/production"), "/production");
    }

    #[test]
    fn a_body_may_be_absent_text_or_base64() {
        let body = |json: &str| event(json).body();
        let context = r#""requestContext":{"http":{"method":"GET"}}"#;
        assert_eq!(body(&format!("{{{context}}}")), Some(vec![]));
        assert_eq!(body(&format!(r#"{{"body":"é",{context}}}"#)), Some("é".as_bytes().to_vec()));
        assert_eq!(
            body(&format!(r#"{{"body":"/wA=","isBase64Encoded":true,{context}}}"#)),
            Some(vec![255, 0])
        );
        assert_eq!(body(&format!(r#"{{"body":"*","isBase64Encoded":true,{context}}}"#)), None);
    }

    #[test]
    fn null_is_as_good_as_left_out() {
        let event = event(
            r#"{"rawPath":null,"rawQueryString":null,"headers":null,"body":null,"isBase64Encoded":null,
                "requestContext":{"stage":null,"requestId":null,"authorizer":null,"http":{"method":"GET"}}}"#,
        );
        assert_eq!((event.path(), event.raw_query_string.as_str(), event.body()), ("", "", Some(vec![])));
        assert!(event.verified_claims().is_none());
    }

    #[test]
    fn an_event_of_something_else_is_no_http_event() {
        for json in
            ["{}", "[]", "null", r#"{"Records":[]}"#, r#"{"requestContext":{}}"#, r#"{"httpMethod":"GET"}"#]
        {
            assert!(serde_json::from_str::<HttpEvent>(json).is_err(), "{json}");
        }
    }
}
