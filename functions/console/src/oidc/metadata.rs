//! What an identity provider says about itself (OpenID Connect Discovery 1.0), checked before any of it is used.

use runtime::config::WebUrl;
use serde::Deserialize;

/// Endpoints and abilities of the provider.
#[derive(Debug, Clone, Deserialize)]
pub struct Metadata {
    issuer: String,
    /// Where administrators sign in.
    pub authorization_endpoint: String,
    /// Where a code becomes tokens.
    pub token_endpoint: String,
    /// Where the keys are that sign ID tokens.
    pub jwks_uri: String,
    /// Where administrators sign out.
    #[serde(default)]
    pub end_session_endpoint: Option<String>,
    /// Whether its answers name the issuer (RFC 9207), so that one without it is not its answer.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    /// How clients authenticate; `client_secret_basic` if it does not say.
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// Returns where the provider describes itself.
pub fn address(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

impl Metadata {
    /// Reads the description of this issuer; `None` if it is that of another one, or names an endpoint without TLS.
    pub fn read(json: &[u8], issuer: &str) -> Option<Self> {
        let metadata: Self = serde_json::from_slice(json).ok()?;
        let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        let all_secure = endpoints.into_iter().all(|endpoint| is_endpoint(endpoint));
        let end_secure = metadata.end_session_endpoint.as_deref().is_none_or(is_endpoint);
        (metadata.issuer == issuer && all_secure && end_secure).then_some(metadata)
    }

    /// Returns whether a client's secret belongs into the body, since the provider does not read it from the header.
    pub fn wants_secret_in_body(&self) -> bool {
        let methods = self.token_endpoint_auth_methods_supported.as_deref().unwrap_or_default();
        let has = |name: &str| methods.iter().any(|method| method == name);
        has("client_secret_post") && !has("client_secret_basic")
    }
}

/// Returns whether a text is the address of an endpoint, which may have a query (RFC 6749, section 3.1).
fn is_endpoint(text: &str) -> bool {
    WebUrl::parse(text.split('?').next().unwrap_or_default()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const ISSUER: &str = "https://login.example.com/t";

    fn description() -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://login.example.com/authorize?policy=p",
            "token_endpoint": "https://login.example.com/token",
            "jwks_uri": "https://login.example.com/keys",
            "end_session_endpoint": "https://login.example.com/end",
            "scopes_supported": ["openid"],
        })
    }

    fn read(json: &Value) -> Option<Metadata> {
        Metadata::read(json.to_string().as_bytes(), ISSUER)
    }

    #[test]
    fn the_description_has_its_place_below_the_issuer() {
        let place = "https://login.example.com/t/.well-known/openid-configuration";
        assert_eq!(address(ISSUER), place);
        assert_eq!(address("https://login.example.com/t/"), place);
    }

    #[test]
    fn only_the_issuer_itself_describes_itself_and_only_with_tls() {
        assert!(read(&description()).is_some());
        for (name, value) in [
            ("issuer", json!("https://login.example.com/t/")),
            ("issuer", json!("https://evil.example")),
            ("issuer", Value::Null),
            ("token_endpoint", json!("http://login.example.com/token")),
            ("authorization_endpoint", json!("javascript:alert(1)")),
            ("jwks_uri", Value::Null),
            ("end_session_endpoint", json!("http://evil.example")),
        ] {
            let mut changed = description();
            changed[name] = value;
            assert!(read(&changed).is_none(), "{changed}");
        }
        assert!(Metadata::read(b"<html>", ISSUER).is_none());
    }

    #[test]
    fn a_secret_is_sent_in_the_header_unless_only_the_body_is_read() {
        for (methods, in_body) in [
            (Value::Null, false),
            (json!(["client_secret_basic", "client_secret_post"]), false),
            (json!(["client_secret_post"]), true),
            (json!(["private_key_jwt"]), false),
        ] {
            let mut changed = description();
            changed["token_endpoint_auth_methods_supported"] = methods;
            assert_eq!(read(&changed).unwrap().wants_secret_in_body(), in_body, "{changed}");
        }
    }
}
