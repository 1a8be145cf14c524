//! The hash alone, in this process.

use runtime::pin_hash::hasher::Hasher;
use runtime::pin_hash::parameters::SALT_BYTES;
use runtime::pin_hash::pepper::{LocalKey, Pepper};
use std::time::{Duration, Instant};

const PIN: &str = "739184";

/// Makes hashes with a fixed number of rounds.
pub struct Hash(Hasher);

impl Hash {
    /// Checks the hash, as a function does at its start.
    pub fn new(rounds: u32) -> Self {
        let current = Box::new(LocalKey::new(&[7; 32]).expect("a key"));
        Self(Hasher::new(Pepper::Local { current, previous: None }, rounds).expect("the self-test passes"))
    }

    /// Returns how long one hash takes.
    pub async fn time(&self) -> Duration {
        let account = "CONTOSO".parse().expect("an account number");
        let began = Instant::now();
        let peppered = self.0.pepper(&account, PIN).await.expect("a peppered PIN");
        let parameters = self.0.parameters(&peppered, [7; SALT_BYTES]);
        self.0.hash(&account, PIN, &peppered, &parameters).await.expect("a hash").digest();
        began.elapsed()
    }
}
