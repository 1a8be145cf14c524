//! The HMAC keys of local runs.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::error::CliError;
use crate::key_file::{NewKey, damaged, load_or_create};

/// Length of a new HMAC key: that of the output of HMAC-SHA256, which gains nothing from a longer key.
const HMAC_KEY_BYTES: usize = 32;

/// HMAC key of the functions.
#[derive(Debug, Clone, Copy)]
pub enum HmacKey {
    /// The key under PINs.
    Pin,
    /// The key of webhook secrets.
    Webhook,
    /// The key of the console's cookies.
    Console,
}

impl HmacKey {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pin => "PIN key",
            Self::Webhook => "webhook key",
            Self::Console => "console key",
        }
    }

    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Pin => "pin-key.base64",
            Self::Webhook => "webhook-key.base64",
            Self::Console => "console-key.base64",
        }
    }

    /// Returns whether records are derived with the key, so that they are lost without it.
    fn is_under_data(self) -> bool {
        match self {
            Self::Pin | Self::Webhook => true,
            Self::Console => false,
        }
    }

    /// Loads the key in `dir`, in base64, or creates it.
    ///
    /// If `data_exists`, a missing key is not replaced: with another key, every PIN or webhook secret in the data would be
    /// wrong.
    ///
    /// # Errors
    /// Fails if the folder cannot be used, or if the key is damaged or missing.
    pub fn load(self, dir: &Path, data_exists: bool) -> Result<Zeroizing<String>, CliError> {
        let path = dir.join(self.file());
        if data_exists && self.is_under_data() && !path.exists() {
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

fn new_hmac_key(random: &SystemRandom) -> NewKey {
    let mut key = Zeroizing::new([0; HMAC_KEY_BYTES]);
    random.fill(key.as_mut())?;
    Ok(Zeroizing::new(STANDARD.encode(*key).into_bytes()))
}
