//! Slow hashes of one submitted PIN: each is made once, however often the request is tried.

use runtime::error::Error;
use runtime::pin_hash::digest::StoredPin;
use runtime::pin_hash::fingerprint::Fingerprint;
use runtime::pin_hash::hasher::Hasher;
use runtime::pin_hash::parameters::HashParameters;
use runtime::pin_hash::pepper::PepperedPin;
use runtime::pin_hash::slow_hash::SlowHash;
use runtime::random;
use shared::account::AccountNumber;
use shared::port_out_id::PortOutId;

/// A submitted PIN and its hashes so far.
pub struct PinHashes<'a> {
    hasher: &'a Hasher,
    account: &'a AccountNumber,
    pin: &'a str,
    peppered: PepperedPin,
    made: Vec<SlowHash>,
    /// Parameters for an account that has none.
    unsalted: Option<HashParameters>,
}

impl<'a> PinHashes<'a> {
    pub fn new(hasher: &'a Hasher, account: &'a AccountNumber, pin: &'a str, peppered: PepperedPin) -> Self {
        Self { hasher, account, pin, peppered, made: Vec::new(), unsalted: None }
    }

    /// Returns the hash under the account's parameters. For an account without a PIN, and for one that does not exist, a
    /// salt is drawn, so that the time reveals neither.
    pub async fn under(&mut self, parameters: Option<&HashParameters>) -> Result<SlowHash, Error> {
        let parameters = match (parameters, &self.unsalted) {
            (Some(parameters), _) | (None, Some(parameters)) => parameters.clone(),
            (None, None) => {
                let drawn = self.hasher.parameters(&self.peppered, random::bytes()?);
                self.unsalted.insert(drawn).clone()
            }
        };
        if let Some(made) = self.made.iter().find(|hash| *hash.parameters() == parameters) {
            return Ok(made.clone());
        }
        let hash = self.hasher.hash(self.account, self.pin, &self.peppered, &parameters).await?;
        self.made.push(hash.clone());
        Ok(hash)
    }

    /// Returns whether a port-out was sent with this PIN. If the key of its record is gone, this cannot be found out, and the
    /// request counts as another one.
    pub async fn made(&mut self, fingerprint: &Fingerprint, id: &PortOutId) -> Result<bool, Error> {
        match self.under(Some(&fingerprint.parameters)).await {
            Ok(hash) => Ok(hash.is_pin_of_port_out(fingerprint, id)),
            Err(error) if error.is_key_gone() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns the digest under today's parameters and the account's salt, if these parameters are outdated.
    pub async fn renewed(&mut self, parameters: &HashParameters) -> Result<Option<StoredPin>, Error> {
        if !self.hasher.is_outdated(parameters, &self.peppered) {
            return Ok(None);
        }
        let today = self.hasher.parameters(&self.peppered, parameters.salt);
        Ok(Some(self.under(Some(&today)).await?.digest()))
    }
}
