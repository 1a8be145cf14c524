//! The request that leads an administrator to the identity provider (OpenID Connect Core 1.0, section 3.1.2.1).

use form_urlencoded::Serializer;
use runtime::config::ProviderSettings;

use crate::oidc::attempt::{Attempt, text};

/// Returns the address with which a sign-in begins. What is secret in it is good for this sign-in alone.
pub fn address(endpoint: &str, provider: &ProviderSettings, redirect_uri: &str, attempt: &Attempt) -> String {
    let mut query = Serializer::new(String::new());
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("scope", &provider.scopes)
        .append_pair("state", &text(&attempt.state))
        .append_pair("nonce", &text(&attempt.nonce))
        .append_pair("code_challenge", &attempt.challenge())
        .append_pair("code_challenge_method", "S256");
    if let Some(audience) = &provider.audience {
        query.append_pair("audience", audience);
    }
    let separator = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{separator}{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::attempt::example;

    fn provider(audience: Option<&str>) -> ProviderSettings {
        ProviderSettings {
            issuer: "https://login.example.com".to_owned(),
            client_id: "console".to_owned(),
            client_secret: None,
            scopes: "openid port-out-pin:read".to_owned(),
            audience: audience.map(str::to_owned),
        }
    }

    #[test]
    fn a_sign_in_asks_for_a_code_with_state_nonce_and_challenge() {
        let found = address(
            "https://a.example/go",
            &provider(None),
            "https://c.example/console/callback",
            &example(),
        );
        let expected = "https://a.example/go?response_type=code&client_id=console\
                        &redirect_uri=https%3A%2F%2Fc.example%2Fconsole%2Fcallback\
                        &scope=openid+port-out-pin%3Aread\
                        &state=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\
                        &nonce=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
                        &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
        assert_eq!(found, expected);
    }

    #[test]
    fn an_endpoint_keeps_its_query_and_an_audience_is_named() {
        let found = address("https://a.example/go?p=1", &provider(Some("ports api")), "r", &example());
        assert!(found.starts_with("https://a.example/go?p=1&response_type=code&"), "{found}");
        assert!(found.ends_with("&audience=ports+api"), "{found}");
    }
}
