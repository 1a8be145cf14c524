//! Guarding a PIN: keyed hash, then a slow salted hash, and comparison in constant time.
//!
//! A PIN of 6 digits is one of 10^6: salt and rounds alone protect nothing from somebody who has the table.
//! The key does, and it is not in the table: [`keyed`] asks AWS KMS, whose HSM never gives it away, or uses a
//! local key. What is stored is [`stored::PinDigest`]; [`hasher::Hasher`] makes and compares it.

pub mod digest;
pub mod fingerprint;
pub mod hasher;
pub mod pepper;
pub mod webhook_secret;
