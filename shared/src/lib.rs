//! The validation crate: the rules of port-outs and port-out PINs, pure functions of values.
//!
//! No clock, randomness, I/O, HTTP or AWS type: its dependencies offer none, or clippy forbids them.

#![cfg_attr(
    test,
    allow(clippy::arithmetic_side_effects, reason = "tests compute with small numbers of their own")
)]

pub mod account;
pub mod actor;
pub mod area_codes;
pub mod attempts;
pub mod business_days;
pub mod decision;
pub mod due_date;
mod hex;
pub mod npac_region;
mod pasted;
pub mod pin;
pub mod pin_policy;
pub mod port_out;
pub mod port_out_id;
pub mod snapshot;
pub mod spid;
pub mod submission;
pub mod telephone_number;
pub mod telephone_numbers;
pub mod weak_pin;
pub mod webhook_source;
pub mod zip_code;
