//! Protects stored PINs: a keyed hash, then a slow salted hash, compared in constant time.
//!
//! There are only 10^6 PINs of six digits, so salt and rounds alone do not stop an attacker who has the table. The key
//! does, because it is not in the table: [`pepper`] asks AWS KMS, whose HSM never reveals it, or uses a local key.
//! [`hasher::Hasher`] makes and compares digests; [`digest::PinDigest`] is what is stored.

pub mod digest;
pub mod fingerprint;
pub mod hasher;
pub mod pepper;
pub mod webhook_secret;
