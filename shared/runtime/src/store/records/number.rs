//! Telephone numbers: the account that owns one, and the port-out that holds it.

use jiff::Timestamp;
use shared::port_out_id::PortOutId;
use shared::snapshot::{Hold, NumberRecord};
use shared::telephone_number::Tn;

use crate::error::Error;
use crate::store::item::Item;

/// Attributes of a number.
pub const ATTRIBUTES: &[&str] =
    &["telephone_number", "account_number", "held_by", "held_for", "held_until", "elsewhere_at"];

/// Attributes of a number that the porting desk sees besides.
pub const DETAILS: &[&str] = &["ported_at", "ported_by"];

/// A number as the porting desk sees it.
#[derive(Debug, Clone)]
pub struct NumberDetails {
    /// Its account and its hold.
    pub record: NumberRecord,
    /// When it was ported, if it was.
    pub ported_at: Option<Timestamp>,
    ported_by: Option<PortOutId>,
}

impl NumberDetails {
    pub fn read(item: &Item) -> Result<Self, Error> {
        let (_, record) = read(item)?;
        let (ported_at, ported_by) = (item.optional("ported_at")?, item.optional("ported_by")?);
        Ok(Self { record, ported_at, ported_by })
    }

    /// Returns the port-out that holds the number, held it last, or that it was ported with.
    pub fn last_port_out(&self) -> Option<&PortOutId> {
        self.record.hold.as_ref().map(|hold| &hold.by).or(self.ported_by.as_ref())
    }
}

/// Reads a number.
pub fn read(item: &Item) -> Result<(Tn, NumberRecord), Error> {
    let hold = match item.optional("held_by")? {
        None => None,
        Some(by) => Some(Hold { by, requester: item.get("held_for")?, until: item.get("held_until")? }),
    };
    let record = NumberRecord {
        account: item.optional("account_number")?,
        hold,
        elsewhere_at: item.optional("elsewhere_at")?,
    };
    Ok((item.get("telephone_number")?, record))
}
