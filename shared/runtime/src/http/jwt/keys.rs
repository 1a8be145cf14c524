//! Reads the key sets that identity providers publish (RFC 7517): takes the keys that verify signatures here, and leaves
//! the rest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde_json::Value;

/// Key lengths in bytes that `ring` verifies with: RSA from 2,048 to 8,192 bits, and the coordinates of both curves.
const RSA_MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
const COORDINATE: usize = 32;

/// A public key and the one algorithm that it is used with.
#[derive(Clone)]
pub(super) struct Key {
    id: Option<String>,
    pub algorithm: Algorithm,
    pub key: DecodingKey,
}

/// Why keys cannot be used; it names no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// Not a JSON Web Key Set.
    #[error("not a JSON Web Key Set (RFC 7517)")]
    NotASet,
    /// No key in it verifies signatures.
    #[error("no key in the set verifies EdDSA, ES256, or RS256 signatures")]
    NoUsableKey,
}

impl Key {
    /// Returns whether a token with this header may be signed with this key.
    pub fn fits(&self, header: &Header) -> bool {
        header.alg == self.algorithm && (self.id.is_none() || self.id == header.kid)
    }

    /// `None` unless the key is for signatures, with an algorithm that is verified here.
    ///
    /// Encryption keys stand in the same set at Keycloak, and `alg` is missing at Entra ID.
    fn read(jwk: &Value) -> Option<Self> {
        let field = |name: &str| jwk.get(name).filter(|value| !value.is_null());
        let text = |name: &str| field(name).and_then(Value::as_str);
        let (name, algorithm, key) = match (text("kty")?, text("crv")) {
            ("RSA", _) => ("RS256", Algorithm::RS256, rsa(text("n")?, text("e")?)?),
            ("EC", Some("P-256")) => ("ES256", Algorithm::ES256, p256(text("x")?, text("y")?)?),
            ("OKP", Some("Ed25519")) => ("EdDSA", Algorithm::EdDSA, ed25519(text("x")?)?),
            _ => return None,
        };
        let verifies = |ops: &Value| ops.as_array().is_some_and(|ops| ops.iter().any(|op| op == "verify"));
        let usable = field("use").is_none_or(|purpose| purpose == "sig")
            && field("key_ops").is_none_or(verifies)
            && field("alg").is_none_or(|alg| alg == name);
        let id = text("kid").filter(|id| !id.is_empty()).map(str::to_owned);
        usable.then_some(Self { id, algorithm, key })
    }
}

/// Returns the usable keys of a set. One without `kid` is usable only if it is alone: it would be tried for every token.
pub(super) fn read_set(jwks: &str) -> Result<Vec<Key>, KeysError> {
    let set: Value = serde_json::from_str(jwks).map_err(|_| KeysError::NotASet)?;
    let all = set.get("keys").and_then(Value::as_array).ok_or(KeysError::NotASet)?;
    let mut keys: Vec<_> = all.iter().filter_map(Key::read).collect();
    if keys.len() > 1 {
        keys.retain(|key| key.id.is_some());
    }
    if keys.is_empty() { Err(KeysError::NoUsableKey) } else { Ok(keys) }
}

fn rsa(n: &str, e: &str) -> Option<DecodingKey> {
    let modulus = BASE64.decode(n).ok().filter(|n| RSA_MODULUS.contains(&n.len()));
    modulus.and_then(|_| DecodingKey::from_rsa_components(n, e).ok())
}

fn p256(x: &str, y: &str) -> Option<DecodingKey> {
    [x, y].into_iter().all(is_coordinate).then(|| DecodingKey::from_ec_components(x, y).ok())?
}

fn ed25519(x: &str) -> Option<DecodingKey> {
    is_coordinate(x).then(|| DecodingKey::from_ed_components(x).ok())?
}

fn is_coordinate(text: &str) -> bool {
    BASE64.decode(text).is_ok_and(|bytes| bytes.len() == COORDINATE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn rsa_key() -> Value {
        json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "r", "n": BASE64.encode([0xff; 256]), "e": "AQAB"})
    }

    fn ed_key() -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "e", "alg": "EdDSA"})
    }

    fn ec_key() -> Value {
        json!({"kty": "EC", "crv": "P-256", "x": X, "y": X, "kid": "c", "alg": "ES256"})
    }

    fn changed(mut key: Value, name: &str, value: Value) -> Value {
        let fields = key.as_object_mut().unwrap();
        if value.is_null() {
            fields.remove(name)
        } else {
            fields.insert(name.to_owned(), value)
        };
        key
    }

    fn usable(keys: &[Value]) -> Vec<(Option<String>, Algorithm)> {
        let keys = read_set(&json!({ "keys": keys }).to_string()).unwrap_or_default();
        keys.into_iter().map(|key| (key.id, key.algorithm)).collect()
    }

    #[test]
    fn each_kind_of_key_has_one_algorithm_named_or_not() {
        for (key, id, algorithm) in [
            (rsa_key(), "r", Algorithm::RS256),
            (ec_key(), "c", Algorithm::ES256),
            (ed_key(), "e", Algorithm::EdDSA),
        ] {
            for key in [key.clone(), changed(key, "alg", Value::Null)] {
                assert_eq!(usable(&[key]), [(Some(id.to_owned()), algorithm)]);
            }
        }
    }

    #[test]
    fn keys_that_verify_nothing_here_are_left_out_of_the_set() {
        let others = [
            changed(rsa_key(), "alg", json!("RSA-OAEP")),
            changed(rsa_key(), "alg", json!("PS256")),
            changed(rsa_key(), "alg", json!("of tomorrow")),
            changed(rsa_key(), "alg", json!(7)),
            changed(rsa_key(), "use", json!("enc")),
            changed(rsa_key(), "key_ops", json!(["encrypt"])),
            changed(rsa_key(), "n", json!(BASE64.encode([0xff; 128]))),
            changed(rsa_key(), "n", json!("*")),
            changed(rsa_key(), "e", Value::Null),
            changed(ec_key(), "crv", json!("P-384")),
            changed(ec_key(), "alg", json!("ES384")),
            changed(ec_key(), "y", json!("AAAA")),
            changed(ed_key(), "crv", json!("X25519")),
            changed(ed_key(), "x", json!("*")),
            json!({"kty": "oct", "k": "AAAA", "kid": "s", "alg": "HS256"}),
            json!({"kty": "oct", "k": "AAAA", "kid": "s", "alg": "EdDSA"}),
            json!({"kid": "x"}),
            json!("x"),
        ];
        for other in others {
            assert_eq!(
                usable(&[other.clone(), ed_key()]),
                [(Some("e".to_owned()), Algorithm::EdDSA)],
                "{other}"
            );
            let alone = json!({"keys": [other]}).to_string();
            assert_eq!(read_set(&alone).err(), Some(KeysError::NoUsableKey), "{alone}");
        }
    }

    #[test]
    fn a_key_without_an_id_is_usable_only_alone() {
        let nameless = changed(ed_key(), "kid", Value::Null);
        assert_eq!(usable(std::slice::from_ref(&nameless)), [(None, Algorithm::EdDSA)]);
        assert_eq!(usable(&[nameless.clone(), rsa_key()]), [(Some("r".to_owned()), Algorithm::RS256)]);
        assert!(usable(&[nameless.clone(), nameless]).is_empty());
    }

    #[test]
    fn what_is_not_a_set_of_keys_is_an_error() {
        for jwks in ["x", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":null}"#] {
            assert_eq!(read_set(jwks).err(), Some(KeysError::NotASet), "{jwks}");
        }
        assert_eq!(read_set(r#"{"keys":[]}"#).err(), Some(KeysError::NoUsableKey));
    }
}
