//! Filters of a list of port-outs, as the query gives them.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use runtime::clock::Timestamp;
use runtime::http::field::Field;
use runtime::http::field_error::{FieldError, FieldRule};
use runtime::http::request::Request;
use runtime::http::time_field::Instant;
use runtime::store::lists::Between;
use shared::due_date::IsoDate;
use shared::intake::ENTRY_LATENESS;
use shared::lifecycle::Status;
use shared::port_out::PortOut;
use shared::port_out_id::Pon;
use shared::spid::Spid;
use shared::telephone_number::Tn;

/// What a port-out of the list must have.
#[derive(Debug, Default)]
pub struct Filter {
    /// Status at the time of the list.
    pub status: Option<Status>,
    /// Number that it names.
    pub telephone_number: Option<Tn>,
    /// PON.
    pub pon: Option<Pon>,
    /// Carrier.
    pub spid: Option<Spid>,
    /// Earliest receipt.
    pub received_from: Option<Timestamp>,
    /// Latest receipt.
    pub received_to: Option<Timestamp>,
}

impl Filter {
    /// Reads the filters of a query.
    pub fn read(request: &Request) -> Field<Self> {
        let status = optional(request, "status", |text| {
            let detail =
                "The status must be rejected, confirmed, superseded, cancelled, completed, or expired.";
            Status::parse(text).ok_or_else(|| FieldError::new("status", "status_invalid", detail))
        });
        let fields = (
            status,
            parsed(request, "telephone_number"),
            parsed(request, "pon"),
            parsed(request, "spid"),
            instant(request, "received_from", false),
            instant(request, "received_to", true),
        );
        Field::all(fields).map(|(status, telephone_number, pon, spid, received_from, received_to)| Self {
            status,
            telephone_number,
            pon,
            spid,
            received_from,
            received_to,
        })
    }

    /// Returns whether anything has to be looked at but the list itself.
    pub fn is_empty(&self) -> bool {
        let Self { status, telephone_number, pon, spid, received_from, received_to } = self;
        let of = status.is_none() && telephone_number.is_none() && pon.is_none() && spid.is_none();
        of && received_from.is_none() && received_to.is_none()
    }

    /// Returns whether a port-out passes.
    pub fn accepts(&self, port_out: &PortOut, now: Timestamp) -> bool {
        let is = |wanted: Option<bool>| wanted.unwrap_or(true);
        let received = port_out.received_at;
        is(self.status.map(|status| port_out.status(now) == status))
            && is(self.telephone_number.map(|tn| port_out.numbers.as_slice().contains(&tn)))
            && is(self.pon.as_ref().map(|pon| port_out.pon == *pon))
            && is(self.spid.as_ref().map(|spid| port_out.spid == *spid))
            && is(self.received_from.map(|from| received >= from))
            && is(self.received_to.map(|to| received <= to))
    }

    /// Returns the times between which an accepted port-out was entered, which lists are sorted by.
    pub fn entered(&self) -> Between {
        let to = self.received_to.map(|to| to.checked_add(ENTRY_LATENESS).unwrap_or(Timestamp::MAX));
        Between { from: self.received_from, to }
    }
}

fn optional<T>(
    request: &Request,
    name: &'static str,
    parse: impl FnOnce(&str) -> Result<T, FieldError>,
) -> Field<Option<T>> {
    match request.query(name).map(parse) {
        None => Field::good(None),
        Some(Ok(value)) => Field::good(Some(value)),
        Some(Err(error)) => Field::invalid(error),
    }
}

/// Parses a parameter that may be absent.
pub fn parsed<T>(request: &Request, name: &'static str) -> Field<Option<T>>
where
    T: std::str::FromStr,
    T::Err: FieldRule,
{
    match request.query(name) {
        None => Field::good(None),
        Some(text) => Field::parse(name, text).map(Some),
    }
}

/// Reads an instant or a day in UTC, of which the first or the last instant is meant.
fn instant(request: &Request, name: &'static str, last: bool) -> Field<Option<Timestamp>> {
    optional(request, name, |text| {
        let detail = "The time must be a date such as 2026-12-01, or written as in RFC 3339.";
        let error = || FieldError::new(name, "time_invalid", detail);
        if let Ok(Instant(at)) = text.parse() {
            return Ok(at);
        }
        let IsoDate(day) = text.parse().map_err(|_| error())?;
        edge(day, last).ok_or_else(error)
    })
}

fn edge(day: Date, last: bool) -> Option<Timestamp> {
    let time = if last { Time::MAX } else { Time::midnight() };
    TimeZone::UTC.to_timestamp(day.to_datetime(time)).ok()
}
