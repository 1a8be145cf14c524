//! Records that a port-out request is decided on.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::account::{Account, AccountNumber};
use crate::attempts::CarrierAttempts;
use crate::port_out::{PortOut, PortOutRequest};
use crate::port_out_id::{PortOutId, Requester, Version};
use crate::telephone_number::Tn;

/// Record of a telephone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRecord {
    /// Account that owns the number; `None` once it was ported.
    pub account: Option<AccountNumber>,
    /// Hold of the latest confirmed port-out, if any, which may have ended.
    pub hold: Option<Hold>,
    /// When its owner was last told that it was requested under another account.
    pub elsewhere_at: Option<Timestamp>,
}

/// Hold of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Port-out that holds the number.
    pub by: PortOutId,
    /// Party that requested it.
    pub requester: Requester,
    /// When the hold ends by itself.
    pub until: Timestamp,
}

impl NumberRecord {
    /// Returns the hold at this time.
    pub fn held(&self, now: Timestamp) -> Option<&Hold> {
        self.hold.as_ref().filter(|hold| now < hold.until)
    }
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
    /// Those of the requested numbers that are known.
    pub numbers: HashMap<Tn, NumberRecord>,
    /// What the carrier did for this account under its current PIN.
    pub attempts: CarrierAttempts,
    /// Latest answered version of the PON.
    pub latest: Option<Version>,
    /// Latest confirmed version of the PON, which a new version would replace if it is still open.
    pub confirmed: Option<PortOutId>,
    /// Confirmed version and port-outs to take numbers over from, once they have been read.
    pub related: HashMap<PortOutId, PortOut>,
    /// Answered port-out that the request may repeat.
    pub answered: Option<Answered>,
}

/// Most port-outs that one request takes numbers over from.
pub const MAX_TAKEN_OVER: usize = 5;

impl Snapshot {
    /// Returns the version of the account's PIN; 0 without an account or a PIN.
    pub fn pin_version(&self) -> u64 {
        self.account.as_ref().map_or(0, |account| account.pin.version)
    }

    /// Returns the confirmed version of the PON, if it holds something at this time.
    pub fn earlier(&self, now: Timestamp) -> Option<&PortOut> {
        self.related.get(self.confirmed.as_ref()?).filter(|earlier| earlier.is_open(now))
    }

    /// Returns the record of a number, if it is the account's.
    pub fn own(&self, tn: &Tn) -> Option<&NumberRecord> {
        let account = self.account.as_ref()?;
        self.numbers.get(tn).filter(|record| record.account.as_ref() == Some(&account.number))
    }

    /// Returns whether all of these numbers are on one account, but not on the one named. Then nothing of the named account
    /// is told, not even whether it exists.
    pub fn is_mismatch(&self, named: &AccountNumber, numbers: &[Tn]) -> bool {
        let owner = |tn: &Tn| self.numbers.get(tn).and_then(|record| record.account.as_ref());
        let mut owners = numbers.iter().map(owner);
        let Some(Some(first)) = owners.next() else { return false };
        first != named && owners.all(|owner| owner == Some(first))
    }

    /// Returns the other open port-outs of the same requester that hold requested numbers. A right PIN takes the numbers
    /// over from them.
    pub fn holders(&self, request: &PortOutRequest, now: Timestamp) -> BTreeSet<PortOutId> {
        let holds = request.content.numbers.iter().filter_map(|tn| self.own(tn)?.held(now));
        let ours = holds
            .filter(|hold| hold.requester == request.requester && Some(&hold.by) != self.confirmed.as_ref());
        ours.map(|hold| hold.by.clone()).collect()
    }

    /// Returns whether the same requester may take its numbers over: its holders are few enough.
    pub fn takes_over(&self, request: &PortOutRequest, now: Timestamp) -> bool {
        self.holders(request, now).len() <= MAX_TAKEN_OVER
    }
}
