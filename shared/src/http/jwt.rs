//! Verifies bearer tokens where no gateway stands in front: the `jsonwebtoken` crate on `ring`.
//!
//! Only keys that the configuration names, only the algorithm that a key names, never `none` and never HMAC, whose
//! verifiers could also sign. `exp`, `iss`, `aud` and `sub` are required; `nbf` is honoured.

use std::collections::HashMap;

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey, Validation};
use ring::signature as ring_signature;
use serde_json::Value;
use signature::Verifier;

/// Seconds by which our clock and the issuer's may differ.
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
    #[error("it is not a JSON Web Key Set (RFC 7517)")]
    NotASet,
    /// No key in it.
    #[error("it holds no key")]
    Empty,
    /// A key without `kid`.
    #[error("a key has no kid")]
    NoId,
    /// A key whose `alg` is not one of those that we verify.
    #[error("a key has no alg, or another one than EdDSA, ES256 or RS256")]
    Algorithm,
    /// A key that is damaged.
    #[error("a key is damaged")]
    Damaged,
}

impl TokenVerifier {
    /// A verifier for tokens of this issuer and audience, signed with one of these keys (a JWK set).
    pub fn new(issuer: &str, audience: &str, jwks: &str) -> Result<Self, KeysError> {
        // Somebody in the same process may have installed it before; it is always this one.
        let _ = PROVIDER.install_default();
        let set: JwkSet = serde_json::from_str(jwks).map_err(|_| KeysError::NotASet)?;
        let keys: Vec<_> =
            set.keys.iter().map(|jwk| Key::new(jwk, issuer, audience)).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(KeysError::Empty) } else { Ok(Self { keys }) }
    }

    /// The claims of a good token.
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

fn ring_verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
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
