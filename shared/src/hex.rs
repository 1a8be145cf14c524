//! Short names made from hashes: SHA-256, truncated to 128 bits, in hexadecimal.

use ring::digest;

/// Bytes to keep. At 128 bits, a collision among 10^15 names has a probability of about 10^-9.
const BYTES: usize = 16;

/// Returns the first 128 bits of the text's SHA-256 as 32 lowercase hexadecimal digits.
pub fn short_hash(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let digits = hash.as_ref().iter().take(BYTES).flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
