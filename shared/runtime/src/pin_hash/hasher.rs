//! Makes and compares PIN digests, away from the thread that serves I/O.

use std::sync::Arc;

use port_out_pbkdf2::SelfTestFailed;
use shared::account::AccountNumber;
use shared::decision::PinCheck;
use shared::port_out_id::PortOutId;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::pin_hash::digest::{PinDigest, SALT_BYTES};
use crate::pin_hash::fingerprint::Fingerprint;
use crate::pin_hash::pepper::{KeyId, Pepper, PepperedPin};
use crate::random;

/// Rounds for new digests: what the OWASP Password Storage Cheat Sheet recommends for PBKDF2-HMAC-SHA256. `make bench`
/// measures what they cost.
pub const DEFAULT_ROUNDS: u32 = 600_000;
/// Fewest rounds that a configuration can set, so that a typing error does not leave PINs unprotected.
pub const MIN_ROUNDS: u32 = 100_000;

/// Domain tag, so that a MAC of a PIN is never mistaken for one that the same key made for another purpose.
///
/// Stored digests depend on it, so it never changes.
const PIN_TAG: &[u8] = b"port-out-pin/v1";
/// Longer texts cannot be a PIN and are hashed first, so that the message stays below the 4,096 bytes that KMS accepts.
const MAX_PIN_BYTES: usize = 256;

/// Makes and compares PIN digests.
#[derive(Clone)]
pub struct Hasher {
    pepper: Arc<Pepper>,
    rounds: u32,
    /// One permit per core: more hashes at once would not finish sooner, and would starve the thread that serves I/O.
    permits: Arc<Semaphore>,
}

impl Hasher {
    /// Creates a hasher that makes digests with `rounds` rounds, but no fewer than [`MIN_ROUNDS`].
    ///
    /// # Errors
    /// If PBKDF2 fails its known-answer test in this process.
    pub fn new(pepper: impl Into<Arc<Pepper>>, rounds: u32) -> Result<Self, SelfTestFailed> {
        port_out_pbkdf2::self_test()?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            pepper: pepper.into(),
            rounds: rounds.max(MIN_ROUNDS),
            permits: Arc::new(Semaphore::new(cores)),
        })
    }

    /// Peppers a text that was given as this account's PIN, the first step of everything else.
    ///
    /// # Errors
    /// If KMS does not answer.
    pub async fn pepper(&self, account: &AccountNumber, pin: &str) -> Result<PepperedPin, Error> {
        self.pepper.current(&message(account, pin)).await
    }

    /// Makes a digest with a new salt.
    ///
    /// # Errors
    /// If the system has no randomness, or the hashing thread fails.
    pub async fn digest(&self, peppered: &PepperedPin) -> Result<PinDigest, Error> {
        let salt = random::bytes::<SALT_BYTES>()?;
        let (mac, rounds) = (secret_copy(peppered), self.rounds);
        let hash = self.run_blocking(move || port_out_pbkdf2::derive(&*mac, &salt, rounds)).await?;
        Ok(PinDigest { rounds, key_id: peppered.key_id().clone(), salt, hash })
    }

    /// Compares a PIN with a digest, in constant time.
    ///
    /// Without a digest the same work is done, so that the time does not reveal whether an account exists or has a PIN.
    ///
    /// # Errors
    /// If the digest's key is not configured or KMS does not answer: the PIN is then neither right nor wrong.
    pub async fn check(
        &self,
        account: &AccountNumber,
        pin: &str,
        peppered: &PepperedPin,
        digest: Option<&PinDigest>,
    ) -> Result<PinCheck, Error> {
        let Some(digest) = digest else {
            self.digest(peppered).await?;
            return Ok(PinCheck::Wrong);
        };
        let peppered = self.pepper_with(&digest.key_id, account, pin, peppered).await?;
        let (mac, digest) = (secret_copy(&peppered), digest.clone());
        let same = self.run_blocking(move || verify(&mac, &digest)).await?;
        Ok(if same { PinCheck::Right } else { PinCheck::Wrong })
    }

    /// Returns whether a digest should be replaced the next time its PIN is known: it has fewer rounds or another key.
    ///
    /// One with more rounds and the same key is kept, so that instances with old and new configurations do not undo
    /// each other's work.
    pub fn is_outdated(&self, digest: &PinDigest, peppered: &PepperedPin) -> bool {
        digest.rounds < self.rounds || digest.key_id != *peppered.key_id()
    }

    /// Returns the fingerprint that binds a PIN to one port-out.
    pub fn fingerprint(&self, peppered: &PepperedPin, port_out: &PortOutId) -> Fingerprint {
        Fingerprint::new(peppered, port_out)
    }

    /// Returns whether a port-out was first sent with this PIN, compared in constant time.
    ///
    /// # Errors
    /// If the fingerprint's key is not configured or KMS does not answer.
    pub async fn same_fingerprint(
        &self,
        account: &AccountNumber,
        pin: &str,
        peppered: &PepperedPin,
        port_out: &PortOutId,
        first: &Fingerprint,
    ) -> Result<bool, Error> {
        let peppered = self.pepper_with(first.key_id(), account, pin, peppered).await?;
        Ok(first.matches(&peppered, port_out))
    }

    /// Runs slow work on another thread.
    async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| Error::internal("no more hashing"))?;
        // The permit is held until the work ends, even if the caller has timed out meanwhile.
        let work = move || (work(), drop(permit)).0;
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::internal("the hashing thread died"))
    }

    /// Peppers the PIN with the given key. The result differs from `peppered` only after a key rotation.
    async fn pepper_with(
        &self,
        key_id: &KeyId,
        account: &AccountNumber,
        pin: &str,
        peppered: &PepperedPin,
    ) -> Result<PepperedPin, Error> {
        if peppered.key_id() == key_id {
            return Ok(peppered.clone());
        }
        self.pepper.with_key(key_id, &message(account, pin)).await
    }
}

fn message(account: &AccountNumber, pin: &str) -> Zeroizing<Vec<u8>> {
    // The account is part of the message, so the same PIN of two accounts has different hashes. An account number
    // cannot contain the separator, so one account's message is never another's.
    let mut message = Zeroizing::new(Vec::with_capacity(MAX_PIN_BYTES));
    message.extend_from_slice(PIN_TAG);
    message.push(0);
    message.extend_from_slice(account.as_str().as_bytes());
    message.push(0);
    match pin.len() {
        0..=MAX_PIN_BYTES => message.extend_from_slice(pin.as_bytes()),
        // A second separator, so that a short text is never mistaken for the hash of a long one.
        _ => {
            message.push(0);
            let hash = ring::digest::digest(&ring::digest::SHA256, pin.as_bytes());
            message.extend_from_slice(hash.as_ref());
        }
    }
    message
}

fn secret_copy(peppered: &PepperedPin) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(*peppered.expose_mac())
}

fn verify(mac: &[u8; 32], digest: &PinDigest) -> bool {
    port_out_pbkdf2::derive(mac, &digest.salt, digest.rounds).ct_eq(&digest.hash).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pin_hash::pepper::LocalKey;

    fn hasher(key: u8, previous: Option<u8>, rounds: u32) -> Hasher {
        let local = |byte: u8| Box::new(LocalKey::new(&[byte; 32]).unwrap());
        Hasher::new(Pepper::Local { current: local(key), previous: previous.map(local) }, rounds).unwrap()
    }

    fn contoso() -> AccountNumber {
        "CONTOSO".parse().unwrap()
    }

    async fn check(hasher: &Hasher, pin: &str, digest: &str) -> PinCheck {
        let peppered = hasher.pepper(&contoso(), pin).await.unwrap();
        let digest = digest.parse().unwrap();
        hasher.check(&contoso(), pin, &peppered, Some(&digest)).await.unwrap()
    }

    #[test]
    fn the_cost_is_the_intended_one() {
        assert_eq!((DEFAULT_ROUNDS, MIN_ROUNDS, SALT_BYTES), (600_000, 100_000, 16));
        assert_eq!(hasher(1, None, 1).rounds, MIN_ROUNDS);
    }

    // Frozen: every record that was ever written must verify forever. PIN 482913 of CONTOSO under the key of 32 bytes
    // 01, made with Python and so independent of the code under test:
    // mac = hmac.new(key, b"port-out-pin/v1\0CONTOSO\x00482913", "sha256").digest()
    // hash = hashlib.pbkdf2_hmac("sha256", mac, salt, rounds)
    const FROZEN: &[&str] = &[
        "pbkdf2-sha256$100000$local-9bb69fe0fc5c95ef$AAECAwQFBgcICQoLDA0ODw$9ACx2lmlzZ84xSGGay4yruqiEj7f5FLeEkDlqE41qdQ",
        "pbkdf2-sha256$600000$local-9bb69fe0fc5c95ef$/////////////////////w$j7csEzGOAdJhBzr+4cUI3vF1/q+/NXXpcJVSU4SKBBQ",
    ];

    #[tokio::test]
    async fn frozen_records_verify_forever() {
        for record in FROZEN {
            assert_eq!(check(&hasher(1, None, MIN_ROUNDS), "482913", record).await, PinCheck::Right);
            assert_eq!(check(&hasher(1, None, MIN_ROUNDS), "482914", record).await, PinCheck::Wrong);
        }
    }

    #[tokio::test]
    async fn a_new_digest_verifies_its_pin_only_and_never_repeats() {
        let hasher = hasher(1, None, MIN_ROUNDS);
        let peppered = hasher.pepper(&contoso(), "0482913").await.unwrap();
        let (one, two) = (hasher.digest(&peppered).await.unwrap(), hasher.digest(&peppered).await.unwrap());
        assert!(one != two);
        assert_eq!(check(&hasher, "0482913", &one.expose_stored()).await, PinCheck::Right);
        assert_eq!(check(&hasher, "482913", &one.expose_stored()).await, PinCheck::Wrong);
    }

    #[tokio::test]
    async fn another_account_or_another_key_makes_another_hash() {
        let (ours, theirs) = (hasher(1, None, MIN_ROUNDS), hasher(2, None, MIN_ROUNDS));
        let fabrikam = "FABRIKAM".parse().unwrap();
        let contoso_mac = ours.pepper(&contoso(), "482913").await.unwrap();
        assert!(contoso_mac.expose_mac() != ours.pepper(&fabrikam, "482913").await.unwrap().expose_mac());
        assert!(contoso_mac.expose_mac() != theirs.pepper(&contoso(), "482913").await.unwrap().expose_mac());
    }

    #[tokio::test]
    async fn a_record_of_the_previous_key_verifies_and_is_outdated() {
        let (old, new) = (hasher(1, None, MIN_ROUNDS), hasher(2, Some(1), MIN_ROUNDS));
        let peppered = old.pepper(&contoso(), "482913").await.unwrap();
        let digest = old.digest(&peppered).await.unwrap();
        assert_eq!(check(&new, "482913", &digest.expose_stored()).await, PinCheck::Right);
        let peppered = new.pepper(&contoso(), "482913").await.unwrap();
        assert!(new.is_outdated(&digest, &peppered));
        assert!(!new.is_outdated(&new.digest(&peppered).await.unwrap(), &peppered));
        assert!(hasher(2, None, 200_000).is_outdated(&digest, &peppered));
    }

    #[tokio::test]
    async fn a_fingerprint_recognizes_the_pin_of_its_port_out_across_a_key_rotation() {
        let (old, new) = (hasher(1, None, MIN_ROUNDS), hasher(2, Some(1), MIN_ROUNDS));
        let port_out = |version: &str| {
            PortOutId::of(&"A123".parse().unwrap(), &"P".parse().unwrap(), version.parse().unwrap())
        };
        let first = old.fingerprint(&old.pepper(&contoso(), "482913").await.unwrap(), &port_out("01"));
        for (pin, id, same) in [
            ("482913", port_out("01"), true),
            ("482914", port_out("01"), false),
            ("482913", port_out("02"), false),
        ] {
            let peppered = new.pepper(&contoso(), pin).await.unwrap();
            let answer = new.same_fingerprint(&contoso(), pin, &peppered, &id, &first).await.unwrap();
            assert_eq!(answer, same, "{id}");
        }
    }

    #[tokio::test]
    async fn a_text_far_too_long_for_a_pin_is_hashed_too_and_differs_by_its_last_character() {
        let hasher = hasher(1, None, MIN_ROUNDS);
        let (one, two) = (format!("{}1", "9".repeat(60_000)), format!("{}2", "9".repeat(60_000)));
        let (one, two) =
            (hasher.pepper(&contoso(), &one).await.unwrap(), hasher.pepper(&contoso(), &two).await.unwrap());
        assert!(one.expose_mac() != two.expose_mac());
    }
}
