//! The one place that draws random bytes.

use ring::rand::{SecureRandom, SystemRandom};

use crate::error::Error;

/// Draws `N` random bytes from the operating system.
#[allow(clippy::disallowed_methods)] // The lint sends every other caller here.
pub fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::internal("the operating system gave no random bytes"))?;
    Ok(bytes)
}
