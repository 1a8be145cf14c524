//! Hashes as names: SHA-256, cut to 128 bits and written in hexadecimal.

use std::fmt::Write as _;

use ring::digest;

/// Bytes that are kept: enough that no two names ever collide.
const BYTES: usize = 16;

/// Returns the first 128 bits of the SHA-256 of a text, in 32 lower-case hexadecimal digits.
pub(crate) fn short_hash(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref().iter().take(BYTES).fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
