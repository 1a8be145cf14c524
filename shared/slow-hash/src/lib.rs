//! PBKDF2-HMAC-SHA256 (RFC 8018), the slow part of a PIN digest: HMAC's two blocks a round and nothing between them.
//!
//! The hash function is `sha2`'s, which asks at run time whether the processor has instructions for SHA-256 (SHA-NI,
//! ARMv8) and uses them. The rounds are ours, as a general HMAC copies and pads its whole state in each of them.

use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

/// Bytes of the hash, those of SHA-256.
pub const HASH_BYTES: usize = 32;

type Block = [u8; 64];
type State = [u32; 8];

/// FIPS 180-4, section 5.3.3.
const INITIAL: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// FIPS 198-1, section 4.
const INNER: u8 = 0x36;
const OUTER: u8 = 0x5c;

/// The hash of a secret, with this salt, after so many rounds; no rounds count as one.
// All callers run the same code, and none has it compiled for size with its own.
#[inline(never)]
pub fn derive(secret: &[u8], salt: &[u8], rounds: u32) -> [u8; HASH_BYTES] {
    let key = key_block(secret);
    let (inner, outer) = (after_key(&key, INNER), after_key(&key, OUTER));
    let first = Sha256::new_with_prefix(key.map(|byte| byte ^ INNER)).chain_update(salt);
    let first: [u8; HASH_BYTES] = first.chain_update(1_u32.to_be_bytes()).finalize().into();
    let mut block = hash_block();
    block.iter_mut().zip(first).for_each(|(place, byte)| *place = byte);
    let mut state = compressed(outer, &block);
    let mut sum = state;
    for _ in 1..rounds {
        write(&mut block, &state);
        state = compressed(inner, &block);
        write(&mut block, &state);
        state = compressed(outer, &block);
        sum.iter_mut().zip(state).for_each(|(sum, word)| *sum ^= word);
    }
    let mut hash = [0; HASH_BYTES];
    write(&mut hash, &sum);
    hash
}

/// The secret, or its hash where it is longer than a block, and zeros.
fn key_block(secret: &[u8]) -> Block {
    let mut block = [0; 64];
    match block.get_mut(..secret.len()) {
        Some(place) => place.copy_from_slice(secret),
        None => block.iter_mut().zip(Sha256::digest(secret)).for_each(|(place, byte)| *place = byte),
    }
    block
}

/// A block for a hash that follows a block of the key: its end is the same in every round.
fn hash_block() -> Block {
    let mut block = [0; 64];
    let (_, end) = block.split_at_mut(HASH_BYTES);
    let bits: u64 = 8 * (64 + 32);
    let padding = [0x80].into_iter().chain([0; 23]).chain(bits.to_be_bytes());
    end.iter_mut().zip(padding).for_each(|(place, byte)| *place = byte);
    block
}

fn after_key(key: &Block, pad: u8) -> State {
    compressed(INITIAL, &key.map(|byte| byte ^ pad))
}

fn compressed(mut state: State, block: &Block) -> State {
    compress256(&mut state, std::slice::from_ref(block));
    state
}

/// The state's bytes, at the start of a block or as the hash itself.
fn write(bytes: &mut [u8], state: &State) {
    let (places, _) = bytes.as_chunks_mut::<4>();
    places.iter_mut().zip(state).for_each(|(place, word)| *place = word.to_be_bytes());
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

    fn by_rust_crypto(secret: &[u8], salt: &[u8], rounds: u32) -> [u8; HASH_BYTES] {
        pbkdf2::pbkdf2_hmac_array::<Sha256, HASH_BYTES>(secret, salt, rounds)
    }

    proptest! {
        #[test]
        fn other_implementations_give_the_same_bytes(
            secret in prop::collection::vec(any::<u8>(), 0..200),
            salt in prop::collection::vec(any::<u8>(), 0..200),
            rounds in 1..300_u32,
        ) {
            let hash = derive(&secret, &salt, rounds);
            prop_assert_eq!(hash, by_ring(&secret, &salt, rounds));
            prop_assert_eq!(hash, by_rust_crypto(&secret, &salt, rounds));
        }
    }
}
