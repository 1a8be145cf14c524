//! A sign-in that has begun: what its answer must match, kept in a sealed cookie for ten minutes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::digest::{SHA256, digest};
use runtime::clock::Timestamp;
use runtime::error::Error;
use runtime::random;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::target::Target;

/// Seconds within which an administrator has to sign in.
pub const SECONDS: u32 = 600;

const TIME_BYTES: usize = 8;
/// 256 bits for each secret; RFC 7636 (section 7.1) recommends that for the verifier.
const SECRET_BYTES: usize = 32;

/// Random bytes, secret to this browser and the console.
pub type Secret = [u8; SECRET_BYTES];

/// A sign-in that has begun.
#[derive(Clone)]
pub struct Attempt {
    /// Binds the answer to this browser.
    pub state: Secret,
    /// Binds the ID token to this sign-in.
    pub nonce: Secret,
    /// Binds the code to this sign-in (RFC 7636).
    pub verifier: Secret,
    /// End of the time to sign in.
    pub expires: Timestamp,
    /// Where the sign-in leads.
    pub target: Target,
}

impl Attempt {
    /// Begins a sign-in.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn begin(target: Target, now: Timestamp) -> Result<Self, Error> {
        let second = now.as_second().saturating_add(i64::from(SECONDS));
        Ok(Self {
            state: random::bytes()?,
            nonce: random::bytes()?,
            verifier: random::bytes()?,
            expires: Timestamp::from_second(second).unwrap_or(now),
            target,
        })
    }

    /// Returns the sign-in as bytes, to be sealed.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let expires = self.expires.as_second().to_be_bytes();
        let target = self.target.as_str().as_bytes();
        Zeroizing::new([expires.as_slice(), &self.state, &self.nonce, &self.verifier, target].concat())
    }

    /// Reads a sign-in that was sealed.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (expires, rest) = bytes.split_first_chunk::<TIME_BYTES>()?;
        let (state, rest) = rest.split_first_chunk::<SECRET_BYTES>()?;
        let (nonce, rest) = rest.split_first_chunk::<SECRET_BYTES>()?;
        let (verifier, target) = rest.split_first_chunk::<SECRET_BYTES>()?;
        Some(Self {
            state: *state,
            nonce: *nonce,
            verifier: *verifier,
            expires: Timestamp::from_second(i64::from_be_bytes(*expires)).ok()?,
            target: Target::parse(std::str::from_utf8(target).ok()?)?,
        })
    }

    /// Returns whether the time to sign in is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires <= now
    }

    /// Returns the `code_challenge` of method S256.
    pub fn challenge(&self) -> String {
        BASE64.encode(digest(&SHA256, text(&self.verifier).as_bytes()))
    }
}

/// Returns a secret as text for a parameter or a claim.
pub fn text(secret: &Secret) -> Zeroizing<String> {
    Zeroizing::new(BASE64.encode(secret))
}

/// Returns whether a text is this secret, compared in constant time.
pub fn is(secret: &Secret, given: &str) -> bool {
    text(secret).as_bytes().ct_eq(given.as_bytes()).into()
}

/// The example of RFC 7636 (appendix B) for tests of this folder.
#[cfg(test)]
pub fn example() -> Attempt {
    let verifier = BASE64.decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
    Attempt {
        state: [1; SECRET_BYTES],
        nonce: [2; SECRET_BYTES],
        verifier: verifier.try_into().unwrap(),
        expires: Timestamp::from_second(1_800_000_600).unwrap(),
        target: Target::panel(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        assert_eq!(example().challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_sign_in_is_read_as_it_was_written_and_ends_after_ten_minutes() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let begun = Attempt::begin(Target::parse("/console/history").unwrap(), now).unwrap();
        let read = Attempt::from_bytes(&begun.to_bytes()).unwrap();
        assert_eq!((read.state, read.nonce, read.verifier), (begun.state, begun.nonce, begun.verifier));
        assert_eq!((read.expires.as_second(), &read.target), (1_800_000_600, &begun.target));
        assert!(!begun.is_over(now) && begun.is_over(begun.expires));
        assert!(begun.state != begun.nonce && begun.nonce != begun.verifier);
        assert!(Attempt::from_bytes(&begun.to_bytes()[..40]).is_none());
    }

    #[test]
    fn only_the_whole_secret_is_the_secret() {
        let secret = [7; SECRET_BYTES];
        let whole = text(&secret);
        assert!(is(&secret, &whole));
        for other in ["", &whole[1..], &format!("{}=", *whole), "AAAA"] {
            assert!(!is(&secret, other), "{other}");
        }
    }
}
