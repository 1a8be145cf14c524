//! Seals what a cookie holds, so that browsers can keep it and neither read nor change it.
//!
//! AES-256-GCM with a random nonce for each cookie: far fewer than 2^32 are ever sealed under one key (NIST SP 800-38D,
//! section 8.3). Each kind of cookie has a key of its own and is authenticated with its name, so that one is never taken
//! for another.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf;
use runtime::error::Error;
use runtime::pin_hash::pepper::Pepper;
use runtime::random;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

/// Domain tag: what the key of the console is asked to authenticate. Every session depends on it.
const TAG: &[u8] = b"console-cookies/v1";

/// What a sealed text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A sign-in that has begun.
    SignIn,
    /// A session.
    Session,
    /// What the next page confirms.
    Notice,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::SignIn => b"console-cookie/sign-in/v1",
            Self::Session => b"console-cookie/session/v1",
            Self::Notice => b"console-cookie/notice/v1",
        }
    }
}

/// Source of the keys: asked once, by the first request that needs them.
pub struct CookieKeys {
    pepper: Pepper,
    derived: OnceCell<Sealer>,
}

impl CookieKeys {
    /// Creates the source.
    pub fn new(pepper: Pepper) -> Self {
        Self { pepper, derived: OnceCell::new() }
    }

    /// Returns the sealer.
    ///
    /// # Errors
    /// KMS does not answer; the next request asks again.
    pub async fn sealer(&self) -> Result<&Sealer, Error> {
        let derive = || async { Sealer::new(self.pepper.current(TAG).await?.expose_mac()) };
        self.derived.get_or_try_init(derive).await
    }
}

/// Seals and opens texts of each purpose.
pub struct Sealer {
    sign_in: LessSafeKey,
    session: LessSafeKey,
    notice: LessSafeKey,
}

impl Sealer {
    /// Derives the keys from 32 secret bytes (HKDF, RFC 5869).
    ///
    /// # Errors
    /// Never in practice: the lengths are constants.
    pub fn new(secret: &[u8; 32]) -> Result<Self, Error> {
        let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, TAG).extract(secret);
        let key = |purpose: Purpose| {
            let label = [purpose.label()];
            let key = secret.expand(&label, &AES_256_GCM).map(UnboundKey::from);
            key.map(LessSafeKey::new).map_err(|_| Error::internal("no key for cookies could be derived"))
        };
        Ok(Self {
            sign_in: key(Purpose::SignIn)?,
            session: key(Purpose::Session)?,
            notice: key(Purpose::Notice)?,
        })
    }

    /// Seals bytes into text that a cookie can hold.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn seal(&self, purpose: Purpose, plain: &[u8]) -> Result<String, Error> {
        let nonce: [u8; NONCE_LEN] = random::bytes()?;
        let mut sealed = plain.to_vec();
        let tag = self.key(purpose).seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(purpose.label()),
            &mut sealed,
        );
        let tag = tag.map_err(|_| Error::internal("a cookie could not be sealed"))?;
        Ok(BASE64.encode([&nonce, sealed.as_slice(), tag.as_ref()].concat()))
    }

    /// Opens a text that was sealed for this purpose; `None` for anything else.
    pub fn open(&self, purpose: Purpose, text: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = Zeroizing::new(BASE64.decode(text).ok()?);
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let opened = self.key(purpose).open_in_place(nonce, Aad::from(purpose.label()), &mut sealed).ok()?;
        let length = opened.len();
        sealed.truncate(length);
        Some(sealed)
    }

    fn key(&self, purpose: Purpose) -> &LessSafeKey {
        match purpose {
            Purpose::SignIn => &self.sign_in,
            Purpose::Session => &self.session,
            Purpose::Notice => &self.notice,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSES: [Purpose; 3] = [Purpose::SignIn, Purpose::Session, Purpose::Notice];

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&[byte; 32]).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_for_its_purpose_and_its_key_only() {
        for purpose in PURPOSES {
            let text = sealer(1).seal(purpose, b"token").unwrap();
            for other in PURPOSES {
                let opened = sealer(1).open(other, &text).map(|bytes| bytes.to_vec());
                assert_eq!(opened, (other == purpose).then(|| b"token".to_vec()), "{purpose:?} {other:?}");
            }
            assert!(sealer(2).open(purpose, &text).is_none());
        }
    }

    #[test]
    fn a_changed_text_does_not_open() {
        let sealer = sealer(1);
        let text = sealer.seal(Purpose::Session, b"token").unwrap();
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(sealer.open(Purpose::Session, &changed).is_none(), "{place}");
        }
        for text in ["", "A", "AAAA", "*", &text[..text.len() - 4]] {
            assert!(sealer.open(Purpose::Session, text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_same_bytes_are_never_sealed_into_the_same_text() {
        let sealer = sealer(1);
        let seal = || sealer.seal(Purpose::Session, b"token").unwrap();
        assert_ne!(seal(), seal());
    }
}
