//! Protects stored PINs: a keyed hash, then a slow salted hash, compared in constant time.
//!
//! There are only 10^6 PINs of six digits, so salt and rounds alone do not stop an attacker who has the table. The key
//! does, because it is not in the table: [`pepper`] asks AWS KMS, whose HSM never reveals it, or uses a local key.
//! [`hasher::Hasher`] makes the one slow hash of a PIN, and [`slow_hash::SlowHash`] makes everything that is stored from
//! it, so that nothing stored is cheaper to attack than anything else.

pub mod digest;
pub mod fingerprint;
pub mod hasher;
pub mod parameters;
pub mod pepper;
pub mod slow_hash;
pub mod webhook_secret;
