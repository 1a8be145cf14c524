//! Bandwidth's port-out validation end to end: what they are told, what is recorded of it, and that it never fails open.
//!
//! Their side takes every 4xx, 5xx, time-out, unreadable answer and unknown code for an approval, so every answer here
//! is compared as the whole text that it is.

mod answers;
mod approval;
mod ask;
mod bench;
mod challenge;
mod codes;
mod damage;
mod fuzz;
mod hostile;
mod kms;
mod malformed;
mod mutate;
mod never_open;
mod owner;
mod remote;
mod retries;
mod rotation;
mod silence;
mod slow;
mod versions;

/// The PIN of accounts here.
const PIN: &str = "482913";
/// Well-formed, and not the PIN.
const WRONG: &str = "739154";
/// A number of `CONTOSO`.
const TN: &str = "2065550100";
