//! The ID token: whether the issuer says that an administrator signed in here, now (OpenID Connect Core 1.0, section
//! 3.1.3.7).

use runtime::clock::Timestamp;
use runtime::http::jwt::TokenVerifier;
use serde_json::{Map, Value};

use crate::oidc::attempt::{self, Attempt};

/// Returns whether the token is signed with a key of this set, is for this client and current, and belongs to this sign-in.
pub fn is_good(
    token: &str,
    keys: &str,
    issuer: &str,
    client_id: &str,
    attempt: &Attempt,
    now: Timestamp,
) -> bool {
    let verifier = TokenVerifier::new(issuer, &[client_id], keys).ok();
    let claims = verifier.and_then(|verifier| verifier.verify(token, now));
    claims.is_some_and(|claims| is_for_client(&claims, client_id) && is_for_attempt(&claims, attempt))
}

/// The verifier takes a token without `aud` whose `client_id` fits, as an access token may be; an ID token has an `aud`.
/// Where it is for several parties, the one that it was issued to is named.
fn is_for_client(claims: &Map<String, Value>, client_id: &str) -> bool {
    let several = match claims.get("aud") {
        Some(Value::String(_)) => false,
        Some(Value::Array(audiences)) => audiences.len() > 1,
        _ => return false,
    };
    match claims.get("azp") {
        Some(party) => party == client_id,
        None => !several,
    }
}

fn is_for_attempt(claims: &Map<String, Value>, attempt: &Attempt) -> bool {
    let nonce = claims.get("nonce").and_then(Value::as_str);
    nonce.is_some_and(|nonce| attempt::is(&attempt.nonce, nonce))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::attempt::example;
    use serde_json::json;

    fn claims(json: &Value) -> Map<String, Value> {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn an_id_token_is_issued_to_this_client() {
        for (json, good) in [
            (json!({"aud": "console"}), true),
            (json!({"aud": ["console"]}), true),
            (json!({"aud": "console", "azp": "console"}), true),
            (json!({"aud": ["console", "other"], "azp": "console"}), true),
            (json!({"aud": ["console", "other"]}), false),
            (json!({"aud": "console", "azp": "other"}), false),
            (json!({"client_id": "console"}), false),
            (json!({"aud": null}), false),
        ] {
            assert_eq!(is_for_client(&claims(&json), "console"), good, "{json}");
        }
    }

    #[test]
    fn an_id_token_has_the_nonce_of_its_sign_in() {
        let nonce = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
        assert!(is_for_attempt(&claims(&json!({ "nonce": nonce })), &example()));
        for json in [json!({}), json!({"nonce": null}), json!({"nonce": ""}), json!({"nonce": [nonce]})] {
            assert!(!is_for_attempt(&claims(&json), &example()), "{json}");
        }
    }
}
