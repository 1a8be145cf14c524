//! Validation crate: the rules of port-outs and port-out PINs, as pure functions.
//!
//! It has no clock, randomness, I/O, HTTP, or AWS types: its dependencies offer none, or clippy forbids them.

#![cfg_attr(
    test,
    allow(clippy::arithmetic_side_effects, reason = "tests calculate with small, known numbers")
)]

pub mod account;
pub mod actor;
pub mod area_codes;
pub mod attempts;
pub mod business_days;
pub mod cancellation;
pub mod decision;
pub mod due_date;
mod free_text;
pub mod hex;
pub mod intake;
pub mod lifecycle;
pub mod lsr;
pub mod npac_region;
mod pasted;
pub mod pin;
pub mod pin_policy;
pub mod port_out;
pub mod port_out_id;
pub mod rejection;
pub mod snapshot;
pub mod spid;
pub mod submission;
pub mod supplement;
pub mod telephone_number;
pub mod telephone_numbers;
#[cfg(test)]
mod testing;
pub mod weak_pin;
pub mod webhook_secret;
pub mod webhook_source;
pub mod zip_code;
