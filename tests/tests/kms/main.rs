//! The PIN key in AWS KMS, end to end: running functions, and moto server's KMS behind a wire with faults.
//!
//! Real KMS differs from moto in what it refuses: a disabled key, a message over 4,096 bytes. Those errors are put on
//! the wire.

mod asks;
mod bench;
mod calls;
#[path = "../webhooks/delivery.rs"]
#[allow(dead_code, reason = "written for the tests of webhooks, and more than is needed here")]
mod delivery;
mod ends;
mod late;
mod pins;
mod restart;
mod retries;
mod rotation;
mod told;
mod trouble;
mod webhooks;

/// The account of every test here.
const ACCOUNT: &str = "CONTOSO";
/// Its PIN.
const PIN: &str = "482913";
/// Well-formed, and not the PIN.
const WRONG: &str = "739154";
