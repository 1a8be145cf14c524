//! What callers see of a port-out, and of what keeps port-outs from being confirmed.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::timestamp;
use shared::account::Account;
use shared::cancellation::Cancellation;
use shared::port_out::PortOut;
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
    #[serde(skip_serializing_if = "Option::is_none")]
    other_numbers: Option<usize>,
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

/// A page of port-outs.
#[derive(Serialize)]
pub struct PortOutsPage<'a> {
    /// The port-outs.
    pub port_outs: Vec<PortOutView<'a>>,
    /// The `cursor` of the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// A port-out that its owner cancelled.
#[derive(Serialize)]
pub struct CancelledView<'a> {
    /// The port-out.
    #[serde(flatten)]
    pub port_out: PortOutView<'a>,
    /// Whether the porting desk has to tell the carrier, because its protocol cannot take an answer back.
    pub carrier_must_be_told: bool,
}

/// An account's port protection.
#[derive(Serialize)]
pub struct ProtectionView<'a> {
    account_id: &'a str,
    enabled: bool,
    updated_at: Option<String>,
    updated_by: Option<&'a str>,
    open_port_outs: Vec<PortOutView<'a>>,
}

impl<'a> ProtectionView<'a> {
    /// Creates the view of an account's protection, with its open port-outs, which protection does not end.
    pub fn new(account: &'a Account, open: &'a [PortOut], now: Timestamp) -> Self {
        let switched = account.protection.last_switched.as_ref();
        Self {
            account_id: account.number.as_str(),
            enabled: account.protection.enabled,
            updated_at: switched.map(|(at, _)| timestamp::seconds(*at)),
            updated_by: switched.map(|(_, by)| by.as_str()),
            open_port_outs: open.iter().map(|port_out| PortOutView::new(port_out, now)).collect(),
        }
    }
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

/// Who sees a port-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Its carrier or the porting desk.
    Everything,
    /// The owner of the account: only the numbers that were the account's when the port-out was decided.
    Owner,
}

impl<'a> PortOutView<'a> {
    /// Creates the view of a port-out at this time for this reader.
    pub fn seen_by(reader: Reader, port_out: &'a PortOut, now: Timestamp) -> Self {
        let view = Self::new(port_out, now);
        if reader == Reader::Everything {
            return view;
        }
        let others = port_out.other_numbers();
        let own = port_out.numbers.as_slice().iter().filter(|tn| !others.contains(tn));
        let reason = |reason: &'a Rejection| match reason.telephone_number {
            Some(tn) if others.contains(&tn) => RejectionView {
                field: "/telephone_numbers",
                telephone_number: None,
                ..RejectionView::new(reason)
            },
            Some(_) | None => RejectionView::new(reason),
        };
        Self {
            telephone_numbers: own.map(Tn::to_string).collect(),
            other_numbers: Some(others.len()),
            rejections: port_out.outcome.rejections().iter().map(reason).collect(),
            ..view
        }
    }

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
            other_numbers: None,
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
