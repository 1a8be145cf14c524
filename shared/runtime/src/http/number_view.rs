//! What the porting desk sees of a telephone number.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::http::port_out_view::PortOutView;
use crate::store::records::number::NumberDetails;
use crate::timestamp;
use shared::account::AccountNumber;
use shared::port_out::PortOut;
use shared::telephone_number::Tn;

/// A telephone number.
#[derive(Serialize)]
pub struct NumberView<'a> {
    telephone_number: String,
    account_number: Option<&'a str>,
    held_by: Option<&'a str>,
    held_until: Option<String>,
    ported_at: Option<String>,
    last_port_out: Option<PortOutView<'a>>,
}

impl<'a> NumberView<'a> {
    /// Creates the view of a number with the port-out that had it last.
    pub fn new(tn: &Tn, number: &'a NumberDetails, last: Option<&'a PortOut>, now: Timestamp) -> Self {
        let hold = number.record.held(now);
        Self {
            telephone_number: tn.to_string(),
            account_number: number.record.account.as_ref().map(AccountNumber::as_str),
            held_by: hold.map(|hold| hold.by.as_str()),
            held_until: hold.map(|hold| timestamp::seconds(hold.until)),
            ported_at: number.ported_at.map(timestamp::seconds),
            last_port_out: last.map(|port_out| PortOutView::new(port_out, now)),
        }
    }
}
