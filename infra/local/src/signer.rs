//! Ed25519 signatures for the `jsonwebtoken` crate. Only this program signs; the functions verify and cannot sign.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, EncodingKey};
use ring::signature::Ed25519KeyPair;
use runtime::http::jwt::ring_verifier;
use signature::Signer;

/// Signs here and verifies as the functions do, so that one process can do both: it can install only one provider.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: ed25519_signer,
    verifier_factory: ring_verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Lets `jsonwebtoken` sign, unless this process already installed a provider that cannot.
pub(crate) fn install() {
    let _ = PROVIDER.install_default();
}

fn ed25519_signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    if *algorithm != Algorithm::EdDSA {
        return Err(ErrorKind::UnsupportedAlgorithm.into());
    }
    let pair = Ed25519KeyPair::from_pkcs8(key.as_bytes()).map_err(|_| ErrorKind::InvalidKeyFormat)?;
    Ok(Box::new(Ed25519Signer(pair)))
}

struct Ed25519Signer(Ed25519KeyPair);

impl Signer<Vec<u8>> for Ed25519Signer {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.sign(message).as_ref().to_vec())
    }
}

impl JwtSigner for Ed25519Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_ed25519_key_signs_and_only_with_its_own_algorithm() {
        let key = EncodingKey::from_ed_der(b"no key");
        let refused = |algorithm| ed25519_signer(&algorithm, &key).err().map(Error::into_kind);
        assert!(matches!(refused(Algorithm::EdDSA), Some(ErrorKind::InvalidKeyFormat)));
        for algorithm in [Algorithm::HS256, Algorithm::ES256, Algorithm::RS256] {
            assert!(matches!(refused(algorithm), Some(ErrorKind::UnsupportedAlgorithm)));
        }
    }
}
