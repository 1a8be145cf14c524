//! One PON of an account: a port-out that was confirmed, and the supplement with which its carrier cancelled it.

use super::accounts;
use crate::call::SPID;
use harness::stack::order;
use jiff::Timestamp;
use runtime::timestamp::{millis, seconds};
use serde_json::{Value, json};
use shared::business_days::Holidays;
use shared::due_date::{self, DAYS_AHEAD, Received};
use shared::intake::{Channel, Intake};
use shared::lsr::Lsr;
use shared::pin::SubmittedPin;
use shared::port_out::{Ask, Commitment, Content, PortOutRequest, VersionChoice};
use shared::port_out_id::{PortOutId, Requester, Version};
use shared::telephone_number::Tn;
use shared::telephone_numbers::TelephoneNumbers;

/// Port-outs of a history.
pub const PORT_OUTS: u64 = 2;

/// Events of a history: the confirmation, the supplement, and the end of the confirmed port-out.
pub const EVENTS: usize = 3;

/// What tells one history from another.
#[derive(Clone, Debug)]
pub struct History {
    pub account: u64,
    pub serial: u64,
    pub confirmed_at: Timestamp,
    pub cancelled_at: Timestamp,
    /// Of the account, when both port-outs were decided; the cancellation moves it.
    pub decision_version: u64,
    pub events: [String; EVENTS],
}

impl History {
    /// Returns the body of the port-out that is confirmed.
    pub fn order(&self, pin: &str) -> Value {
        order(&self.pon(), &accounts::name(self.account), pin, &[self.number()])
    }

    /// Returns the body of the supplement that cancels it.
    pub fn cancellation(&self) -> Value {
        let account = accounts::name(self.account);
        json!({"pon": self.pon(), "version": "02", "supplement": "cancel", "account_number": account})
    }

    /// Returns the ids of the confirmed port-out and of the supplement.
    pub fn ids(&self) -> [PortOutId; 2] {
        let (carrier, pon) = (carrier(), self.pon().parse().expect("a PON"));
        versions().map(|version| PortOutId::of(&carrier, &pon, version))
    }

    /// Returns the sort keys of both port-outs in the lists.
    pub fn places(&self) -> [String; 2] {
        let [confirmed, supplement] = self.ids();
        let place = |at, id: PortOutId| format!("{}#{id}", millis(at));
        [place(self.confirmed_at, confirmed), place(self.cancelled_at, supplement)]
    }

    /// Returns everything in its items and answers that another history has otherwise, in a fixed order.
    pub fn texts(&self) -> Vec<String> {
        let Commitment { foc_date, hold_expires_on, hold_until } = self.commitment();
        let mut texts = vec![
            accounts::name(self.account),
            self.number(),
            self.pon(),
            format!("\"judged_version\":{{\"N\":\"{}\"}}", self.decision_version),
            foc_date.to_string(),
            hold_expires_on.to_string(),
            millis(hold_until),
        ];
        texts.extend(self.ids().map(|id| id.to_string()));
        texts.extend(self.requests().map(|request| request.content_hash()));
        texts.extend([self.confirmed_at, self.cancelled_at].map(millis));
        texts.extend([self.confirmed_at, self.cancelled_at].map(seconds));
        texts.extend(self.events.clone());
        texts
    }

    fn pon(&self) -> String {
        format!("ENDED-{:07}", self.serial)
    }

    fn number(&self) -> String {
        accounts::numbers(self.account).swap_remove(0)
    }

    fn commitment(&self) -> Commitment {
        let numbers = TelephoneNumbers::try_from(vec![self.number().parse().expect("a number")]);
        let (at, numbers) = (self.confirmed_at, numbers.expect("one number"));
        let received = Received { at, entered_at: at, numbers: &numbers, days_ahead: DAYS_AHEAD };
        due_date::commit(received, None, &Holidays::default())
    }

    /// Returns what the carrier requested, as it counts for ids and for the hash of the content.
    fn requests(&self) -> [PortOutRequest; 2] {
        let numbers = vec![self.number().parse().expect("a number")];
        let ported = numbers.clone().try_into().expect("one number");
        let [first, second] = versions();
        [
            self.request(first, Ask::Port(ported, false), Some("98052"), numbers),
            self.request(second, Ask::Cancel, None, Vec::new()),
        ]
    }

    fn request(
        &self,
        version: Version,
        ask: Ask,
        zip_code: Option<&str>,
        numbers: Vec<Tn>,
    ) -> PortOutRequest {
        PortOutRequest {
            requester: carrier(),
            spid: SPID.parse().expect("a SPID"),
            pon: self.pon().parse().expect("a PON"),
            version: VersionChoice::Given(version),
            ask,
            content: Content {
                account_number: accounts::name(self.account).parse().expect("an account number"),
                zip_code: zip_code.map(|zip| zip.parse().expect("a ZIP code")),
                numbers,
                desired_due_date: None,
                lsr: Lsr::default(),
            },
            pin: SubmittedPin::Missing,
            intake: Intake::now(Channel::Api),
        }
    }
}

fn carrier() -> Requester {
    Requester::Carrier(SPID.parse().expect("a SPID"))
}

fn versions() -> [Version; 2] {
    [Version::FIRST, Version::FIRST.next().expect("a second version")]
}

/// Returns an event's id, whose first digits are its time; the rest is a hash of a number instead of random.
pub fn event_id(at: Timestamp, number: u64) -> String {
    let millis = u64::try_from(at.as_millisecond()).expect("a time after 1970");
    let rest = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (time, middle) = ((millis >> 16, millis & 0xffff), (rest >> 52, 0x8000 | rest >> 38 & 0x3fff));
    format!(
        "{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}",
        time.0,
        time.1,
        middle.0,
        middle.1,
        rest & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_is_a_uuid_that_sorts_by_time() {
        let at: Timestamp = "2026-11-23T16:04:05.678Z".parse().unwrap();
        let ids = [event_id(at, 0), event_id(at, 1), event_id(at + jiff::SignedDuration::from_millis(1), 2)];
        assert!(ids[0] != ids[1] && ids[0][..13] == ids[1][..13] && ids[2] > ids[0], "{ids:?}");
        assert_eq!((ids[0].len(), &ids[0][14..15]), (36, "7"));
        assert!(ids.iter().all(|id| "89ab".contains(&id[19..20])), "{ids:?}");
    }
}
