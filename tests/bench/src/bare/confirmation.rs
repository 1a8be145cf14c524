//! The writes that confirm a port-out of one number on its desired day.

use std::iter::once;

use jiff::{Span, Timestamp, tz::Offset};
use runtime::store::PortOutRecord;
use runtime::store::audit_event::Event;
use runtime::store::item::{number, string, time};
use runtime::store::key::Key;
use runtime::store::records::pon::PonRow;
use runtime::store::write::Write;
use serde_json::Value;
use shared::attempts::LOCK_AT;
use shared::due_date::HOLD_DAYS;
use shared::intake::{Channel, Intake};
use shared::lsr::Lsr;
use shared::pin::SubmittedPin;
use shared::port_out::{
    Ask, Commitment, Content, JudgedUnder, Outcome, PortOut, PortOutRequest, VersionChoice,
};
use shared::port_out_id::{Requester, Version};
use shared::spid::Spid;
use shared::telephone_number::Tn;

use crate::{Error, Owner, actor};

/// As long as a real tag; it matches no PIN.
const TAG: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Reads a request for one number with a desired due date, as the first version of its PON.
pub fn request(spid: &str, body: &Value) -> Result<PortOutRequest, Error> {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (spid, numbers) = (spid.parse::<Spid>()?, vec![text("/telephone_numbers/0").parse::<Tn>()?]);
    Ok(PortOutRequest {
        requester: Requester::Carrier(spid.clone()),
        spid,
        pon: text("/pon").parse()?,
        version: VersionChoice::Given(Version::FIRST),
        ask: Ask::Port(numbers.clone().try_into()?, false),
        content: Content {
            account_number: text("/account_number").parse()?,
            zip_code: Some(text("/zip_code").parse()?),
            numbers,
            desired_due_date: Some(text("/desired_due_date").parse()?),
            lsr: Lsr::default(),
        },
        pin: SubmittedPin::Missing,
        intake: Intake::now(Channel::Api),
    })
}

/// Returns the writes, in the order of the function's.
pub fn writes(read: &Owner, request: &PortOutRequest, now: Timestamp) -> Result<Vec<Write>, Error> {
    let record = record(read, request, now)?;
    let port_out = &record.port_out;
    let pon = PonRow { latest: Version::FIRST, confirmed: Some(port_out.id.clone()), attempt: None };
    let event = Event::decided(port_out, Some(port_out.numbers.as_slice()));
    let fixed = [
        Write::create(record.item(true)),
        Write::create(pon.item(Key::pon(&request.requester, &request.pon))),
    ];
    let checked = checks(read, port_out)?;
    let event = event.write(&actor(), now)?;
    Ok(fixed.into_iter().chain(checked).chain(once(event)).chain(holds(port_out, now)).collect())
}

fn record(read: &Owner, request: &PortOutRequest, now: Timestamp) -> Result<PortOutRecord, Error> {
    let Ask::Port(numbers, _) = &request.ask else { return Err("no numbers to port".into()) };
    let foc_date = request.content.desired_due_date.ok_or("no desired due date")?;
    let hold_expires_on = foc_date.checked_add(Span::new().days(HOLD_DAYS))?;
    let hold_until = Offset::UTC.to_timestamp(hold_expires_on.tomorrow()?.at(0, 0, 0, 0))?;
    let outcome = Outcome::Confirmed(Commitment { foc_date, hold_expires_on, hold_until });
    let judged_under = JudgedUnder {
        pin_version: read.pin.number("pin_version")?,
        decision_version: read.account.number("decision_version")?,
    };
    let port_out = PortOut::new(request, numbers.clone(), Version::FIRST, outcome, judged_under, now);
    let fingerprint = format!("{}${TAG}", read.pin.text("pin_parameters")?).parse()?;
    Ok(PortOutRecord { port_out, fingerprint: Some(fingerprint) })
}

/// Checks that the account and its PIN are as they were read, and that the carrier sent no wrong PIN.
fn checks(read: &Owner, port_out: &PortOut) -> Result<[Write; 3], Error> {
    let JudgedUnder { pin_version, decision_version } = port_out.judged_under;
    let (account, requester) = (&port_out.account_number, &port_out.requester);
    let unlocked = "#pin_version = :pin_version AND #count_period = :period \
                    AND attribute_not_exists(#pin_disclosed_at) AND #consecutive_failures >= :added \
                    AND #consecutive_failures < :lock";
    let pin = [
        ("pin_version", number(pin_version)),
        ("period", number(read.pin.number::<u64>("count_period")?)),
        ("added", number(0)),
        ("lock", number(LOCK_AT)),
    ];
    let decision_version = [("decision_version", number(decision_version))];
    Ok([
        Write::check(Key::account(account), "#decision_version = :decision_version", &decision_version),
        Write::check(Key::pin(account), unlocked, &pin),
        Write::check(Key::attempts(account, requester), "attribute_not_exists(#pk)", &[]),
    ])
}

fn holds(port_out: &PortOut, now: Timestamp) -> impl Iterator<Item = Write> {
    let until = port_out.outcome.commitment().map_or(now, |commitment| commitment.hold_until);
    let free = "#account_number = :account AND (attribute_not_exists(#held_by) OR #held_until <= :now)";
    let hold = "SET #held_by = :id, #held_for = :requester, #held_until = :until";
    let values = [
        ("id", string(port_out.id.as_str())),
        ("requester", string(port_out.requester.to_string())),
        ("until", time(until)),
        ("account", string(port_out.account_number.as_str())),
        ("now", time(now)),
    ];
    port_out.held.iter().map(move |tn| Write::update(Key::number(tn), hold, free, &values))
}
