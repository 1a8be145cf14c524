//! The vocabulary of nearly every test: `use harness::prelude::*`.

pub use crate::assertions::port_outs::{
    Outcome, assert_confirmed, assert_outcome, assert_port_out, assert_rejected, confirmed, id, outcome,
    reason, rejected, rejection_codes, wrong_pin,
};
pub use crate::assertions::problems::{self, error, error_because, invalid, malformed, unavailable, wait};
pub use crate::client::{Answer, CallBuilder};
pub use crate::clients::carrier::{order, usual, version, with, without};
pub use crate::faults::{Action, Fault};
pub use crate::fixture::{CONTOSO, Fixture, PIN, START, TN, WRONG_PIN, tn, tns};
pub use crate::records::Records;
pub use crate::stack::Stack;
pub use crate::tokens::Claims;
pub use jiff::SignedDuration;
pub use serde_json::{Value, json};
