//! PBKDF2-HMAC-SHA256 (RFC 8018), the slow part of a PIN digest, by the fastest well-kept implementation without C.
//!
//! `sha2` asks at run time whether the processor has instructions for SHA-256 (SHA-NI, ARMv8) and uses them.

use sha2::Sha256;

/// Bytes of the hash, those of SHA-256.
pub const HASH_BYTES: usize = 32;

/// The hash of a secret, with this salt, after so many rounds; no rounds count as one.
// All callers run the same code, and none has it compiled for size with its own.
#[inline(never)]
pub fn derive(secret: &[u8], salt: &[u8], rounds: u32) -> [u8; HASH_BYTES] {
    let mut hash = [0; HASH_BYTES];
    pbkdf2::pbkdf2_hmac::<Sha256>(secret, salt, rounds.max(1), &mut hash);
    hash
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    // RFC 7914 section 11, of whose 64 bytes the first 32 are one block of their own.
    #[test]
    fn the_published_vectors_hold() {
        for (secret, salt, rounds, expected) in [
            ("passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"),
            ("Password", "NaCl", 80_000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"),
        ] {
            assert_eq!(hex(&derive(secret.as_bytes(), salt.as_bytes(), rounds)), expected);
        }
    }

    fn by_ring(secret: &[u8], salt: &[u8], rounds: u32) -> [u8; HASH_BYTES] {
        let (mut hash, rounds) = ([0; HASH_BYTES], NonZeroU32::new(rounds).unwrap());
        ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, secret, &mut hash);
        hash
    }

    proptest! {
        #[test]
        fn another_implementation_gives_the_same_bytes(
            secret in prop::collection::vec(any::<u8>(), 0..200),
            salt in prop::collection::vec(any::<u8>(), 0..200),
            rounds in 1..300_u32,
        ) {
            prop_assert_eq!(derive(&secret, &salt, rounds), by_ring(&secret, &salt, rounds));
        }
    }
}
