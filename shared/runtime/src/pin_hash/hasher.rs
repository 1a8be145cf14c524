//! Makes and compares PIN digests, off the thread that serves I/O.

use std::sync::Arc;

use port_out_pbkdf2::SelfTestFailed;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::pin_hash::digest::{PinDigest, SALT_BYTES};
use crate::pin_hash::fingerprint::Fingerprint;
use crate::pin_hash::pepper::{KeyId, Pepper, PepperedPin};
use crate::random;
use shared::account::AccountNumber;
use shared::decision::PinCheck;
use shared::port_out_id::PortOutId;

/// OWASP Password Storage Cheat Sheet for PBKDF2-HMAC-SHA256; `make bench` times it.
pub const DEFAULT_ROUNDS: u32 = 600_000;
/// Under this no configuration may go.
pub const MIN_ROUNDS: u32 = 100_000;

/// Domain tag: a MAC made for a PIN can never be taken for one made for something else with the same key.
const PIN_TAG: &[u8] = b"port-out-pin/v1";
/// Longer texts are no PIN; what is sent to be hashed stays far under the 4,096 bytes that KMS takes.
const LONGEST_HASHED_PIN: usize = 256;

/// Makes and compares PIN digests.
#[derive(Clone)]
pub struct Hasher {
    pepper: Arc<Pepper>,
    rounds: u32,
    /// As many hashes run at once as there are cores: more would end no sooner, and crowd out the thread that serves I/O.
    turns: Arc<Semaphore>,
}

impl Hasher {
    /// Creates a hasher whose new digests have `rounds` rounds, at least [`MIN_ROUNDS`].
    ///
    /// # Errors
    /// If PBKDF2 fails its known-answer test in this process.
    pub fn new(pepper: impl Into<Arc<Pepper>>, rounds: u32) -> Result<Self, SelfTestFailed> {
        port_out_pbkdf2::self_test()?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            pepper: pepper.into(),
            rounds: rounds.max(MIN_ROUNDS),
            turns: Arc::new(Semaphore::new(cores)),
        })
    }

    /// The keyed hash of what was given as this account's PIN: the first step of everything else.
    pub async fn pepper(&self, account: &AccountNumber, pin: &str) -> Result<PepperedPin, Error> {
        self.pepper.current(&message(account, pin)).await
    }

    /// A new digest with new salt.
    pub async fn digest(&self, peppered: &PepperedPin) -> Result<PinDigest, Error> {
        let salt = random::bytes::<SALT_BYTES>()?;
        let (mac, rounds) = (secret_copy(peppered), self.rounds);
        let hash = self.in_turn(move || port_out_pbkdf2::derive(&*mac, &salt, rounds)).await?;
        Ok(PinDigest { rounds, key_id: peppered.key_id().clone(), salt, hash })
    }

    /// Compares in constant time. Without a digest, or with one that no key of ours made, the same work is done.
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
        let peppered = self.under(&digest.key_id, account, pin, peppered).await?;
        let (mac, digest) = (secret_copy(&peppered), digest.clone());
        let same = self.in_turn(move || verify(&mac, &digest)).await?;
        Ok(if same { PinCheck::Right } else { PinCheck::Wrong })
    }

    /// Whether a digest should be made anew the next time its PIN is known: never with fewer rounds under the same key,
    /// so that instances with old and new configuration side by side do not undo each other's work.
    pub fn is_outdated(&self, digest: &PinDigest, peppered: &PepperedPin) -> bool {
        digest.rounds < self.rounds || digest.key_id != *peppered.key_id()
    }

    /// The fingerprint that binds a PIN to one order.
    pub fn fingerprint(&self, peppered: &PepperedPin, order: &PortOutId) -> Fingerprint {
        Fingerprint::of(peppered, order)
    }

    /// Whether this is the PIN that an order carried first, compared in constant time.
    pub async fn same_fingerprint(
        &self,
        account: &AccountNumber,
        pin: &str,
        peppered: &PepperedPin,
        order: &PortOutId,
        first: &Fingerprint,
    ) -> Result<bool, Error> {
        let peppered = self.under(first.key_id(), account, pin, peppered).await?;
        Ok(first.matches(&peppered, order))
    }

    /// Does slow work off this thread.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| Error::internal("no more hashing"))?;
        // The turn ends with the work, even if whoever waits for it has gone.
        let work = move || (work(), drop(turn)).0;
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::internal("the hashing thread died"))
    }

    async fn under(
        &self,
        key_id: &KeyId,
        account: &AccountNumber,
        pin: &str,
        peppered: &PepperedPin,
    ) -> Result<PepperedPin, Error> {
        if peppered.key_id() == key_id {
            return Ok(peppered.clone());
        }
        self.pepper.under(key_id, &message(account, pin)).await
    }
}

fn message(account: &AccountNumber, pin: &str) -> Zeroizing<Vec<u8>> {
    let mut message = Zeroizing::new(Vec::with_capacity(LONGEST_HASHED_PIN));
    message.extend_from_slice(PIN_TAG);
    message.push(0);
    message.extend_from_slice(account.as_str().as_bytes());
    message.push(0);
    match pin.len() {
        0..=LONGEST_HASHED_PIN => message.extend_from_slice(pin.as_bytes()),
        // Another separator, so that no short text can be taken for the hash of a long one.
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
    fn the_cost_is_the_one_aimed_at() {
        assert_eq!((DEFAULT_ROUNDS, MIN_ROUNDS, SALT_BYTES), (600_000, 100_000, 16));
        assert_eq!(hasher(1, None, 1).rounds, MIN_ROUNDS);
    }

    // Frozen: records that were written once must verify for ever. PIN 482913 of CONTOSO under the key of 32
    // bytes 01, made with Python, so not by the code that is tested here:
    // mac = hmac.new(key, b"port-out-pin/v1\0CONTOSO\x00482913", "sha256").digest()
    // hash = hashlib.pbkdf2_hmac("sha256", mac, salt, rounds)
    const FROZEN: &[&str] = &[
        "pbkdf2-sha256$100000$local-9bb69fe0fc5c95ef$AAECAwQFBgcICQoLDA0ODw$9ACx2lmlzZ84xSGGay4yruqiEj7f5FLeEkDlqE41qdQ",
        "pbkdf2-sha256$600000$local-9bb69fe0fc5c95ef$/////////////////////w$j7csEzGOAdJhBzr+4cUI3vF1/q+/NXXpcJVSU4SKBBQ",
    ];

    #[tokio::test]
    async fn frozen_records_verify_for_ever() {
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
    async fn a_fingerprint_tells_the_same_pin_of_the_same_order_across_a_key_rotation() {
        let (old, new) = (hasher(1, None, MIN_ROUNDS), hasher(2, Some(1), MIN_ROUNDS));
        let order = |version: &str| {
            PortOutId::of(&"A123".parse().unwrap(), &"P".parse().unwrap(), version.parse().unwrap())
        };
        let first = old.fingerprint(&old.pepper(&contoso(), "482913").await.unwrap(), &order("01"));
        for (pin, id, same) in
            [("482913", order("01"), true), ("482914", order("01"), false), ("482913", order("02"), false)]
        {
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
