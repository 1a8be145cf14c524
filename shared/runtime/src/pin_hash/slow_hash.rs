//! The one slow hash of a PIN, and the digest and fingerprints that are made from it.

use ring::hmac;
use shared::port_out_id::PortOutId;
use zeroize::Zeroizing;

use crate::pin_hash::digest::{PinDigest, StoredPin, TAG_BYTES};
use crate::pin_hash::fingerprint::Fingerprint;
use crate::pin_hash::parameters::HashParameters;

/// Domain tags, so that a digest is never mistaken for a fingerprint. Stored records depend on them, so they never
/// change.
const DIGEST: &[u8] = b"digest";
const PORT_OUT: &[u8] = b"port-out\0";

/// PBKDF2 of a peppered PIN. It is wiped from memory when dropped.
#[derive(Clone)]
pub struct SlowHash {
    pub(super) parameters: HashParameters,
    pub(super) bytes: Zeroizing<[u8; TAG_BYTES]>,
}

impl SlowHash {
    /// Returns how it was made.
    pub fn parameters(&self) -> &HashParameters {
        &self.parameters
    }

    /// Returns the digest to store with an account.
    pub fn digest(&self) -> StoredPin {
        StoredPin { parameters: self.parameters.clone(), digest: PinDigest::new(self.tag(&[DIGEST])) }
    }

    /// Returns the fingerprint to store with a port-out.
    pub fn fingerprint(&self, port_out: &PortOutId) -> Fingerprint {
        let tag = self.tag(&[PORT_OUT, port_out.as_str().as_bytes()]);
        Fingerprint { parameters: self.parameters.clone(), tag }
    }

    /// Returns whether the account has this PIN, compared in constant time.
    pub fn is_pin_of(&self, stored: &StoredPin) -> bool {
        self.parameters == stored.parameters && self.digest().digest == stored.digest
    }

    /// Returns whether a port-out was sent with this PIN, compared in constant time.
    pub fn is_pin_of_port_out(&self, fingerprint: &Fingerprint, port_out: &PortOutId) -> bool {
        let message = [PORT_OUT, port_out.as_str().as_bytes()].concat();
        self.parameters == fingerprint.parameters
            && hmac::verify(&self.key(), &message, &fingerprint.tag).is_ok()
    }

    fn tag(&self, message: &[&[u8]]) -> [u8; TAG_BYTES] {
        let mut tag = [0; TAG_BYTES];
        let signed = hmac::sign(&self.key(), &message.concat());
        tag.iter_mut().zip(signed.as_ref()).for_each(|(to, from)| *to = *from);
        tag
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &*self.bytes)
    }
}
