//! The exchange of a code for tokens (RFC 6749, section 4.1.3; RFC 7636, section 4.5).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use form_urlencoded::{Serializer, byte_serialize};
use runtime::config::ProviderSettings;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::http_client::Call;
use crate::oidc::attempt::{Attempt, text};
use crate::oidc::metadata::Metadata;
use crate::session::AccessToken;

/// Tokens of a sign-in. A refresh token is not read: it would outlive the session.
pub struct Tokens {
    /// What the API takes.
    pub access: AccessToken,
    /// What says that the administrator signed in here.
    pub id: Zeroizing<String>,
    /// Seconds for which the access token is valid, if the provider says so.
    pub expires_in: Option<i64>,
}

#[derive(Deserialize)]
struct TokenResponse {
    access_token: String,
    id_token: String,
    token_type: String,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
}

impl Tokens {
    /// Reads the provider's answer.
    pub fn read(json: &[u8]) -> Option<Self> {
        let TokenResponse { access_token, id_token, token_type, expires_in } =
            serde_json::from_slice(json).ok()?;
        let (access, id) = (AccessToken::new(access_token), Zeroizing::new(id_token));
        // Some providers write the number as text.
        let seconds = |value: serde_json::Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
        let expires_in = expires_in.and_then(seconds);
        access.filter(|_| token_type.eq_ignore_ascii_case("bearer")).map(|access| Self {
            access,
            id,
            expires_in,
        })
    }
}

/// Returns the request for tokens. The client's secret is in its header, unless the provider reads it in the body only.
pub fn request<'a>(
    metadata: &'a Metadata,
    provider: &ProviderSettings,
    redirect_uri: &str,
    code: &str,
    attempt: &Attempt,
) -> Call<'a> {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("code_verifier", &text(&attempt.verifier));
    let in_body = metadata.wants_secret_in_body();
    let in_header = provider.client_secret.as_ref().filter(|_| !in_body);
    if in_header.is_none() {
        form.append_pair("client_id", &provider.client_id);
    }
    if let Some(secret) = provider.client_secret.as_ref().filter(|_| in_body) {
        form.append_pair("client_secret", secret);
    }
    let plain = |text: &str| Zeroizing::new(text.to_owned());
    let mut headers = vec![
        ("accept", plain("application/json")),
        ("content-type", plain("application/x-www-form-urlencoded")),
    ];
    headers.extend(in_header.map(|secret| ("authorization", basic(&provider.client_id, secret))));
    let body = Zeroizing::new(form.finish().into_bytes());
    Call { method: "POST", url: &metadata.token_endpoint, headers, body }
}

/// Encodes both parts before they are joined (RFC 6749, section 2.3.1).
fn basic(client_id: &str, secret: &str) -> Zeroizing<String> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let both = Zeroizing::new(format!("{}:{}", encoded(client_id), encoded(secret)));
    Zeroizing::new(format!("Basic {}", BASE64.encode(both.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::attempt::example;
    use serde_json::{Value, json};

    fn sent(secret: Option<&str>, methods: Value) -> (String, Option<String>) {
        let issuer = "https://login.example.com";
        let metadata = json!({
            "issuer": issuer, "authorization_endpoint": "https://a.example", "jwks_uri": "https://a.example",
            "token_endpoint": "https://a.example/token", "token_endpoint_auth_methods_supported": methods,
        });
        let metadata = Metadata::read(metadata.to_string().as_bytes(), issuer).unwrap();
        let provider = ProviderSettings {
            issuer: issuer.to_owned(),
            client_id: "con sole".to_owned(),
            client_secret: secret.map(|secret| Zeroizing::new(secret.to_owned())),
            scopes: "openid".to_owned(),
            audience: None,
        };
        let call = request(&metadata, &provider, "https://c.example/cb", "a/b", &example());
        let header = call.headers.iter().find(|(name, _)| *name == "authorization");
        (String::from_utf8(call.body.to_vec()).unwrap(), header.map(|(_, value)| value.to_string()))
    }

    const FORM: &str = "grant_type=authorization_code&code=a%2Fb&redirect_uri=https%3A%2F%2Fc.example%2Fcb\
                        &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn a_public_client_names_itself_and_proves_the_code_with_its_verifier() {
        assert_eq!(sent(None, Value::Null), (format!("{FORM}&client_id=con+sole"), None));
    }

    #[test]
    fn a_secret_is_sent_in_one_place() {
        let header = format!("Basic {}", BASE64.encode("con+sole:s%3Ac"));
        assert_eq!(sent(Some("s:c"), Value::Null), (FORM.to_owned(), Some(header)));
        let in_body = format!("{FORM}&client_id=con+sole&client_secret=s%3Ac");
        assert_eq!(sent(Some("s:c"), json!(["client_secret_post"])), (in_body, None));
    }

    #[test]
    fn tokens_are_bearer_tokens_that_a_header_can_hold() {
        let good = json!({"access_token": "a.b", "id_token": "i", "token_type": "bearer", "expires_in": 300});
        let read = |json: &Value| Tokens::read(json.to_string().as_bytes());
        let tokens = read(&good).unwrap();
        assert_eq!((tokens.access.expose(), tokens.id.as_str(), tokens.expires_in), ("a.b", "i", Some(300)));
        for (name, value, read_as) in [
            ("expires_in", json!("300"), Some(Some(300))),
            ("expires_in", Value::Null, Some(None)),
            ("token_type", json!("DPoP"), None),
            ("access_token", json!("a\nb"), None),
            ("id_token", Value::Null, None),
        ] {
            let mut changed = good.clone();
            changed[name] = value;
            assert_eq!(read(&changed).map(|tokens| tokens.expires_in), read_as, "{changed}");
        }
    }
}
