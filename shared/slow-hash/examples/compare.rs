//! Times the hash beside the same by ring and by RustCrypto's pbkdf2, turn and turn about.
#![allow(clippy::print_stdout, reason = "a program for people")]

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

const ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).unwrap();
const TURNS: usize = 25;
const SECRET: [u8; 32] = [7; 32];
const SALT: [u8; 16] = [9; 16];

fn ours() -> [u8; 32] {
    slow_hash::derive(&SECRET, &SALT, ROUNDS.get())
}

fn rust_crypto() -> [u8; 32] {
    pbkdf2::pbkdf2_hmac_array::<sha2::Sha256, 32>(&SECRET, &SALT, ROUNDS.get())
}

fn ring() -> [u8; 32] {
    let mut hash = [0; 32];
    ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &SALT, &SECRET, &mut hash);
    hash
}

fn main() {
    let mut rows = [("slow-hash", ours as fn() -> [u8; 32]), ("pbkdf2", rust_crypto), ("ring", ring)]
        .map(|(name, hash)| (name, hash, Vec::new()));
    let expected = ours();
    for _ in 0..TURNS {
        for (name, hash, times) in &mut rows {
            let began = Instant::now();
            let hash = hash();
            times.push(began.elapsed());
            assert_eq!(hash, expected, "{name} gives other bytes");
        }
    }
    println!("milliseconds for {ROUNDS} rounds of PBKDF2-HMAC-SHA256, {TURNS} turns each");
    println!("{:10} {:>8} {:>8} {:>8}", "", "least", "median", "most");
    for (name, _, times) in &mut rows {
        times.sort();
        let at = |place: usize| 1e3 * times.get(place).map_or(f64::NAN, Duration::as_secs_f64);
        println!("{name:10} {:8.1} {:8.1} {:8.1}", at(0), at(TURNS / 2), at(TURNS - 1));
    }
}
