//! A seeded generator, so that a test that failed can be run again with the same numbers.

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every machine.
pub struct Random(u64);

impl Random {
    /// Creates the generator of this seed.
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Creates one of several streams of the same seed; `FUZZ_SEED` changes every one of them.
    pub fn stream(stream: u64) -> Self {
        let seed = std::env::var("FUZZ_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1_u64);
        Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ stream)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a number under `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    /// Returns one of these.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Returns so many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}
