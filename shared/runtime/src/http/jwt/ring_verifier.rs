//! Verifies signatures for the `jsonwebtoken` crate with `ring`, which is here anyway: the crate's own choices would bring
//! a second library.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::signature as ring_signature;
use signature::Verifier;

/// Signature algorithms that are verified here.
pub(super) const VERIFIED: &[Algorithm] = &[Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256];

/// Cryptography of `jsonwebtoken`: verifies, and cannot sign.
pub(super) static PROVIDER: CryptoProvider = CryptoProvider {
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
}
