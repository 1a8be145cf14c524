//! PBKDF2-HMAC-SHA256 (RFC 8018), the slow part of a PIN digest: RustCrypto's, compiled for speed, with a self-test.

use sha2::Sha256;

/// Bytes of the hash, those of SHA-256.
pub const HASH_BYTES: usize = 32;

/// Derives the hash of a secret with this salt after this many rounds; 0 rounds count as 1.
// Every caller runs this one copy; inlined, it would be compiled with the caller's optimization level.
#[inline(never)]
pub fn derive(secret: &[u8], salt: &[u8], rounds: u32) -> [u8; HASH_BYTES] {
    let mut hash = [0; HASH_BYTES];
    pbkdf2::pbkdf2_hmac::<Sha256>(secret, salt, rounds.max(1), &mut hash);
    hash
}

/// The hash is wrong: a broken build or a broken processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the self-test of PBKDF2-HMAC-SHA256 failed")]
pub struct SelfTestFailed;

/// The first 32 bytes of the first vector of RFC 7914, section 11: "passwd", "salt", 1 round.
const KNOWN_ANSWER: [u8; HASH_BYTES] = [
    0x55, 0xac, 0x04, 0x6e, 0x56, 0xe3, 0x08, 0x9f, 0xec, 0x16, 0x91, 0xc2, 0x25, 0x44, 0xb6, 0x05, 0xf9,
    0x41, 0x85, 0x21, 0x6d, 0xde, 0x04, 0x65, 0xe6, 0x8b, 0x9d, 0x57, 0xc2, 0x0d, 0xac, 0xbc,
];
/// The same secret and salt after 1,000 rounds (computed with Python's `hashlib.pbkdf2_hmac`): proves the loop too.
const KNOWN_ANSWER_1000: [u8; HASH_BYTES] = [
    0xfa, 0x9c, 0x15, 0x8e, 0x67, 0x8b, 0xfe, 0x94, 0x18, 0x9b, 0x0b, 0x1a, 0x70, 0x7a, 0x09, 0x21, 0x67,
    0x2f, 0xdc, 0x9f, 0x11, 0xfa, 0x97, 0x88, 0x05, 0x96, 0x9d, 0xf3, 0x12, 0xc2, 0xc8, 0xef,
];

/// Compares two known answers with what this process computes; takes well under a millisecond.
///
/// # Errors
/// If an answer differs. A process in which this fails must not judge or store a PIN.
pub fn self_test() -> Result<(), SelfTestFailed> {
    let passed = derive(b"passwd", b"salt", 1) == KNOWN_ANSWER
        && derive(b"passwd", b"salt", 1_000) == KNOWN_ANSWER_1000;
    if passed { Ok(()) } else { Err(SelfTestFailed) }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    // RFC 7914, section 11: the first 32 of its 64 bytes are one block.
    #[test]
    fn the_published_vectors_hold() {
        for (secret, salt, rounds, expected) in [
            ("passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"),
            ("Password", "NaCl", 80_000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"),
        ] {
            assert_eq!(hex(&derive(secret.as_bytes(), salt.as_bytes(), rounds)), expected);
        }
    }

    #[test]
    fn the_self_test_passes() {
        assert_eq!(self_test(), Ok(()));
    }

    #[test]
    fn a_secret_fills_its_block_or_is_hashed_first() {
        for length in [0, 1, 31, 32, 33, 63, 64, 65, 128, 1_000] {
            let secret = vec![0xa5; length];
            assert_eq!(derive(&secret, b"salt", 3), by_ring(&secret, b"salt", 3), "{length} bytes");
        }
    }

    #[test]
    fn no_rounds_count_as_one() {
        assert_eq!(derive(b"secret", b"salt", 0), by_ring(b"secret", b"salt", 1));
    }

    fn by_ring(secret: &[u8], salt: &[u8], rounds: u32) -> [u8; HASH_BYTES] {
        let (mut hash, rounds) = ([0; HASH_BYTES], NonZeroU32::new(rounds).unwrap());
        ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, secret, &mut hash);
        hash
    }

    proptest! {
        #[test]
        fn ring_gives_the_same_bytes(
            secret in prop::collection::vec(any::<u8>(), 0..200),
            salt in prop::collection::vec(any::<u8>(), 0..200),
            rounds in 1..300_u32,
        ) {
            prop_assert_eq!(derive(&secret, &salt, rounds), by_ring(&secret, &salt, rounds));
        }
    }
}
