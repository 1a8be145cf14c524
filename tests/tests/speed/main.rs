//! What is done ahead of the first call, and what many calls at once may not do to each other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod one_core;
mod opening;
mod opening_trouble;
mod tls_front;
