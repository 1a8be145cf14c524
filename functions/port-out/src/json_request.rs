//! Reads a port-out request from JSON, for the native API and Standard Webhooks.

use jiff::civil::Date;
use runtime::clock::Timestamp;
use runtime::http::field::Field;
use runtime::http::field_error::FieldError;
use runtime::http::json_body::JsonBody;
use runtime::http::problem::Problem;
use runtime::http::telephone_numbers_field::{optional_telephone_numbers, telephone_numbers};
use runtime::http::time_field::Instant;
use shared::account::PastedAccountNumber;
use shared::due_date::IsoDate;
use shared::intake::{Channel, ENTRY_LATENESS, Intake};
use shared::lsr::{self, Lsr};
use shared::pin::SubmittedPin;
use shared::port_out::{Ask, Content, PortOutRequest, VersionChoice};
use shared::port_out_id::Requester;
use shared::spid::Spid;
use shared::supplement::Supplement;
use shared::telephone_number::Tn;
use shared::telephone_numbers::TelephoneNumbers;

const DUE_DATE: &str = "desired_due_date";

/// Who sends a request, and how.
pub enum Sender {
    /// A carrier, by API or webhook.
    Carrier(Spid, Channel),
    /// The porting desk, which names the carrier in the request.
    Desk {
        /// Current time: a request can have been received some days before.
        now: Timestamp,
    },
}

/// Reads every field and reports every bad one at once.
pub fn read_request(mut body: JsonBody, sender: &Sender) -> Result<PortOutRequest, Problem> {
    let fields = (
        body.required("pon"),
        body.optional("version").map(|version| VersionChoice::Given(version.unwrap_or_default())),
        body.required("account_number").map(|PastedAccountNumber(number)| number),
        body.text("pin").map(|text| SubmittedPin::classify(text.as_deref().map(String::as_str))),
        body.optional("zip_code"),
        read_ask(&mut body, sender),
        read_lsr(&mut body),
    );
    let (pon, version, account_number, pin, zip_code, asked, lsr) = body.finish(fields)?;
    let Asked { ask, numbers, desired_due_date, spid, intake } = asked;
    let content = Content { account_number, zip_code, numbers, desired_due_date, lsr };
    let requester = Requester::Carrier(spid.clone());
    Ok(PortOutRequest { requester, spid, pon, version, ask, content, pin, intake })
}

/// What a request asks for, and what depends on that.
struct Asked {
    ask: Ask,
    numbers: Vec<Tn>,
    desired_due_date: Option<Date>,
    spid: Spid,
    intake: Intake,
}

/// Reads what the request asks for: a supplement decides which of the other fields are required.
fn read_ask(body: &mut JsonBody, sender: &Sender) -> Field<Asked> {
    let supplement = body.optional::<Supplement>("supplement");
    let kind = supplement.value().copied().flatten();
    let asked = match kind {
        Some(Supplement::Cancel) => Field::all((optional_telephone_numbers(body), optional_date(body)))
            .map(|(numbers, date)| (Ask::Cancel, listed(numbers.as_ref()), date)),
        Some(Supplement::DueDate) => Field::all((optional_telephone_numbers(body), body.required(DUE_DATE)))
            .map(|(numbers, IsoDate(date))| (Ask::ChangeDueDate(date), listed(numbers.as_ref()), Some(date))),
        Some(Supplement::Other) | None => {
            Field::all((telephone_numbers(body), optional_date(body))).map(|(numbers, date)| {
                (Ask::Port(numbers.clone(), kind.is_some()), listed(Some(&numbers)), date)
            })
        }
    };
    let sent = read_sender(body, sender, kind);
    Field::all((supplement, asked, sent)).map(|(_, (ask, numbers, desired_due_date), (spid, intake))| Asked {
        ask,
        numbers,
        desired_due_date,
        spid,
        intake,
    })
}

fn optional_date(body: &mut JsonBody) -> Field<Option<Date>> {
    body.optional(DUE_DATE).map(|date| date.map(|IsoDate(date)| date))
}

fn listed(numbers: Option<&TelephoneNumbers>) -> Vec<Tn> {
    numbers.map(TelephoneNumbers::as_slice).unwrap_or_default().to_vec()
}

fn read_lsr(body: &mut JsonBody) -> Field<Lsr> {
    let fields = body.optional_object("lsr", |object| {
        lsr::FIELDS.into_iter().fold(Field::good(Lsr::default()), |all, name| {
            let field = object.optional(name);
            Field::all((all, field)).map(|(all, value)| all.with(name, value))
        })
    });
    fields.map(Option::unwrap_or_default)
}

/// Reads who sent the request: only the desk names the carrier and the way by which it came.
fn read_sender(
    body: &mut JsonBody,
    sender: &Sender,
    supplement: Option<Supplement>,
) -> Field<(Spid, Intake)> {
    let now = match sender {
        Sender::Carrier(spid, channel) => {
            return Field::good((spid.clone(), Intake::now(channel.clone())));
        }
        Sender::Desk { now } => *now,
    };
    let received_at = body.optional("received_at").and_then(|at| within_lateness(at, now));
    // A supplement without a PIN rests on what the carrier wrote.
    let needs_reference = matches!(supplement, Some(Supplement::Cancel | Supplement::DueDate));
    let reference = match needs_reference {
        true => body.required("reference").map(Some),
        false => body.optional("reference"),
    };
    let channel = body.required("channel");
    let fields = (body.required("spid"), channel, received_at, reference);
    Field::all(fields).map(|(spid, channel, received_at, reference)| {
        (spid, Intake { channel: Channel::Desk(channel), received_at, reference })
    })
}

fn within_lateness(at: Option<Instant>, now: Timestamp) -> Field<Option<Timestamp>> {
    let Some(Instant(at)) = at else { return Field::good(None) };
    if at <= now && now.duration_since(at) <= ENTRY_LATENESS {
        return Field::good(Some(at));
    }
    let detail = "The time must not be in the future, and at most 10 days ago.";
    Field::invalid(FieldError::new("/received_at", "received_at_invalid", detail))
}
