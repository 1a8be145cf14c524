//! What the functions must agree on: first the pure rules, then the edges that carry them.
//!
//! `rules` knows no clock, randomness, I/O, HTTP or AWS type. Edges may use rules, never the reverse.

pub mod rules;
