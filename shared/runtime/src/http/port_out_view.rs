//! What callers see of a port-out.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::timestamp;
use shared::port_out::{Cancellation, PortOut};
use shared::rejection::Rejection;
use shared::supplement::Supplement;
use shared::telephone_number::Tn;

/// A port-out with its answer and what became of it.
#[derive(Serialize)]
pub struct PortOutView<'a> {
    id: &'a str,
    spid: &'a str,
    pon: &'a str,
    version: String,
    supplement: Option<&'static str>,
    account_number: &'a str,
    telephone_numbers: Vec<String>,
    status: &'static str,
    rejections: Vec<RejectionView<'a>>,
    desired_due_date: Option<String>,
    foc_date: Option<String>,
    due_date_changed: bool,
    hold_expires_on: Option<String>,
    ported_numbers: Vec<String>,
    released_numbers: Vec<String>,
    cancellation: Option<CancellationView<'a>>,
    channel: &'a str,
    received_at: String,
    entered_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct RejectionView<'a> {
    code: &'static str,
    field: &'a str,
    telephone_number: Option<String>,
    detail: &'a str,
    resolution: &'a str,
}

#[derive(Serialize)]
struct CancellationView<'a> {
    by: &'static str,
    reason: &'a str,
    at: String,
}

impl<'a> PortOutView<'a> {
    /// Creates the view of a port-out at this time.
    pub fn new(port_out: &'a PortOut, now: Timestamp) -> Self {
        let commitment = port_out.outcome.commitment();
        Self {
            id: port_out.id.as_str(),
            spid: port_out.spid.as_str(),
            pon: port_out.pon.as_str(),
            version: port_out.version.to_string(),
            supplement: port_out.supplement.map(Supplement::as_str),
            account_number: port_out.account_number.as_str(),
            telephone_numbers: numbers(port_out.numbers.as_slice()),
            status: port_out.status(now).as_str(),
            rejections: port_out.outcome.rejections().iter().map(RejectionView::new).collect(),
            desired_due_date: port_out.desired_due_date.map(|date| date.to_string()),
            foc_date: commitment.map(|it| it.foc_date.to_string()),
            due_date_changed: port_out.due_date_changed(),
            hold_expires_on: commitment.map(|it| it.hold_expires_on.to_string()),
            ported_numbers: numbers(&port_out.ported),
            released_numbers: numbers(&port_out.released),
            cancellation: port_out.cancellation.as_ref().map(CancellationView::new),
            channel: port_out.channel.as_str(),
            received_at: timestamp::seconds(port_out.received_at),
            entered_at: timestamp::seconds(port_out.entered_at),
            updated_at: timestamp::seconds(port_out.updated_at),
        }
    }
}

impl<'a> RejectionView<'a> {
    fn new(rejection: &'a Rejection) -> Self {
        let Rejection { code, field, telephone_number, detail, resolution } = rejection;
        let telephone_number = telephone_number.as_ref().map(Tn::to_string);
        Self { code: code.as_str(), field, telephone_number, detail, resolution }
    }
}

impl<'a> CancellationView<'a> {
    fn new(cancellation: &'a Cancellation) -> Self {
        let Cancellation { by, reason, at } = cancellation;
        Self { by: by.as_str(), reason, at: timestamp::seconds(*at) }
    }
}

fn numbers(numbers: &[Tn]) -> Vec<String> {
    numbers.iter().map(Tn::to_string).collect()
}
