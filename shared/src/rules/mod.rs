//! The rules of port-outs, pure: values in, values out.
//!
//! Nothing in here knows a clock, randomness, I/O, HTTP or an AWS type.

pub mod account;
pub mod attempts;
pub mod carrier;
pub mod decide;
pub mod due_date;
pub mod holidays;
pub mod not_portable;
pub mod numbers;
pub mod order;
pub mod pin;
pub mod port_out;
pub mod time_zone;
pub mod tn;
pub mod weak_pin;
pub mod webhook_source;
pub mod zip;
