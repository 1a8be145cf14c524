//! The HTTP API's JWT authorizer: which verified claims it lets in, and how it passes them on.
//!
//! Signatures are not its job here; in AWS it verifies RS256 and other RSA algorithms only.

use serde_json::{Map, Value, json};

use crate::tokens::Claims;

/// What the authorizer of an API is configured with.
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// The one `iss` that is let in, to the letter.
    pub issuer: String,
    /// Audiences, one of which the token must be for.
    pub audiences: Vec<String>,
}

/// How a caller is turned away before any function hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnedAway {
    /// 401 `{"message":"Unauthorized"}`.
    Unauthorized,
    /// 403 `{"message":"Forbidden"}`.
    Forbidden,
}

impl Authorizer {
    /// Judges claims on a route with these `AuthorizationScopes`; returns the event with the claims in it.
    ///
    /// # Errors
    /// The claims are for someone else, or have none of the scopes.
    pub fn authorize(&self, event: Value, claims: &Claims, scopes: &[String]) -> Result<Value, TurnedAway> {
        let claim = |name: &str| claims.entries().find(|(known, _)| *known == name).map(|(_, value)| value);
        if claim("iss") != Some(&json!(self.issuer)) || !self.is_for_us(claim("aud").or(claim("client_id"))) {
            return Err(TurnedAway::Unauthorized);
        }
        // `scp` before `scope` (floci-io/floci pull request 2353).
        let has = words(claim("scp").or(claim("scope")));
        if !scopes.is_empty() && !scopes.iter().any(|scope| has.contains(scope)) {
            return Err(TurnedAway::Forbidden);
        }
        Ok(authorized(event, claims))
    }

    /// "API Gateway validates `client_id` only if `aud` is not present" (API Gateway Developer Guide, "Troubleshooting
    /// issues with HTTP API JWT authorizers").
    fn is_for_us(&self, audience: Option<&Value>) -> bool {
        match audience {
            Some(Value::Array(several)) => several.iter().any(|one| self.is_for_us(Some(one))),
            Some(Value::String(one)) => self.audiences.contains(one),
            _ => false,
        }
    }
}

fn words(claim: Option<&Value>) -> Vec<String> {
    let split = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    match claim {
        Some(Value::String(text)) => split(text),
        Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).flat_map(split).collect(),
        _ => Vec::new(),
    }
}

/// Returns the event with these claims as verified: every claim is text there, and one that is `null` is left out
/// (measured in floci-io/floci pull request 2011). `scopes` is `null` on a route that asks for none
/// (DefinitelyTyped/DefinitelyTyped pull request 75458).
#[must_use]
pub fn authorized(mut event: Value, claims: &Claims) -> Value {
    let present = claims.entries().filter(|(_, value)| !value.is_null());
    let claims: Map<_, _> = present.map(|(name, value)| (name.clone(), flat(value).into())).collect();
    event["requestContext"]["authorizer"] = json!({"jwt": {"claims": claims, "scopes": null}});
    event
}

/// Lists become `[a b]`, numbers and booleans their text, objects their JSON.
fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => format!("[{}]", values.iter().map(flat).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}
