//! Fingerprint of a port-out's PIN: tells a repeated request from one with another PIN, and is useless for anything
//! else.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::hmac;
use shared::port_out_id::PortOutId;

use crate::pin_hash::pepper::{KeyId, PepperedPin};

/// HMAC-SHA256 of a port-out's id, keyed with its peppered PIN. Stored as `<key id>$<base64>`.
///
/// The id is part of it, so equal PINs of two port-outs have different fingerprints.
#[derive(Clone)]
pub struct Fingerprint {
    key_id: KeyId,
    tag: [u8; 32],
}

/// A stored text is not a fingerprint that this service wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stored fingerprint")]
pub struct FingerprintError;

/// Domain tag, so that this MAC is never mistaken for one that the same key made for another purpose.
///
/// Stored fingerprints depend on it, so it never changes.
const TAG: &[u8] = b"port-out-order/v1\0";

fn key(peppered: &PepperedPin) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, peppered.expose_mac())
}

fn message(port_out: &PortOutId) -> Vec<u8> {
    [TAG, port_out.as_str().as_bytes()].concat()
}

impl Fingerprint {
    pub(super) fn new(peppered: &PepperedPin, port_out: &PortOutId) -> Self {
        let mut tag = [0; 32];
        let signed = hmac::sign(&key(peppered), &message(port_out));
        tag.iter_mut().zip(signed.as_ref()).for_each(|(to, from)| *to = *from);
        Self { key_id: peppered.key_id().clone(), tag }
    }

    /// Returns whether this port-out was sent with that PIN, compared in constant time.
    pub(super) fn matches(&self, peppered: &PepperedPin, port_out: &PortOutId) -> bool {
        hmac::verify(&key(peppered), &message(port_out), &self.tag).is_ok()
    }

    /// Returns the key of the peppered PIN that it was made with.
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// Returns the text to store, which must go nowhere but into the table.
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
