//! The order's PIN fingerprint: tells a repeated request from a changed one, and is worth nothing elsewhere.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::hmac;

use crate::pin_hash::pepper::{KeyId, PepperedPin};
use shared::port_out_id::PortOutId;

/// HMAC-SHA256 of the order's identity under the keyed hash of its PIN; stored as `<key id>$<base64>`.
#[derive(Clone)]
pub struct Fingerprint {
    key_id: KeyId,
    tag: [u8; 32],
}

/// The text is not a fingerprint that we ever wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stored fingerprint")]
pub struct FingerprintError;

/// Domain tag: this MAC can never be taken for one made for something else with the same key.
const TAG: &[u8] = b"port-out-order/v1\0";

fn key(peppered: &PepperedPin) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, peppered.expose_mac())
}

fn message(order: &PortOutId) -> Vec<u8> {
    [TAG, order.as_str().as_bytes()].concat()
}

impl Fingerprint {
    pub(super) fn of(peppered: &PepperedPin, order: &PortOutId) -> Self {
        let mut tag = [0; 32];
        let signed = hmac::sign(&key(peppered), &message(order));
        tag.iter_mut().zip(signed.as_ref()).for_each(|(to, from)| *to = *from);
        Self { key_id: peppered.key_id().clone(), tag }
    }

    /// Whether this order carried that PIN, compared in constant time.
    pub(super) fn matches(&self, peppered: &PepperedPin, order: &PortOutId) -> bool {
        hmac::verify(&key(peppered), &message(order), &self.tag).is_ok()
    }

    /// Which key it was made with.
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// The text to store, which nothing but the table may see.
    pub fn expose_stored(&self) -> String {
        format!("{}${}", self.key_id.as_str(), BASE64.encode(self.tag))
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key_id, tag) = text.split_once('$').ok_or(FingerprintError)?;
        let key_id = key_id.parse().map_err(|_| FingerprintError)?;
        let tag = BASE64.decode(tag).ok().and_then(|tag| tag.try_into().ok()).ok_or(FingerprintError)?;
        Ok(Self { key_id, tag })
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(…)")
    }
}
