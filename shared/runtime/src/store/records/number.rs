//! Telephone numbers: the account that owns one, and the port-out that holds it.

use shared::snapshot::{Hold, NumberRecord};
use shared::telephone_number::Tn;

use crate::error::Error;
use crate::store::item::Item;

/// Attributes of a number.
pub const ATTRIBUTES: &[&str] =
    &["telephone_number", "account_number", "held_by", "held_for", "held_until", "elsewhere_at"];

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
