//! What is known about a port-out request when it is decided.

use std::collections::HashMap;

use crate::account::{Account, AccountNumber};
use crate::attempts::CarrierAttempts;
use crate::port_out::PortOut;
use crate::port_out_id::{PortOutId, Version};
use crate::telephone_number::Tn;

/// A telephone number of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRecord {
    /// The account that owns it.
    pub account: AccountNumber,
    /// The confirmed port-out that holds it, if one does.
    pub held_by: Option<PortOutId>,
}

/// A port-out that a request may repeat.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The port-out with its answer.
    pub port_out: PortOut,
    /// Whether it carried a PIN.
    pub had_pin: bool,
}

/// The records that a request touches, each as it was read.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The account that the request names, if it exists.
    pub account: Option<Account>,
    /// The requested numbers that any account owns.
    pub numbers: HashMap<Tn, NumberRecord>,
    /// The carrier's wrong PINs on this account under its current PIN.
    pub attempts: CarrierAttempts,
    /// The latest version of the PON that was answered.
    pub latest: Option<Version>,
    /// The confirmed version of the PON, which a new version would replace.
    pub confirmed: Option<PortOutId>,
    /// That confirmed version, once it was read.
    pub earlier: Option<PortOut>,
    /// The port-out that the request may repeat.
    pub answered: Option<Answered>,
}
