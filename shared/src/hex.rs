//! Short names made from hashes: SHA-256, truncated to 128 bits, in hexadecimal.

use std::fmt::Write as _;

use ring::digest;

/// Bytes to keep. At 128 bits, a collision among 10^15 names has a probability of about 10^-9.
const BYTES: usize = 16;

/// Returns the first 128 bits of the text's SHA-256 as 32 lowercase hexadecimal digits.
pub fn short_hash(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref().iter().take(BYTES).fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
