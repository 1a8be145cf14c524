//! Verifies bearer tokens where no gateway does: the `jsonwebtoken` crate on `ring`.
//!
//! Only keys that the configuration names, only the algorithm of the key, never `none` and never HMAC, whose verifiers
//! could also sign. Claims are judged as API Gateway's JWT authorizer judges them, by the clock of the service.

mod keys;
mod ring_verifier;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::Validation;
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use keys::Key;
use ring_verifier::PROVIDER;

pub use keys::KeysError;
pub use ring_verifier::ring_verifier;

/// Seconds by which this clock and the issuer's may differ.
const LEEWAY: f64 = 30.0;

/// Verifies tokens against configured keys.
#[derive(Clone)]
pub struct TokenVerifier {
    issuer: String,
    audiences: Vec<String>,
    keys: Vec<Key>,
}

impl TokenVerifier {
    /// Creates a verifier for tokens of this issuer and for one of these audiences, signed with a key of this JWK set.
    ///
    /// # Errors
    /// No key of the set verifies signatures.
    pub fn new(issuer: &str, audiences: &[&str], jwks: &str) -> Result<Self, KeysError> {
        // Another verifier, or the signer of the local stack, may have installed one before; each verifies as this does.
        let _ = PROVIDER.install_default();
        let audiences = audiences.iter().map(|audience| (*audience).to_owned()).collect();
        Ok(Self { issuer: issuer.to_owned(), audiences, keys: keys::read_set(jwks)? })
    }

    /// Returns the claims of a token that is valid at this time.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<Map<String, Value>> {
        if !is_plain_header(token) {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        // Keys of two kinds may have one ID.
        let keys = self.keys.iter().filter(|key| key.fits(&header));
        let claims = keys.filter_map(|key| signed_claims(token, key)).next()?;
        (claims.get("iss")? == self.issuer.as_str() && self.is_for_us(&claims) && is_current(&claims, now))
            .then_some(claims)
    }

    /// Looks at `client_id` only where there is no `aud`, as the gateway does: Cognito's access tokens have none.
    fn is_for_us(&self, claims: &Map<String, Value>) -> bool {
        let known =
            |one: &Value| one.as_str().is_some_and(|one| self.audiences.iter().any(|known| known == one));
        let present = |name: &str| claims.get(name).filter(|value| !value.is_null());
        match present("aud").or_else(|| present("client_id")) {
            Some(Value::Array(several)) => several.iter().any(known),
            Some(one) => known(one),
            None => false,
        }
    }
}

/// Refuses extensions that this service does not understand (RFC 7515, section 4.1.11), and tokens that are not access
/// tokens by their own account (RFC 9068, section 2.1). `jsonwebtoken` looks at neither.
fn is_plain_header(token: &str) -> bool {
    let header = token.split('.').next().and_then(|text| BASE64.decode(text).ok());
    let header = header.and_then(|json| serde_json::from_slice::<Map<String, Value>>(&json).ok());
    header.is_some_and(|header| {
        let is_access_token = |typ: &Value| {
            let typ = typ.as_str().unwrap_or_default().to_ascii_lowercase();
            ["jwt", "at+jwt"].contains(&typ.strip_prefix("application/").unwrap_or(&typ))
        };
        !header.contains_key("crit") && header.get("typ").is_none_or(is_access_token)
    })
}

/// Returns the claims if the signature is good; the claims are not judged yet.
fn signed_claims(token: &str, key: &Key) -> Option<Map<String, Value>> {
    let mut signature_only = Validation::new(key.algorithm);
    signature_only.required_spec_claims.clear();
    signature_only.validate_exp = false;
    signature_only.validate_aud = false;
    Some(jsonwebtoken::decode(token, &key.key, &signature_only).ok()?.claims)
}

/// Returns whether the token has a future `exp`, and no `nbf` or `iat` in the future.
#[allow(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in a double for ages")]
fn is_current(claims: &Map<String, Value>, now: Timestamp) -> bool {
    let now = now.as_second() as f64;
    let began = |name: &str| match claims.get(name) {
        None | Some(Value::Null) => true,
        Some(time) => time.as_f64().is_some_and(|time| time <= now + LEEWAY),
    };
    let expires = claims.get("exp").and_then(Value::as_f64);
    expires.is_some_and(|expires| now < expires + LEEWAY) && began("nbf") && began("iat")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    fn claims(json: Value) -> Map<String, Value> {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn a_token_has_a_time_of_its_own_give_or_take_half_a_minute() {
        let now = Timestamp::from_second(NOW).unwrap();
        for (json, current) in [
            (json!({"exp": NOW + 1}), true),
            (json!({"exp": NOW - 29}), true),
            (json!({"exp": NOW - 30}), false),
            (json!({"exp": 1.8e9 + 0.5}), true),
            (json!({"exp": "1900000000"}), false),
            (json!({"exp": null}), false),
            (json!({}), false),
            (json!({"exp": NOW + 60, "nbf": NOW + 30, "iat": NOW + 30}), true),
            (json!({"exp": NOW + 60, "nbf": NOW + 31}), false),
            (json!({"exp": NOW + 60, "iat": NOW + 31}), false),
            (json!({"exp": NOW + 60, "iat": "now"}), false),
            (json!({"exp": NOW + 60, "iat": null, "nbf": null}), true),
        ] {
            assert_eq!(is_current(&claims(json.clone()), now), current, "{json}");
        }
    }

    #[test]
    fn the_audience_is_one_of_ours_or_the_client_is_where_there_is_no_audience() {
        let verifier = TokenVerifier {
            issuer: "i".to_owned(),
            audiences: vec!["a".to_owned(), "b".to_owned()],
            keys: vec![],
        };
        for (json, for_us) in [
            (json!({"aud": "a"}), true),
            (json!({"aud": ["x", "b"]}), true),
            (json!({"client_id": "b"}), true),
            (json!({"aud": null, "client_id": "b"}), true),
            (json!({"aud": "x", "client_id": "a"}), false),
            (json!({"aud": [], "client_id": "a"}), false),
            (json!({"aud": "a,b"}), false),
            (json!({"aud": 7}), false),
            (json!({}), false),
        ] {
            assert_eq!(verifier.is_for_us(&claims(json.clone())), for_us, "{json}");
        }
    }

    #[test]
    fn a_header_with_critical_extensions_or_of_another_type_is_refused() {
        let plain = |header: Value| is_plain_header(&format!("{}.x.y", BASE64.encode(header.to_string())));
        for header in
            [json!({}), json!({"typ": "JWT"}), json!({"typ": "at+jwt"}), json!({"typ": "application/at+JWT"})]
        {
            assert!(plain(header.clone()), "{header}");
        }
        for header in [
            json!({"crit": ["exp"], "exp": 1}),
            json!({"crit": []}),
            json!({"crit": null}),
            json!({"typ": "logout+jwt"}),
            json!({"typ": null}),
            json!([]),
        ] {
            assert!(!plain(header.clone()), "{header}");
        }
        assert!(!is_plain_header("") && !is_plain_header("*.x.y"));
    }
}
