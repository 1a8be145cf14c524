//! Keys of local runs: created once, readable only by their owner, kept beside the data that they belong to.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;
use zeroize::Zeroizing;

use crate::error::CliError;
use crate::hmac_key::HmacKey;
use crate::key_file::{NewKey, damaged, load_or_create};

const SIGNING_KEY_FILE: &str = "token-signing-key.pkcs8";

/// The keys of a local stack.
pub struct Keys {
    /// The PIN key, in base64.
    pub pin: Zeroizing<String>,
    /// The webhook key, in base64.
    pub webhook: Zeroizing<String>,
    /// The key of the console's cookies, in base64. A new one ends every session, and no more.
    pub console: Zeroizing<String>,
    /// The key that signs tokens.
    pub signing: Arc<SigningKey>,
}

impl Keys {
    /// Loads the keys in `dir`, or creates them; those that existing data depends on must be there.
    ///
    /// # Errors
    /// Fails if the folder cannot be used, or if a key is damaged or missing.
    pub fn load(dir: &Path, data_exists: bool) -> Result<Self, CliError> {
        Ok(Self {
            pin: HmacKey::Pin.load(dir, data_exists)?,
            webhook: HmacKey::Webhook.load(dir, data_exists)?,
            console: HmacKey::Console.load(dir, data_exists)?,
            signing: Arc::new(SigningKey::load(dir)?),
        })
    }
}

/// Ed25519 key pair that signs local tokens.
pub struct SigningKey {
    private: EncodingKey,
    public: String,
    id: String,
}

impl SigningKey {
    /// Loads the signing key in `dir`, or creates it.
    ///
    /// # Errors
    /// Fails if the folder cannot be used or the key file is damaged.
    pub fn load(dir: &Path) -> Result<Self, CliError> {
        let pkcs8 = load_or_create(dir, SIGNING_KEY_FILE, new_signing_key)?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| damaged(dir, SIGNING_KEY_FILE))?;
        let public = URL_SAFE_NO_PAD.encode(pair.public_key());
        let id = thumbprint(&public);
        Ok(Self { private: EncodingKey::from_ed_der(&pkcs8), public, id })
    }

    /// Returns the key ID for the `kid` of a token's header.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the public key as the JWK set (RFC 7517) with which functions verify tokens.
    #[must_use]
    pub fn jwks(&self) -> String {
        let key = json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.id, "x": self.public,
        });
        json!({ "keys": [key] }).to_string()
    }

    pub(crate) fn private(&self) -> &EncodingKey {
        &self.private
    }
}

fn new_signing_key(random: &SystemRandom) -> NewKey {
    let document = Ed25519KeyPair::generate_pkcs8(random)?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}

/// Computes the JWK thumbprint (RFC 7638, RFC 8037), so that the ID depends on the key alone.
fn thumbprint(public: &str) -> String {
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}"#);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    const HMAC_KEYS: [HmacKey; 3] = [HmacKey::Pin, HmacKey::Webhook, HmacKey::Console];

    #[test]
    fn keys_are_created_once_and_readable_only_by_their_owner() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("deeper/keys");
        let load = |data_exists| {
            let hmac_keys = HMAC_KEYS.map(|key| key.load(&dir, data_exists).unwrap());
            (hmac_keys, SigningKey::load(&dir).unwrap().jwks())
        };
        let first = load(false);
        let [pin, webhook, console] = &first.0;
        assert!(first == load(true) && pin != webhook && pin != console && webhook != console);
        assert_eq!(mode(&dir), 0o700);
        for file in HMAC_KEYS.map(HmacKey::file).into_iter().chain([SIGNING_KEY_FILE]) {
            assert_eq!(mode(&dir.join(file)), 0o600, "{file}");
        }
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 4);
    }

    #[test]
    fn a_lost_key_is_not_replaced_while_its_data_is_there() {
        let dir = tempfile::tempdir().unwrap();
        // Without the key of the cookies, administrators sign in again.
        HmacKey::Console.load(dir.path(), true).unwrap();
        for key in [HmacKey::Pin, HmacKey::Webhook] {
            let error = key.load(dir.path(), true).unwrap_err().to_string();
            assert!(error.contains(&format!("its {} ", key.name())) && error.contains("is gone"), "{error}");
        }
    }

    #[test]
    fn a_damaged_key_is_reported_and_not_quoted() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(SIGNING_KEY_FILE), "nothing").unwrap();
        let mut errors = vec![SigningKey::load(dir.path()).err()];
        for key in HMAC_KEYS {
            fs::write(dir.path().join(key.file()), "c2hvcnQ=").unwrap();
            errors.push(key.load(dir.path(), true).err());
        }
        for error in errors.into_iter().map(|error| error.unwrap().to_string()) {
            assert!(error.contains("is damaged") && !error.contains("c2hvcnQ"), "{error}");
        }
    }
}
