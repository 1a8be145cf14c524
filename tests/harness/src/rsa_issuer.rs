//! An issuer that signs with RS256, as most identity providers do, with the key that RFC 7515 (appendix A.2) publishes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::tokens::Claims;

/// Private key of the example, as PKCS #8; it protects nothing.
const KEY: &str = include_str!("rfc7515_key.base64");

/// Signs tokens with RS256.
pub struct RsaIssuer(RsaKeyPair);

impl Default for RsaIssuer {
    fn default() -> Self {
        let key = STANDARD.decode(KEY.replace('\n', "")).expect("base64");
        Self(RsaKeyPair::from_pkcs8(&key).expect("a key"))
    }
}

impl RsaIssuer {
    /// Returns the public key as a JWK with what a provider publishes beside its numbers.
    pub fn jwk(&self, beside: &Value) -> Value {
        let key = PublicKeyComponents::<Vec<u8>>::from(self.0.public());
        let mut jwk = beside.clone();
        jwk["kty"] = "RSA".into();
        jwk["n"] = URL_SAFE_NO_PAD.encode(&key.n).into();
        jwk["e"] = URL_SAFE_NO_PAD.encode(&key.e).into();
        jwk
    }

    /// Signs a token with these fields of a header beside its algorithm.
    pub fn sign(&self, header: &Value, claims: &Claims) -> String {
        let mut header = header.clone();
        header["alg"] = json!("RS256");
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let text = format!("{}.{}", part(&header), part(&claims.to_json()));
        let mut signature = vec![0; self.0.public().modulus_len()];
        let signed = self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
        signed.expect("a signature");
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
