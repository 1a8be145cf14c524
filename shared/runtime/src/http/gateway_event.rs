//! The event that API Gateway's HTTP API (payload format 2.0) sends, read no further than needed.
//!
//! `lambda_http`'s own conversion builds a URL out of the `Host` header, panics on one that is not a host, and accepts
//! only texts as claims. Both come from outside, so the event is read here.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// An HTTP request as the gateway sends it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpEvent {
    /// Decoded by HTTP APIs, against its name; still percent-encoded by function URLs and local emulators.
    #[serde(default, deserialize_with = "null_as_default")]
    pub raw_path: String,
    /// Still percent-encoded, without the question mark.
    #[serde(default, deserialize_with = "null_as_default")]
    pub raw_query_string: String,
    /// Names in any case; values of one name joined by commas.
    #[serde(default, deserialize_with = "null_as_default")]
    headers: HashMap<String, Option<String>>,
    /// The gateway takes cookies out of the headers; local emulators leave them there.
    #[serde(default, deserialize_with = "null_as_default")]
    cookies: Vec<String>,
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
    /// The stage, which the path may start with unless it is `$default`.
    #[serde(default)]
    pub stage: Option<String>,
    /// The gateway's id of the request.
    #[serde(default)]
    pub request_id: Option<String>,
    /// Read only for the claims in it, so anything else there is no reason to refuse the request.
    #[serde(default)]
    authorizer: Value,
}

/// The request as HTTP describes it.
#[derive(Deserialize)]
pub struct HttpDescription {
    /// The method as sent.
    pub method: String,
    /// The address that the gateway was called from.
    #[serde(default, rename = "sourceIp")]
    pub source_ip: Option<String>,
}

/// Emulators of the gateway write `null` where it leaves a field out.
fn null_as_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

impl HttpEvent {
    /// Returns the path without the stage, if it begins with a named one. Whether it does depends on the domain.
    pub fn path_after_stage(&self) -> Option<&str> {
        let stage = self.request_context.stage.as_deref().filter(|stage| !stage.starts_with('$'))?;
        let rest = self.raw_path.strip_prefix('/')?.strip_prefix(stage)?;
        rest.starts_with('/').then_some(rest)
    }

    /// Returns a header's value; the case of its name does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        let exact = self.headers.get(name).and_then(Option::as_deref);
        exact.or_else(|| {
            let mut named = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
            named.find_map(|(_, value)| value.as_deref())
        })
    }

    /// Returns the first cookie with this name.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let in_header = self.header("cookie").into_iter().flat_map(|all| all.split(';'));
        let all = self.cookies.iter().flat_map(|all| all.split(';')).chain(in_header);
        all.filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(known, _)| *known == name)
            .map(|(_, it)| it)
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
    pub fn verified_claims(&self) -> Option<&Map<String, Value>> {
        self.request_context.authorizer.pointer("/jwt/claims")?.as_object()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(json: &str) -> HttpEvent {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_named_stage_may_stand_before_the_path() {
        let path = |stage: &str, path: &str| {
            let json = format!(
                r#"{{"rawPath":"{path}","requestContext":{{"stage":"{stage}","http":{{"method":"GET"}}}}}}"#
            );
            event(&json).path_after_stage().map(str::to_owned)
        };
        assert_eq!(path("prod", "/prod/v1/port-outs").as_deref(), Some("/v1/port-outs"));
        for (stage, raw_path) in
            [("$default", "/v1/port-outs"), ("prod", "/production"), ("prod", "/v1/port-outs"), ("prod", "")]
        {
            assert_eq!(path(stage, raw_path), None, "{stage} {raw_path}");
        }
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
    fn a_cookie_is_found_where_the_gateway_puts_it_and_in_the_header() {
        let context = r#""requestContext":{"http":{"method":"GET"}}"#;
        for cookies in [
            r#""cookies":["a=1","b=2=3"]"#,
            r#""cookies":["a=1; b=2=3"]"#,
            r#""headers":{"Cookie":"a=1; b=2=3; b=4"}"#,
            r#""cookies":null,"headers":{"cookie":"x;a=1;b=2=3"}"#,
        ] {
            let event = event(&format!("{{{cookies},{context}}}"));
            assert_eq!((event.cookie("a"), event.cookie("b")), (Some("1"), Some("2=3")), "{cookies}");
            assert_eq!((event.cookie("A"), event.cookie("")), (None, None), "{cookies}");
        }
    }

    #[test]
    fn null_is_as_good_as_left_out() {
        let event = event(
            r#"{"rawPath":null,"rawQueryString":null,"headers":{"a":null,"b":"c","d":null,"D":"e"},"body":null,"isBase64Encoded":null,
                "requestContext":{"stage":null,"requestId":null,"authorizer":null,"http":{"method":"GET"}}}"#,
        );
        assert_eq!(
            (event.raw_path.as_str(), event.raw_query_string.as_str(), event.body()),
            ("", "", Some(vec![]))
        );
        assert_eq!((event.header("a"), event.header("B"), event.header("d")), (None, Some("c"), Some("e")));
        assert!(event.verified_claims().is_none());
    }

    #[test]
    fn claims_are_read_from_a_jwt_authorizer_only() {
        let claims = |authorizer: &str| {
            let json =
                format!(r#"{{"requestContext":{{"http":{{"method":"GET"}},"authorizer":{authorizer}}}}}"#);
            event(&json).verified_claims().map(Map::len)
        };
        for none in [
            "null",
            "{}",
            "7",
            r#"{"jwt":null}"#,
            r#"{"jwt":{}}"#,
            r#"{"jwt":{"claims":null,"scopes":null}}"#,
            r#"{"jwt":{"claims":"x"}}"#,
            r#"{"claims":{"sub":"u"}}"#,
            r#"{"lambda":{"sub":"u"}}"#,
        ] {
            assert_eq!(claims(none), None, "{none}");
        }
        assert_eq!(claims(r#"{"jwt":{"claims":{},"scopes":null}}"#), Some(0));
        assert_eq!(claims(r#"{"jwt":{"claims":{"sub":"u","exp":null}}}"#), Some(2));
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
