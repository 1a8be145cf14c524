//! Records that a port-out request is decided on.

use std::collections::HashMap;

use crate::account::{Account, AccountNumber};
use crate::attempts::CarrierAttempts;
use crate::port_out::PortOut;
use crate::port_out_id::{PortOutId, Version};
use crate::telephone_number::Tn;

/// Record of a telephone number that an account owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRecord {
    /// Account that owns the number.
    pub account: AccountNumber,
    /// Confirmed port-out that holds the number, if any.
    pub held_by: Option<PortOutId>,
}

/// Answered port-out that a request may repeat.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Recorded request with its answer.
    pub port_out: PortOut,
    /// Whether the request had a PIN.
    pub had_pin: bool,
}

/// Records that a request depends on, each as it was read.
///
/// They are read at slightly different moments, so a write that is based on them must check that they are unchanged.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Account that the request names, if it exists.
    pub account: Option<Account>,
    /// Those of the requested numbers that any account owns.
    pub numbers: HashMap<Tn, NumberRecord>,
    /// Wrong PINs that the carrier sent for this account under its current PIN.
    pub attempts: CarrierAttempts,
    /// Latest answered version of the PON.
    pub latest: Option<Version>,
    /// Confirmed version of the PON, which a new version would replace.
    pub confirmed: Option<PortOutId>,
    /// Record of that confirmed version, once it has been read.
    pub earlier: Option<PortOut>,
    /// Answered port-out that the request may repeat.
    pub answered: Option<Answered>,
}
