//! Verifies bearer tokens where no gateway does: the `jsonwebtoken` crate on `ring`.
//!
//! Only keys that the configuration names, only the algorithm that a key names, never `none` and never HMAC, whose
//! verifiers could also sign. `exp`, `iss`, `aud` and `sub` are required; `nbf` is honored.

use std::collections::HashMap;

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey, Validation};
use ring::signature as ring_signature;
use serde_json::Value;
use signature::Verifier;

/// Seconds by which this clock and the issuer's may differ.
const LEEWAY: u64 = 30;

/// Verifies tokens against configured keys.
pub struct TokenVerifier {
    keys: Vec<Key>,
}

struct Key {
    id: String,
    key: DecodingKey,
    validation: Validation,
}

/// Why keys cannot be used; it names no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// Not a JSON Web Key Set.
    #[error("not a JSON Web Key Set (RFC 7517)")]
    NotASet,
    /// No key in it.
    #[error("the set has no keys")]
    Empty,
    /// A key without `kid`.
    #[error("a key has no kid")]
    NoId,
    /// A key whose `alg` is not one that is verified here.
    #[error("the alg of a key is missing or is not EdDSA, ES256, or RS256")]
    Algorithm,
    /// A key that is damaged.
    #[error("a key cannot be decoded")]
    Damaged,
}

impl TokenVerifier {
    /// Creates a verifier for tokens of this issuer and audience, signed with one of these keys (a JWK set).
    ///
    /// # Errors
    /// The set cannot be used as a whole: a key that is left out would reject good tokens.
    pub fn new(issuer: &str, audience: &str, jwks: &str) -> Result<Self, KeysError> {
        // Another verifier, or the signer of the local stack, may have installed one before; each verifies as this does.
        let _ = PROVIDER.install_default();
        let set: JwkSet = serde_json::from_str(jwks).map_err(|_| KeysError::NotASet)?;
        let keys: Vec<_> =
            set.keys.iter().map(|jwk| Key::new(jwk, issuer, audience)).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(KeysError::Empty) } else { Ok(Self { keys }) }
    }

    /// Returns the claims of a token that is valid now.
    pub fn verify(&self, token: &str) -> Option<HashMap<String, Value>> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let id = header.kid?;
        let key = self.keys.iter().find(|key| key.id == id)?;
        let verified = jsonwebtoken::decode(token, &key.key, &key.validation).ok()?;
        Some(verified.claims)
    }
}

impl Key {
    fn new(jwk: &Jwk, issuer: &str, audience: &str) -> Result<Self, KeysError> {
        let id = jwk.common.key_id.clone().filter(|id| !id.is_empty()).ok_or(KeysError::NoId)?;
        let algorithm = jwk.common.key_algorithm.and_then(|alg| Algorithm::try_from(alg).ok());
        let algorithm = algorithm.filter(|alg| VERIFIED.contains(alg)).ok_or(KeysError::Algorithm)?;
        let key = DecodingKey::from_jwk(jwk).map_err(|_| KeysError::Damaged)?;
        if key.family() != algorithm.family() {
            return Err(KeysError::Damaged);
        }
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        Ok(Self { id, key, validation })
    }
}

const VERIFIED: &[Algorithm] = &[Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256];

/// `jsonwebtoken`'s cryptography on `ring`, which is here anyway: its own choices would bring a second library.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: no_signer,
    verifier_factory: ring_verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

fn no_signer(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    Err(ErrorKind::UnsupportedAlgorithm.into())
}

/// Creates a verifier. Public for programs that also sign: a process can install only one provider.
///
/// # Errors
/// Fails unless the algorithm is EdDSA, ES256, or RS256 and the key fits it.
pub fn ring_verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    if VERIFIED.contains(algorithm) && key.family() == algorithm.family() {
        Ok(Box::new(RingVerifier { algorithm: *algorithm, key: key.clone() }))
    } else {
        Err(ErrorKind::InvalidKeyFormat.into())
    }
}

struct RingVerifier {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl RingVerifier {
    fn is_good(&self, message: &[u8], signature: &[u8]) -> bool {
        let plain = |algorithm: &'static dyn ring_signature::VerificationAlgorithm, key: &[u8]| {
            ring_signature::UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
        };
        match (self.key.kind(), self.algorithm) {
            (DecodingKeyKind::SecretOrDer(key), Algorithm::EdDSA) => plain(&ring_signature::ED25519, key),
            (DecodingKeyKind::SecretOrDer(key), Algorithm::ES256) => {
                plain(&ring_signature::ECDSA_P256_SHA256_FIXED, key)
            }
            (DecodingKeyKind::RsaModulusExponent { n, e }, Algorithm::RS256) => {
                let key = ring_signature::RsaPublicKeyComponents { n, e };
                key.verify(&ring_signature::RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            _ => false,
        }
    }
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        if self.is_good(message, signature) { Ok(()) } else { Err(signature::Error::new()) }
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use serde_json::json;

    // RFC 7515, appendix A.2 (RS256), A.3 (ES256); RFC 8037, appendix A.4 (EdDSA).
    const RSA_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4Ql\
                         L-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs\
                         LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud\
                         F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    const CLAIMS: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const RSA_SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb\
         F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383\
         LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy\
         wlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    const EC_X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const EC_Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    const EC_SIGNATURE: &str =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const ED_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const ED_SIGNATURE: &str =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    fn verifies(algorithm: Algorithm, key: DecodingKey, message: &str, signature: &[u8]) -> bool {
        RingVerifier { algorithm, key }.is_good(message.as_bytes(), signature)
    }

    #[test]
    fn the_published_examples_verify_and_not_one_changed_bit_of_their_signatures_does() {
        let rsa = DecodingKey::from_rsa_components(RSA_N, "AQAB").unwrap();
        let ec = DecodingKey::from_ec_components(EC_X, EC_Y).unwrap();
        let ed = DecodingKey::from_ed_components(ED_X).unwrap();
        let examples = [
            (Algorithm::RS256, rsa, format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}"), RSA_SIGNATURE),
            (Algorithm::ES256, ec, format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}"), EC_SIGNATURE),
            (
                Algorithm::EdDSA,
                ed,
                "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".into(),
                ED_SIGNATURE,
            ),
        ];
        for (algorithm, key, message, signature) in examples {
            let mut signature = BASE64.decode(signature).unwrap();
            assert!(verifies(algorithm, key.clone(), &message, &signature), "{algorithm:?}");
            for bit in 0..signature.len() * 8 {
                signature[bit / 8] ^= 1 << (bit % 8);
                assert!(!verifies(algorithm, key.clone(), &message, &signature), "{algorithm:?} bit {bit}");
                signature[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }

    #[test]
    fn a_key_of_one_kind_is_never_used_for_another_algorithm() {
        let ec = DecodingKey::from_ec_components(EC_X, EC_Y).unwrap();
        assert!(ring_verifier(&Algorithm::EdDSA, &ec).is_err());
        assert!(ring_verifier(&Algorithm::HS256, &DecodingKey::from_secret(b"k")).is_err());
        assert!(no_signer(&Algorithm::EdDSA, &EncodingKey::from_secret(b"k")).is_err());
    }

    #[test]
    fn keys_that_could_sign_or_are_damaged_are_refused_at_start() {
        let set = |key: Value| json!({"keys": [key]}).to_string();
        let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": ED_X, "kid": "a", "alg": "EdDSA"});
        let without = |name: &str| {
            let mut key = ed.clone();
            key.as_object_mut().unwrap().remove(name);
            set(key)
        };
        let cases = [
            ("x".to_owned(), KeysError::NotASet),
            (json!({"keys": []}).to_string(), KeysError::Empty),
            (without("kid"), KeysError::NoId),
            (without("alg"), KeysError::Algorithm),
            (set(json!({"kty": "oct", "k": "AAAA", "kid": "a", "alg": "HS256"})), KeysError::Algorithm),
            (set(json!({"kty": "oct", "k": "AAAA", "kid": "a", "alg": "EdDSA"})), KeysError::Damaged),
            (
                set(json!({"kty": "OKP", "crv": "Ed25519", "x": "*", "kid": "a", "alg": "EdDSA"})),
                KeysError::Damaged,
            ),
        ];
        for (jwks, expected) in cases {
            assert_eq!(TokenVerifier::new("i", "a", &jwks).err(), Some(expected), "{jwks}");
        }
        assert!(TokenVerifier::new("i", "a", &set(ed)).is_ok());
    }
}
