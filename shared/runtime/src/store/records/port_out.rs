//! Port-outs: the request, its answer, and what became of it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use shared::cancellation::{Cancellation, CancelledBy};
use shared::intake::Channel;
use shared::lsr::{self, Lsr};
use shared::port_out::{Commitment, JudgedUnder, Outcome, PortOut};
use shared::port_out_id::Version;
use shared::rejection::{Rejection, RejectionCode};
use shared::telephone_number::Tn;
use shared::telephone_numbers::TelephoneNumbers;

use crate::error::Error;
use crate::pin_hash::fingerprint::Fingerprint;
use crate::store::item::{Item, number, string, strings, time};
use crate::store::key::{self, Key};
use crate::store::write::Write;
use crate::timestamp;

/// Attributes of a port-out that a function without access to fingerprints may read.
pub const ATTRIBUTES: &[&str] = &[
    "port_out_id",
    "requester",
    "spid",
    "pon",
    "port_out_version",
    "supplement",
    "account_number",
    "telephone_numbers",
    "zip_code",
    "desired_due_date",
    "lsr",
    "content_hash",
    "answer",
    "foc_date",
    "hold_expires_on",
    "hold_until",
    "rejections",
    "judged_pin_version",
    "judged_version",
    "held_numbers",
    "ported_numbers",
    "released_numbers",
    "cancelled_by",
    "cancellation_reason",
    "cancelled_at",
    "channel",
    "source_id",
    "received_at",
    "first_received_at",
    "entered_at",
    "updated_at",
    "revision",
];

/// A port-out with the fingerprint of the PIN it carried.
#[derive(Debug, Clone)]
pub struct PortOutRecord {
    /// The port-out.
    pub port_out: PortOut,
    /// Of its PIN, if it carried one; never read where it is not needed.
    pub fingerprint: Option<Fingerprint>,
}

impl PortOutRecord {
    pub fn read(item: &Item) -> Result<Self, Error> {
        Ok(Self { port_out: read(item)?, fingerprint: item.optional("pin_fingerprint")? })
    }

    /// Returns the item; `listed` puts it on the list of the account that it names, which must exist.
    pub fn item(&self, listed: bool) -> Item {
        let port_out = &self.port_out;
        let account = &port_out.account_number;
        let sort = format!("{}#{}", timestamp::millis(port_out.entered_at), port_out.id);
        let item = request(Item::at(Key::port_out(&port_out.id)), port_out);
        let item = with_answer(item, &port_out.outcome, port_out.judged_under, port_out.entered_at);
        let item =
            mutable(port_out).into_iter().fold(item, |item, (name, value)| item.with_some(name, value));
        let fingerprint = self.fingerprint.as_ref().map(|f| string(f.expose_stored()));
        item.with_some("pin_fingerprint", fingerprint)
            .with_some("list_pk", listed.then(|| string(key::port_outs_list(account))))
            .with_some("list_sk", listed.then(|| string(&sort)))
            .with("carrier_pk", string(key::carrier_list(&port_out.spid)))
            .with("carrier_sk", string(sort))
    }
}

/// Returns the write that stores a changed port-out, unless it changed otherwise since it was read.
pub fn change(changed: &PortOut) -> Write {
    let (mut sets, mut removes, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (name, value) in mutable(changed) {
        match value {
            Some(value) => {
                sets.push(format!("#{name} = :{name}"));
                values.push((name, value));
            }
            None => removes.push(format!("#{name}")),
        }
    }
    let removes = if removes.is_empty() { String::new() } else { format!(" REMOVE {}", removes.join(", ")) };
    values.push(("read", number(changed.revision.saturating_sub(1))));
    let change = format!("SET {}{removes}", sets.join(", "));
    Write::update(Key::port_out(&changed.id), change, "#revision = :read", &values)
}

/// Returns the attributes that change during the life of a port-out; `None` removes one.
fn mutable(port_out: &PortOut) -> Vec<(&'static str, Option<AttributeValue>)> {
    let PortOut { id, account_number, held, ported, released, cancellation, updated_at, revision, .. } =
        port_out;
    let cancelled = |text: fn(&Cancellation) -> AttributeValue| cancellation.as_ref().map(text);
    // Only what holds something is on the list of open port-outs.
    let hold = port_out.outcome.commitment().filter(|_| !held.is_empty());
    vec![
        ("held_numbers", Some(numbers_value(held))),
        ("ported_numbers", Some(numbers_value(ported))),
        ("released_numbers", Some(numbers_value(released))),
        ("cancelled_by", cancelled(|it| string(it.by.as_str()))),
        ("cancellation_reason", cancelled(|it| string(&it.reason))),
        ("cancelled_at", cancelled(|it| time(it.at))),
        ("updated_at", Some(time(*updated_at))),
        ("revision", Some(number(revision))),
        ("open_pk", hold.map(|_| string(key::open_list(account_number)))),
        ("open_sk", hold.map(|hold| string(format!("{}#{id}", timestamp::millis(hold.hold_until))))),
    ]
}

fn request(item: Item, port_out: &PortOut) -> Item {
    let lsr: HashMap<_, _> =
        port_out.lsr.fields().map(|(name, value)| (name.to_owned(), string(value))).collect();
    item.with("port_out_id", string(port_out.id.as_str()))
        .with("requester", string(port_out.requester.to_string()))
        .with("spid", string(port_out.spid.as_str()))
        .with("pon", string(port_out.pon.as_str()))
        .with("port_out_version", string(port_out.version.to_string()))
        .with_some("supplement", port_out.supplement.map(|supplement| string(supplement.as_str())))
        .with("account_number", string(port_out.account_number.as_str()))
        .with("telephone_numbers", numbers_value(port_out.numbers.as_slice()))
        .with_some("zip_code", port_out.zip_code.as_ref().map(|zip| string(zip.as_str())))
        .with_some("desired_due_date", port_out.desired_due_date.map(|date| string(date.to_string())))
        .with_some("lsr", (!lsr.is_empty()).then(|| AttributeValue::M(lsr)))
        .with("content_hash", string(&port_out.content_hash))
        .with("channel", string(port_out.channel.as_str()))
        .with_some("source_id", port_out.channel.source().map(|source| string(source.as_str())))
        .with("received_at", time(port_out.received_at))
        .with("first_received_at", time(port_out.first_received_at))
}

/// Adds an answer, which a port-out and a PON's latest attempt store in the same form.
pub fn with_answer(item: Item, outcome: &Outcome, judged_under: JudgedUnder, entered_at: Timestamp) -> Item {
    let answer = match outcome {
        Outcome::Rejected(_) => "rejected",
        Outcome::Confirmed(_) => "confirmed",
        Outcome::Cancelled => "cancelled",
    };
    let rejections = outcome.rejections().iter().map(rejection_value).collect();
    let commitment = outcome.commitment();
    item.with("answer", string(answer))
        .with_some("foc_date", commitment.map(|it| string(it.foc_date.to_string())))
        .with_some("hold_expires_on", commitment.map(|it| string(it.hold_expires_on.to_string())))
        .with_some("hold_until", commitment.map(|it| time(it.hold_until)))
        .with("rejections", AttributeValue::L(rejections))
        .with("judged_pin_version", number(judged_under.pin_version))
        .with("judged_version", number(judged_under.decision_version))
        .with("entered_at", time(entered_at))
}

/// Reads an answer, what it rests on, and when it was given.
pub fn answer(item: &Item) -> Result<(Outcome, JudgedUnder, Timestamp), Error> {
    let outcome = match item.text("answer")? {
        "confirmed" => Outcome::Confirmed(Commitment {
            foc_date: item.get("foc_date")?,
            hold_expires_on: item.get("hold_expires_on")?,
            hold_until: item.get("hold_until")?,
        }),
        "rejected" => {
            let read: Result<_, _> = item.list("rejections")?.iter().map(rejection).collect();
            Outcome::Rejected(read?)
        }
        "cancelled" => Outcome::Cancelled,
        _ => return Err(Error::corrupt("answer")),
    };
    let judged_under = JudgedUnder {
        pin_version: item.number("judged_pin_version")?,
        decision_version: item.number("judged_version")?,
    };
    Ok((outcome, judged_under, item.get("entered_at")?))
}

fn read(item: &Item) -> Result<PortOut, Error> {
    let (outcome, judged_under, entered_at) = answer(item)?;
    let numbers = TelephoneNumbers::try_from(item.parsed_list("telephone_numbers")?);
    let channel = Channel::recorded(item.text("channel")?, item.optional("source_id")?);
    Ok(PortOut {
        id: item.get("port_out_id")?,
        requester: item.get("requester")?,
        spid: item.get("spid")?,
        pon: item.get("pon")?,
        version: Version::recorded(item.text("port_out_version")?)
            .ok_or(Error::corrupt("port_out_version"))?,
        supplement: item.optional("supplement")?,
        account_number: item.get("account_number")?,
        numbers: numbers.map_err(|_| Error::corrupt("telephone_numbers"))?,
        zip_code: item.optional("zip_code")?,
        desired_due_date: item.optional("desired_due_date")?,
        lsr: read_lsr(item)?,
        content_hash: item.text("content_hash")?.to_owned(),
        outcome,
        judged_under,
        held: item.parsed_list("held_numbers")?,
        ported: item.parsed_list("ported_numbers")?,
        released: item.parsed_list("released_numbers")?,
        cancellation: cancellation(item)?,
        channel: channel.ok_or(Error::corrupt("channel"))?,
        received_at: item.get("received_at")?,
        first_received_at: item.get("first_received_at")?,
        entered_at,
        updated_at: item.get("updated_at")?,
        revision: item.number("revision")?,
    })
}

fn read_lsr(item: &Item) -> Result<Lsr, Error> {
    let Some(fields) = item.optional_map("lsr")? else { return Ok(Lsr::default()) };
    lsr::FIELDS.into_iter().try_fold(Lsr::default(), |lsr, name| Ok(lsr.with(name, fields.optional(name)?)))
}

fn cancellation(item: &Item) -> Result<Option<Cancellation>, Error> {
    let Some(by) = item.optional_text("cancelled_by")? else { return Ok(None) };
    Ok(Some(Cancellation {
        by: CancelledBy::parse(by).ok_or(Error::corrupt("cancelled_by"))?,
        reason: item.text("cancellation_reason")?.to_owned(),
        at: item.get("cancelled_at")?,
    }))
}

fn numbers_value(numbers: &[Tn]) -> AttributeValue {
    let texts: Vec<_> = numbers.iter().map(Tn::to_string).collect();
    strings(texts.iter().map(String::as_str))
}

fn rejection_value(rejection: &Rejection) -> AttributeValue {
    let Rejection { code, field, telephone_number, detail, resolution } = rejection;
    let texts = [("code", code.as_str()), ("field", field), ("detail", detail), ("resolution", resolution)];
    let mut map: HashMap<_, _> =
        texts.into_iter().map(|(name, text)| (name.to_owned(), string(text))).collect();
    if let Some(tn) = telephone_number {
        map.insert("telephone_number".to_owned(), string(tn.to_string()));
    }
    AttributeValue::M(map)
}

fn rejection(value: &AttributeValue) -> Result<Rejection, Error> {
    let corrupt = Error::corrupt("rejections");
    let Ok(map) = value.as_m() else { return Err(corrupt) };
    let item = Item::of(map.clone());
    Ok(Rejection {
        code: RejectionCode::parse(item.text("code")?).ok_or(corrupt)?,
        field: item.text("field")?.to_owned(),
        telephone_number: item.optional("telephone_number")?,
        detail: item.text("detail")?.to_owned(),
        resolution: item.text("resolution")?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use shared::intake::Intake;
    use shared::pin::SubmittedPin;
    use shared::port_out::{Ask, Content, PortOutRequest, VersionChoice};
    use shared::port_out_id::Requester;

    fn request() -> PortOutRequest {
        let numbers: Vec<Tn> = vec!["2065550123".parse().unwrap(), "2065550100".parse().unwrap()];
        let spid: shared::spid::Spid = "A123".parse().unwrap();
        PortOutRequest {
            requester: Requester::Carrier(spid.clone()),
            spid,
            pon: "TX-1001".parse().unwrap(),
            version: VersionChoice::Given(Version::FIRST),
            ask: Ask::Port(numbers.clone().try_into().unwrap(), true),
            content: Content {
                account_number: "CONTOSO".parse().unwrap(),
                zip_code: Some("98052-1234".parse().unwrap()),
                numbers,
                desired_due_date: Some("2026-12-01".parse().unwrap()),
                lsr: Lsr::default().with("agauth", "Y".parse().ok()),
            },
            pin: SubmittedPin::Missing,
            intake: Intake::now(Channel::Webhook("acme".parse().unwrap())),
        }
    }

    fn record(outcome: Outcome) -> PortOutRecord {
        let Ask::Port(numbers, _) = request().ask else { panic!("ports") };
        let judged_under = JudgedUnder { pin_version: 2, decision_version: 7 };
        let now = "2026-11-23T16:04:05.678Z".parse().unwrap();
        let port_out = PortOut::new(&request(), numbers, Version::FIRST, outcome, judged_under, now);
        PortOutRecord { port_out, fingerprint: None }
    }

    fn confirmed() -> Outcome {
        Outcome::Confirmed(Commitment {
            foc_date: "2026-12-01".parse().unwrap(),
            hold_expires_on: "2026-12-31".parse().unwrap(),
            hold_until: "2027-01-01T07:00:00Z".parse().unwrap(),
        })
    }

    #[test]
    fn a_port_out_reads_back_whatever_became_of_it() {
        let reason = Rejection {
            code: RejectionCode::TnNotFound,
            field: "/telephone_numbers/1".into(),
            telephone_number: Some("2065550100".parse().unwrap()),
            detail: "…".into(),
            resolution: "…".into(),
        };
        let now = "2026-11-24T16:04:05.678Z".parse().unwrap();
        let cancellation = Cancellation { by: CancelledBy::Owner, reason: "changed_mind".into(), at: now };
        let open = record(confirmed());
        let ported = open.port_out.clone().ported(&["2065550100".parse().unwrap()], now);
        let cancelled = ported.clone().cancelled(cancellation);
        let port_outs = [
            record(Outcome::Rejected(vec![reason])).port_out,
            record(Outcome::Cancelled).port_out,
            open.port_out,
            ported,
            cancelled,
        ];
        for port_out in port_outs {
            let item = PortOutRecord { port_out: port_out.clone(), fingerprint: None }.item(true);
            let read = PortOutRecord::read(&item.projected(ATTRIBUTES)).unwrap().port_out;
            assert_eq!(format!("{read:?}"), format!("{port_out:?}"));
            assert_eq!((read.outcome, read.held, read.lsr), (port_out.outcome, port_out.held, port_out.lsr));
        }
    }

    #[test]
    fn only_what_holds_something_is_on_the_list_of_open_port_outs() {
        let open = record(confirmed());
        assert!(open.item(true).optional_text("open_pk").unwrap().is_some());
        let numbers = open.port_out.held.clone();
        let port_out = open.port_out.released(&numbers, "2026-11-24T00:00:00Z".parse().unwrap());
        let ended = PortOutRecord { port_out, fingerprint: None }.item(false);
        assert_eq!(ended.optional_text("open_pk").unwrap(), None);
        assert_eq!(ended.optional_text("list_pk").unwrap(), None);
    }

    #[test]
    fn a_damaged_port_out_is_an_error_that_names_the_attribute() {
        let item = record(confirmed()).item(true);
        for (name, value) in [
            ("answer", string("ported")),
            ("foc_date", string("soon")),
            ("spid", number(1)),
            ("channel", string("x")),
        ] {
            let error = PortOutRecord::read(&item.clone().with(name, value)).err().unwrap();
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Corrupt, name));
        }
        let broken = item.with("telephone_numbers", AttributeValue::L(vec![string("12")]));
        assert_eq!(PortOutRecord::read(&broken).err().unwrap().to_string(), "telephone_numbers");
    }
}
