//! Times the hash beside ring's, alternating.
#![allow(clippy::print_stdout, reason = "a program for people")]

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

const ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).unwrap();
const RUNS: usize = 25;
const SECRET: [u8; 32] = [7; 32];
const SALT: [u8; 16] = [9; 16];

fn rust_crypto() -> [u8; 32] {
    port_out_pbkdf2::derive(&SECRET, &SALT, ROUNDS.get())
}

fn ring() -> [u8; 32] {
    let mut hash = [0; 32];
    ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &SALT, &SECRET, &mut hash);
    hash
}

fn main() {
    let mut rows = [("pbkdf2", rust_crypto as fn() -> [u8; 32]), ("ring", ring)]
        .map(|(name, hash)| (name, hash, Vec::new()));
    let expected = rust_crypto();
    for _ in 0..RUNS {
        for (name, hash, times) in &mut rows {
            let began = Instant::now();
            let hash = hash();
            times.push(began.elapsed());
            assert_eq!(hash, expected, "{name} gives other bytes");
        }
    }
    println!("milliseconds for {ROUNDS} rounds of PBKDF2-HMAC-SHA256, {RUNS} runs each");
    println!("{:10} {:>8} {:>8} {:>8}", "", "min", "median", "max");
    for (name, _, times) in &mut rows {
        times.sort();
        let at = |place: usize| 1e3 * times.get(place).map_or(f64::NAN, Duration::as_secs_f64);
        println!("{name:10} {:8.1} {:8.1} {:8.1}", at(0), at(RUNS / 2), at(RUNS - 1));
    }
}
