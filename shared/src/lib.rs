//! What the functions must agree on: first the pure rules, then the edges that carry them.
//!
//! `rules` knows no clock, randomness, I/O, HTTP or AWS type. Edges may use rules, never the reverse.

#![cfg_attr(
    test,
    allow(clippy::arithmetic_side_effects, reason = "tests compute with small numbers of their own")
)]

pub mod aws;
pub mod clock;
pub mod config;
pub mod digest;
pub mod http;
pub mod random;
pub mod rules;
pub mod start;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod trouble;
