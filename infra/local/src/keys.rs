//! Keys of local runs: created once, readable only by their owner, kept beside the data that they belong to.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use ring::digest::{SHA256, digest};
use ring::error::Unspecified;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;
use zeroize::Zeroizing;

use crate::error::CliError;

/// Length of a new HMAC key: that of the output of HMAC-SHA256, which gains nothing from a longer key.
const HMAC_KEY_BYTES: usize = 32;

const SIGNING_KEY_FILE: &str = "token-signing-key.pkcs8";

/// The keys of a local stack.
pub struct Keys {
    /// The PIN key, in base64.
    pub pin: Zeroizing<String>,
    /// The webhook key, in base64.
    pub webhook: Zeroizing<String>,
    /// The key that signs tokens.
    pub signing: SigningKey,
}

impl Keys {
    /// Loads the keys in `dir`, or creates them; those that existing data depends on must be there.
    ///
    /// # Errors
    /// Fails if the folder cannot be used, or if a key is damaged or missing.
    pub fn load(dir: &Path, data_exists: bool) -> Result<Self, CliError> {
        let [pin, webhook] = [DataKey::Pin, DataKey::Webhook].map(|key| key.load(dir, data_exists));
        Ok(Self { pin: pin?, webhook: webhook?, signing: SigningKey::load(dir)? })
    }
}

/// HMAC key of the functions, on which the data depends.
#[derive(Debug, Clone, Copy)]
enum DataKey {
    /// The key under PINs.
    Pin,
    /// The key of webhook secrets.
    Webhook,
}

impl DataKey {
    fn name(self) -> &'static str {
        match self {
            Self::Pin => "PIN key",
            Self::Webhook => "webhook key",
        }
    }

    fn file(self) -> &'static str {
        match self {
            Self::Pin => "pin-key.base64",
            Self::Webhook => "webhook-key.base64",
        }
    }

    /// Loads the key in `dir`, in base64, or creates it.
    ///
    /// If `data_exists`, a missing key is not replaced: with another key, every PIN or webhook secret in the data would be
    /// wrong.
    ///
    /// # Errors
    /// Fails if the folder cannot be used, or if the key is damaged or missing.
    fn load(self, dir: &Path, data_exists: bool) -> Result<Zeroizing<String>, CliError> {
        let path = dir.join(self.file());
        if data_exists && !path.exists() {
            let (name, path) = (self.name(), path.display());
            return Err(CliError::Failed(format!(
                "there is data, but its {name} {path} is gone: restore the key, or move the data away to start empty"
            )));
        }
        let key = load_or_create(dir, self.file(), new_hmac_key)?;
        let text = std::str::from_utf8(&key).unwrap_or_default().trim();
        match STANDARD.decode(text).map(Zeroizing::new) {
            Ok(bytes) if bytes.len() >= HMAC_KEY_BYTES => Ok(Zeroizing::new(text.to_owned())),
            Ok(_) | Err(_) => Err(damaged(dir, self.file())),
        }
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

type NewKey = Result<Zeroizing<Vec<u8>>, Unspecified>;

/// Reads a key file, or creates it with the content from `generate`. Concurrent callers get the same content.
fn load_or_create(
    dir: &Path,
    name: &str,
    generate: fn(&SystemRandom) -> NewKey,
) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let path = dir.join(name);
    let failed = |e: io::Error| CliError::failed(format!("cannot use the key file {}", path.display()), e);
    create_private_folder(dir).map_err(failed)?;
    if !path.exists() {
        let content = generate(&system_random())
            .map_err(|e| CliError::failed(format!("cannot generate {}", path.display()), e))?;
        let mut file = tempfile::NamedTempFile::new_in(dir).map_err(failed)?;
        file.write_all(&content).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        // A link, unlike a rename, never replaces the key of a concurrent caller.
        match fs::hard_link(file.path(), &path) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(failed(e)),
            Ok(()) | Err(_) => {}
        }
    }
    fs::read(&path).map(Zeroizing::new).map_err(failed)
}

fn create_private_folder(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    fs::set_permissions(dir, Permissions::from_mode(0o700))
}

fn new_hmac_key(random: &SystemRandom) -> NewKey {
    let mut key = Zeroizing::new([0; HMAC_KEY_BYTES]);
    random.fill(key.as_mut())?;
    Ok(Zeroizing::new(STANDARD.encode(*key).into_bytes()))
}

fn new_signing_key(random: &SystemRandom) -> NewKey {
    let document = Ed25519KeyPair::generate_pkcs8(random)?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}

#[allow(clippy::disallowed_methods, reason = "generates a developer's keys, which no test has to predict")]
fn system_random() -> SystemRandom {
    SystemRandom::new()
}

/// Computes the JWK thumbprint (RFC 7638, RFC 8037), so that the ID depends on the key alone.
fn thumbprint(public: &str) -> String {
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}"#);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
}

fn damaged(dir: &Path, name: &str) -> CliError {
    let path = dir.join(name);
    CliError::Failed(format!("the key file {} is damaged: restore a backup", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    const DATA_KEYS: [DataKey; 2] = [DataKey::Pin, DataKey::Webhook];

    #[test]
    fn keys_are_created_once_and_readable_only_by_their_owner() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("deeper/keys");
        let load = |data_exists| {
            let data_keys = DATA_KEYS.map(|key| key.load(&dir, data_exists).unwrap());
            (data_keys, SigningKey::load(&dir).unwrap().jwks())
        };
        let first = load(false);
        assert!(first == load(true) && first.0[0] != first.0[1]);
        assert_eq!(mode(&dir), 0o700);
        for file in [DataKey::Pin.file(), DataKey::Webhook.file(), SIGNING_KEY_FILE] {
            assert_eq!(mode(&dir.join(file)), 0o600);
        }
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 3);
    }

    #[test]
    fn a_lost_key_is_not_replaced_while_its_data_is_there() {
        let dir = tempfile::tempdir().unwrap();
        for key in DATA_KEYS {
            let error = key.load(dir.path(), true).unwrap_err().to_string();
            assert!(error.contains(&format!("its {} ", key.name())) && error.contains("is gone"), "{error}");
        }
    }

    #[test]
    fn a_damaged_key_is_reported_and_not_quoted() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(SIGNING_KEY_FILE), "nothing").unwrap();
        let mut errors = vec![SigningKey::load(dir.path()).err()];
        for key in DATA_KEYS {
            fs::write(dir.path().join(key.file()), "c2hvcnQ=").unwrap();
            errors.push(key.load(dir.path(), true).err());
        }
        for error in errors.into_iter().map(|error| error.unwrap().to_string()) {
            assert!(error.contains("is damaged") && !error.contains("c2hvcnQ"), "{error}");
        }
    }
}
