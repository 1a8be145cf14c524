//! Supplements (SUP): later versions of a PON. 1 cancels, 2 changes the due date, 3 changes anything else.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::business_days::Holidays;
use crate::cancellation::Cancellation;
use crate::due_date::{self, Received, SUPPLEMENT_DAYS_AHEAD};
use crate::port_out::{JudgedUnder, Outcome, PortOut, PortOutRequest};
use crate::port_out_id::Version;
use crate::telephone_numbers::TelephoneNumbers;

/// What a version changes of the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supplement {
    /// Cancels the confirmed version (SUP 1).
    Cancel,
    /// Changes the due date of the confirmed version (SUP 2).
    DueDate,
    /// Changes anything else (SUP 3): a full request, as one without a supplement.
    Other,
}

/// Why a text is not a supplement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The supplement must be cancel, due_date, or other.")]
pub struct SupplementError;

impl SupplementError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "supplement_invalid";
}

impl Supplement {
    /// Returns the supplement as the API and the table write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::DueDate => "due_date",
            Self::Other => "other",
        }
    }
}

impl FromStr for Supplement {
    type Err = SupplementError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Cancel, Self::DueDate, Self::Other];
        all.into_iter().find(|supplement| supplement.as_str() == text).ok_or(SupplementError)
    }
}

/// Result of a supplement: its own record, and the version that it changed.
#[derive(Debug, Clone)]
pub struct Supplemented {
    /// Record of the supplement.
    pub new: PortOut,
    /// The earlier version as it is now.
    pub earlier: PortOut,
}

/// Cancels the open version `earlier`; `held` are the numbers that it still holds.
pub fn cancel(
    request: &PortOutRequest,
    earlier: PortOut,
    held: TelephoneNumbers,
    version: Version,
    judged_under: JudgedUnder,
    now: Timestamp,
) -> Supplemented {
    let cancellation = Cancellation::by_supplement(now);
    let released = held.as_slice().to_vec();
    let new = PortOut {
        released,
        cancellation: Some(cancellation.clone()),
        ..PortOut::new(request, held, version, Outcome::Cancelled, judged_under, now)
    };
    Supplemented { new, earlier: earlier.cancelled(cancellation) }
}

/// Moves the open version `earlier` to another day; `held` are the numbers that it still holds. Due dates count from the
/// receipt of the PON's first confirmed version.
pub fn change_due_date(
    request: &PortOutRequest,
    earlier: PortOut,
    held: TelephoneNumbers,
    desired: Date,
    version: Version,
    holidays: &Holidays,
    now: Timestamp,
) -> Supplemented {
    let at = earlier.first_received_at;
    let received = Received { at, entered_at: now, numbers: &held, days_ahead: SUPPLEMENT_DAYS_AHEAD };
    let outcome = Outcome::Confirmed(due_date::commit(received, Some(desired), holidays));
    let numbers = held.as_slice().to_vec();
    let new = PortOut {
        first_received_at: at,
        ..PortOut::new(request, held, version, outcome, earlier.judged_under, now)
    };
    Supplemented { new, earlier: earlier.released(&numbers, now) }
}
