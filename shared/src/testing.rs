//! Requests and port-outs that the tests of several rules start from.

use std::ops::Range;

use jiff::Timestamp;

use crate::intake::{Channel, Intake};
use crate::lsr::Lsr;
use crate::pin::SubmittedPin;
use crate::port_out::{
    Ask, Commitment, Content, JudgedUnder, Outcome, PortOut, PortOutRequest, VersionChoice,
};
use crate::port_out_id::{PortOutId, Requester, Version};
use crate::rejection::{Rejection, RejectionCode};
use crate::telephone_number::Tn;

/// Monday, 10 a.m. in New York; the next day is a business day.
pub(crate) fn now() -> Timestamp {
    "2026-11-16T15:00:00Z".parse().unwrap()
}

/// Numbers with these last four digits.
pub(crate) fn tns(lines: Range<usize>) -> Vec<Tn> {
    lines.map(|line| format!("206555{line:04}").parse().unwrap()).collect()
}

/// Requester of most tests.
pub(crate) fn a123() -> Requester {
    Requester::Carrier("A123".parse().unwrap())
}

/// Request of A123 for these numbers of CONTOSO as version 01 of TX-1.
pub(crate) fn request(pin: Option<&str>, numbers: &[Tn]) -> PortOutRequest {
    PortOutRequest {
        requester: a123(),
        spid: "A123".parse().unwrap(),
        pon: "TX-1".parse().unwrap(),
        version: VersionChoice::Given(Version::FIRST),
        ask: Ask::Port(numbers.to_vec().try_into().unwrap(), false),
        content: Content {
            account_number: "CONTOSO".parse().unwrap(),
            zip_code: None,
            numbers: numbers.to_vec(),
            desired_due_date: None,
            lsr: Lsr::default(),
        },
        pin: SubmittedPin::classify(pin),
        intake: Intake::now(Channel::Api),
    }
}

/// Confirmation for the next day.
pub(crate) fn confirmed() -> Outcome {
    Outcome::Confirmed(Commitment {
        foc_date: "2026-11-17".parse().unwrap(),
        hold_expires_on: "2026-12-17".parse().unwrap(),
        hold_until: "2026-12-18T07:00:00Z".parse().unwrap(),
    })
}

/// Rejection for a number that is not the account's.
pub(crate) fn rejected() -> Outcome {
    rejected_for(RejectionCode::TnNotFound)
}

/// Rejection for this reason.
pub(crate) fn rejected_for(code: RejectionCode) -> Outcome {
    Outcome::Rejected(vec![Rejection::new(code, "/pin", "")])
}

/// Port-out of A123 for CONTOSO, which holds all its numbers if it is confirmed.
pub(crate) fn port_out(pon: &str, version: &str, outcome: Outcome, numbers: &[Tn]) -> PortOut {
    let (pon, version) = (pon.parse().unwrap(), Version::recorded(version).unwrap());
    let held = if outcome.commitment().is_some() { numbers.to_vec() } else { Vec::new() };
    PortOut {
        id: PortOutId::of(&a123(), &pon, version),
        requester: a123(),
        spid: "A123".parse().unwrap(),
        pon,
        version,
        supplement: None,
        account_number: "CONTOSO".parse().unwrap(),
        numbers: numbers.to_vec().try_into().unwrap(),
        zip_code: None,
        desired_due_date: None,
        lsr: Lsr::default(),
        content_hash: request(None, numbers).content_hash(),
        outcome,
        judged_under: JudgedUnder { pin_version: 1, decision_version: 1 },
        held,
        ported: Vec::new(),
        released: Vec::new(),
        cancellation: None,
        channel: Channel::Api,
        received_at: now(),
        first_received_at: now(),
        entered_at: now(),
        updated_at: now(),
        revision: 1,
    }
}
