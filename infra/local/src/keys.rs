//! The keys of local runs: made once, readable by their owner only, kept beside the data they belong to.

use crate::error::Failure;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;
use std::fs::{self, DirBuilder, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// Length of a new PIN key: as long as the output of HMAC-SHA256, which gains nothing from a longer one.
const PIN_KEY_BYTES: usize = 32;

const PIN_KEY_FILE: &str = "pin-key.base64";
const SIGNING_KEY_FILE: &str = "token-signing-key.pkcs8";

/// The key pair that signs local tokens.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: String,
    id: String,
}

impl SigningKey {
    /// Loads the folder's signing key, or makes it first.
    ///
    /// # Errors
    /// The folder cannot be used, or the key file is damaged.
    pub fn load(dir: &Path) -> Result<Self, Failure> {
        let pkcs8 = once(dir, SIGNING_KEY_FILE, new_signing_key)?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| damaged(dir, SIGNING_KEY_FILE))?;
        let public = URL_SAFE_NO_PAD.encode(pair.public_key());
        let id = thumbprint(&public);
        Ok(Self { pair, public, id })
    }

    /// The key id that a token's header names.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The public half, as the JWK set that functions verify tokens with.
    #[must_use]
    pub fn jwks(&self) -> String {
        let key = json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.id, "x": self.public,
        });
        json!({ "keys": [key] }).to_string()
    }

    /// Signs a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// Loads the folder's PIN key in base64, or makes it first.
///
/// With `data_exists` a missing key is not replaced: every PIN in the data would be wrong from then on.
///
/// # Errors
/// The folder cannot be used, or the key is damaged or missing.
pub fn pin_key(dir: &Path, data_exists: bool) -> Result<Zeroizing<String>, Failure> {
    let path = dir.join(PIN_KEY_FILE);
    if data_exists && !path.exists() {
        let path = path.display();
        return Err(Failure::Broken(format!(
            "there is data, but its PIN key {path} is gone: put the key back, or move the data away to start empty"
        )));
    }
    let key = once(dir, PIN_KEY_FILE, new_pin_key)?;
    let text = std::str::from_utf8(&key).unwrap_or_default().trim();
    match STANDARD.decode(text).map(Zeroizing::new) {
        Ok(bytes) if bytes.len() >= PIN_KEY_BYTES => Ok(Zeroizing::new(text.to_owned())),
        Ok(_) | Err(_) => Err(damaged(dir, PIN_KEY_FILE)),
    }
}

/// Reads a file of the folder, which `make` fills if it is not there yet. Two callers at once get the same content.
fn once(
    dir: &Path,
    name: &str,
    make: fn(&SystemRandom) -> Result<Zeroizing<Vec<u8>>, ring::error::Unspecified>,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let path = dir.join(name);
    let failed =
        |e: std::io::Error| Failure::because(format!("cannot use the key file {}", path.display()), e);
    private_folder(dir).map_err(failed)?;
    if !path.exists() {
        let content =
            make(&randomness()).map_err(|_| Failure::because("no randomness for", path.display()))?;
        let mut file = tempfile::NamedTempFile::new_in(dir).map_err(failed)?;
        file.write_all(&content).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        match fs::hard_link(file.path(), &path) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(failed(e)),
            Ok(()) | Err(_) => {}
        }
    }
    fs::read(&path).map(Zeroizing::new).map_err(failed)
}

fn private_folder(dir: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    fs::set_permissions(dir, Permissions::from_mode(0o700))
}

fn new_pin_key(randomness: &SystemRandom) -> Result<Zeroizing<Vec<u8>>, ring::error::Unspecified> {
    let mut key = Zeroizing::new([0; PIN_KEY_BYTES]);
    randomness.fill(key.as_mut())?;
    Ok(Zeroizing::new(STANDARD.encode(*key).into_bytes()))
}

fn new_signing_key(randomness: &SystemRandom) -> Result<Zeroizing<Vec<u8>>, ring::error::Unspecified> {
    let document = Ed25519KeyPair::generate_pkcs8(randomness)?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}

#[allow(clippy::disallowed_methods, reason = "a developer's keys; nothing here needs to be set by a test")]
fn randomness() -> SystemRandom {
    SystemRandom::new()
}

/// RFC 7638, RFC 8037: the same key has the same id everywhere.
fn thumbprint(public: &str) -> String {
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}"#);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
}

fn damaged(dir: &Path, name: &str) -> Failure {
    let path = dir.join(name);
    Failure::Broken(format!("the key file {} is damaged: put a copy of it back", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn keys_are_made_once_and_readable_by_their_owner_only() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("deeper/keys");
        let first = (pin_key(&dir, false).unwrap(), SigningKey::load(&dir).unwrap().jwks());
        let second = (pin_key(&dir, true).unwrap(), SigningKey::load(&dir).unwrap().jwks());
        assert!(first == second);
        assert_eq!(mode(&dir), 0o700);
        assert_eq!(mode(&dir.join(PIN_KEY_FILE)), 0o600);
        assert_eq!(mode(&dir.join(SIGNING_KEY_FILE)), 0o600);
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 2);
    }

    #[test]
    fn a_lost_pin_key_is_not_replaced_while_its_data_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let failure = pin_key(dir.path(), true).unwrap_err().to_string();
        assert!(failure.contains("its PIN key") && failure.contains("is gone"), "{failure}");
    }

    #[test]
    fn a_damaged_key_is_reported_and_not_quoted() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(PIN_KEY_FILE), "c2hvcnQ=").unwrap();
        fs::write(dir.path().join(SIGNING_KEY_FILE), "nothing").unwrap();
        let failures = [pin_key(dir.path(), true).err(), SigningKey::load(dir.path()).err()];
        for failure in failures.map(|it| it.unwrap().to_string()) {
            assert!(failure.contains("is damaged") && !failure.contains("c2hvcnQ"), "{failure}");
        }
    }
}
