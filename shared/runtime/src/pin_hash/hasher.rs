//! Hashes PINs, away from the thread that serves I/O.

use std::sync::Arc;

use port_out_pbkdf2::SelfTestFailed;
use shared::account::AccountNumber;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::pin_hash::parameters::{HashParameters, MAX_ROUNDS, SALT_BYTES};
use crate::pin_hash::pepper::{KeyId, Pepper, PepperedPin};
use crate::pin_hash::slow_hash::SlowHash;
use crate::timings::{self, Dependency};

/// Rounds for new hashes: what the OWASP Password Storage Cheat Sheet recommends for PBKDF2-HMAC-SHA256. `make bench`
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

/// Hashes PINs.
#[derive(Clone)]
pub struct Hasher {
    pepper: Arc<Pepper>,
    rounds: u32,
    /// One permit per core: more hashes at once would not finish sooner, and would starve the thread that serves I/O.
    permits: Arc<Semaphore>,
}

impl Hasher {
    /// Creates a hasher that makes new hashes with `rounds` rounds, from [`MIN_ROUNDS`] to [`MAX_ROUNDS`].
    ///
    /// # Errors
    /// If PBKDF2 fails its known-answer test in this process.
    pub fn new(pepper: impl Into<Arc<Pepper>>, rounds: u32) -> Result<Self, SelfTestFailed> {
        port_out_pbkdf2::self_test()?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            pepper: pepper.into(),
            rounds: rounds.clamp(MIN_ROUNDS, MAX_ROUNDS),
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

    /// Returns today's parameters for a PIN that was peppered with the current key.
    pub fn parameters(&self, peppered: &PepperedPin, salt: [u8; SALT_BYTES]) -> HashParameters {
        HashParameters { rounds: self.rounds, key_id: peppered.key_id().clone(), salt }
    }

    /// Hashes a PIN slowly under these parameters, whose key may be an older one than that of `peppered`.
    ///
    /// # Errors
    /// If the parameters' key is not configured, KMS does not answer, or the hashing thread fails: the PIN is then
    /// neither right nor wrong.
    pub async fn hash(
        &self,
        account: &AccountNumber,
        pin: &str,
        peppered: &PepperedPin,
        parameters: &HashParameters,
    ) -> Result<SlowHash, Error> {
        let peppered = self.pepper_with(&parameters.key_id, account, pin, peppered).await?;
        let (mac, parameters) = (secret_copy(&peppered), parameters.clone());
        self.run_blocking(move || {
            let bytes = Zeroizing::new(port_out_pbkdf2::derive(&*mac, &parameters.salt, parameters.rounds));
            SlowHash { parameters, bytes }
        })
        .await
    }

    /// Returns whether a PIN should be hashed anew the next time it is known: its record has fewer rounds or another key.
    ///
    /// One with more rounds and the same key is kept, so that instances with old and new configurations do not undo
    /// each other's work.
    pub fn is_outdated(&self, parameters: &HashParameters, peppered: &PepperedPin) -> bool {
        parameters.rounds < self.rounds || parameters.key_id != *peppered.key_id()
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
        let hash = timings::timed(Dependency::Hash, tokio::task::spawn_blocking(work));
        hash.await.map_err(|_| Error::internal("the hashing thread died"))
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

/// Copies the secret for another thread. The copy is wiped when dropped, too.
fn secret_copy(peppered: &PepperedPin) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(*peppered.expose_mac())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pin_hash::digest::StoredPin;
    use crate::pin_hash::fingerprint::Fingerprint;
    use crate::pin_hash::pepper::LocalKey;
    use shared::port_out_id::{PortOutId, Requester, Version};

    const SALT: [u8; SALT_BYTES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    fn hasher(key: u8, previous: Option<u8>, rounds: u32) -> Hasher {
        let local = |byte: u8| Box::new(LocalKey::new(&[byte; 32]).unwrap());
        Hasher::new(Pepper::Local { current: local(key), previous: previous.map(local) }, rounds).unwrap()
    }

    fn contoso() -> AccountNumber {
        "CONTOSO".parse().unwrap()
    }

    fn port_out(version: &str) -> PortOutId {
        let requester = Requester::Carrier("A123".parse().unwrap());
        PortOutId::of(&requester, &"TX-1001".parse().unwrap(), Version::recorded(version).unwrap())
    }

    async fn hash(hasher: &Hasher, pin: &str, parameters: &HashParameters) -> SlowHash {
        let peppered = hasher.pepper(&contoso(), pin).await.unwrap();
        hasher.hash(&contoso(), pin, &peppered, parameters).await.unwrap()
    }

    async fn current(hasher: &Hasher, pin: &str) -> SlowHash {
        let peppered = hasher.pepper(&contoso(), pin).await.unwrap();
        hash(hasher, pin, &hasher.parameters(&peppered, SALT)).await
    }

    #[test]
    fn the_cost_is_the_intended_one() {
        assert_eq!((DEFAULT_ROUNDS, MIN_ROUNDS, MAX_ROUNDS, SALT_BYTES), (600_000, 100_000, 10_000_000, 16));
        assert_eq!((hasher(1, None, 1).rounds, hasher(1, None, u32::MAX).rounds), (MIN_ROUNDS, MAX_ROUNDS));
    }

    // Frozen: every record that was ever written must verify forever. PIN 482913 of CONTOSO under the key of 32 bytes
    // 01, and port-out TX-1001 01 of A123, made with Python and so independent of the code under test:
    // mac = hmac.new(key, b"port-out-pin/v1\0CONTOSO\x00482913", "sha256").digest()
    // slow = hashlib.pbkdf2_hmac("sha256", mac, salt, rounds)
    // digest = hmac.new(slow, b"digest", "sha256").digest()
    // fingerprint = hmac.new(slow, b"port-out\0" + id, "sha256").digest()
    const FROZEN: &[[&str; 3]] = &[
        [
            "pbkdf2-sha256$100000$local-9bb69fe0fc5c95ef$AAECAwQFBgcICQoLDA0ODw",
            "0OKI2IhqjfelihGIz2et7GvAohxXVx66k+9G1lz1DOc",
            "V/NbrSCwRCzNoGTva1F9FeecdfOfEVPXxjieEUT2Cvw",
        ],
        [
            "pbkdf2-sha256$600000$local-9bb69fe0fc5c95ef$/////////////////////w",
            "rJOvBGAUS8WYzqDrPO9JlnvqUvOKJ/+yddW3vTdUbCM",
            "5/vMaE4AVE9oCFJRcC76lxiQYgQndxdp9w+j6LXJsic",
        ],
    ];

    #[tokio::test]
    async fn frozen_records_verify_forever() {
        for [parameters, digest, fingerprint] in FROZEN {
            let stored =
                StoredPin { parameters: parameters.parse().unwrap(), digest: digest.parse().unwrap() };
            let sent: Fingerprint = format!("{parameters}${fingerprint}").parse().unwrap();
            for (pin, right) in [("482913", true), ("482914", false)] {
                let hash = hash(&hasher(1, None, MIN_ROUNDS), pin, &stored.parameters).await;
                assert_eq!(hash.is_pin_of(&stored), right);
                assert_eq!(hash.is_pin_of_port_out(&sent, &port_out("01")), right);
                assert!(!hash.is_pin_of_port_out(&sent, &port_out("02")));
                assert_eq!(hash.fingerprint(&port_out("01")).expose_stored() == sent.expose_stored(), right);
            }
        }
    }

    #[tokio::test]
    async fn equal_pins_make_equal_digests_under_one_salt_and_other_ones_under_another() {
        let hasher = hasher(1, None, MIN_ROUNDS);
        let one = current(&hasher, "0482913").await;
        assert!(one.digest() == current(&hasher, "0482913").await.digest());
        assert!(one.digest() != current(&hasher, "482913").await.digest());
        let salted = HashParameters { salt: [9; SALT_BYTES], ..one.parameters().clone() };
        assert!(one.digest().digest != hash(&hasher, "0482913", &salted).await.digest().digest);
    }

    #[tokio::test]
    async fn another_account_or_another_key_makes_another_pepper() {
        let (ours, theirs) = (hasher(1, None, MIN_ROUNDS), hasher(2, None, MIN_ROUNDS));
        let fabrikam = "FABRIKAM".parse().unwrap();
        let contoso_mac = ours.pepper(&contoso(), "482913").await.unwrap();
        assert!(contoso_mac.expose_mac() != ours.pepper(&fabrikam, "482913").await.unwrap().expose_mac());
        assert!(contoso_mac.expose_mac() != theirs.pepper(&contoso(), "482913").await.unwrap().expose_mac());
    }

    #[tokio::test]
    async fn a_record_of_the_previous_key_verifies_and_is_outdated() {
        let (old, new) = (hasher(1, None, MIN_ROUNDS), hasher(2, Some(1), MIN_ROUNDS));
        let made = current(&old, "482913").await;
        let again = hash(&new, "482913", made.parameters()).await;
        assert!(again.is_pin_of(&made.digest()));
        assert!(again.is_pin_of_port_out(&made.fingerprint(&port_out("01")), &port_out("01")));
        let peppered = new.pepper(&contoso(), "482913").await.unwrap();
        assert!(new.is_outdated(made.parameters(), &peppered));
        assert!(!new.is_outdated(&new.parameters(&peppered, SALT), &peppered));
        assert!(hasher(2, None, 200_000).is_outdated(&new.parameters(&peppered, SALT), &peppered));
        assert!(
            hasher(2, None, MIN_ROUNDS)
                .hash(&contoso(), "482913", &peppered, made.parameters())
                .await
                .is_err()
        );
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
