//! Items as types, and back: accounts, counts, numbers, port-outs and PONs.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::error::Error;
use crate::pin_hash::digest::PinDigest;
use crate::pin_hash::fingerprint::Fingerprint;
use crate::store::item::{Item, number, string, time};
use crate::store::key::{self, Key};
use shared::account::{Account, PinStatus, Profile};
use shared::attempts::CarrierAttempts;
use shared::decision::NumberRecord;
use shared::port_out::{Content, Outcome, PortOut, Rejection, RejectionCode};
use shared::port_out_id::{PortOutId, Version};
use shared::telephone_number::Tn;
use shared::telephone_numbers::TelephoneNumbers;

/// The attributes of an account that a function without access to digests may read.
pub const ACCOUNT_ATTRIBUTES: &[&str] = &[
    "account_number",
    "country",
    "account_name",
    "zip_code",
    "time_zone",
    "created_at",
    "updated_at",
    "revision",
    "pin_version",
    "pin_updated_at",
    "pin_updated_by",
    "failed_attempts",
];

/// The attributes of a port-out that a function without access to fingerprints may read.
pub const PORT_OUT_ATTRIBUTES: &[&str] = &[
    "port_out_id",
    "spid",
    "pon",
    "port_out_version",
    "account_number",
    "telephone_numbers",
    "zip_code",
    "desired_due_date",
    "port_out_status",
    "foc_date",
    "rejections",
    "received_at",
];

/// The attributes that a decision needs: of an account, a carrier's count, a port-out, a PON and numbers.
pub const SNAPSHOT_ATTRIBUTES: &[&str] = &[
    "pk",
    "sk",
    "account_number",
    "account_name",
    "confirmed_id",
    "country",
    "created_at",
    "desired_due_date",
    "failed_attempts",
    "failures",
    "foc_date",
    "held_by",
    "last_failed_at",
    "latest_version",
    "port_out_id",
    "port_out_status",
    "port_out_version",
    "pin_digest",
    "pin_fingerprint",
    "pin_updated_at",
    "pin_updated_by",
    "pin_version",
    "pon",
    "received_at",
    "rejections",
    "revision",
    "spid",
    "telephone_number",
    "telephone_numbers",
    "time_zone",
    "updated_at",
    "zip_code",
];

/// An account with what the table adds to it.
#[derive(Debug, Clone)]
pub struct AccountRecord {
    /// The account.
    pub account: Account,
    /// When the operator created it.
    pub created_at: Timestamp,
    /// When the operator replaced it last.
    pub updated_at: Timestamp,
    /// One more each time the operator replaces it.
    pub(super) revision: u64,
}

impl AccountRecord {
    pub(super) fn read(item: &Item) -> Result<Self, Error> {
        let profile = Profile {
            country: item.get("country")?,
            name: item.optional("account_name")?,
            zip_code: item.optional("zip_code")?,
            time_zone: item.get("time_zone")?,
        };
        Ok(Self {
            account: Account { number: item.get("account_number")?, profile, pin: pin_status(item)? },
            created_at: item.get("created_at")?,
            updated_at: item.get("updated_at")?,
            revision: item.number("revision")?,
        })
    }
}

fn pin_status(item: &Item) -> Result<PinStatus, Error> {
    let version = item.optional_number("pin_version")?.unwrap_or(0);
    if version == 0 {
        return Ok(PinStatus::default());
    }
    let last_set = Some((item.get("pin_updated_at")?, item.text("pin_updated_by")?.to_owned()));
    Ok(PinStatus { version, last_set, failed_attempts: item.number("failed_attempts")? })
}

/// The digest of an account's PIN, which stands there exactly if there is a PIN.
pub fn digest(item: &Item, pin: &PinStatus) -> Result<Option<PinDigest>, Error> {
    match (pin.is_set(), item.optional("pin_digest")?) {
        (true, None) => Err(Error::corrupt("pin_digest")),
        (_, digest) => Ok(digest),
    }
}

/// A carrier's count as it stands in the table, perhaps of a PIN that was changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptsRow {
    pub attempts: CarrierAttempts,
    pub pin_version: u64,
}

/// How long a count is kept after the last wrong PIN: far longer than the longest wait.
const ATTEMPTS_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

impl AttemptsRow {
    pub fn read(item: &Item) -> Result<Self, Error> {
        let last_failed_at = Timestamp::from_millisecond(item.number("last_failed_at")?);
        let last_failed_at = last_failed_at.map_err(|_| Error::corrupt("last_failed_at"))?;
        let attempts = CarrierAttempts::recorded(item.number("failures")?, last_failed_at);
        Ok(Self { attempts, pin_version: item.number("pin_version")? })
    }

    pub fn item(&self, key: Key) -> Item {
        let last = self.attempts.last_failed_at();
        let expires = last.as_second().saturating_add(ATTEMPTS_KEPT.as_secs());
        Item::at(key)
            .with("failures", number(self.attempts.failures()))
            .with("last_failed_at", number(last.as_millisecond()))
            .with("pin_version", number(self.pin_version))
            .with("expires_at", number(expires))
    }
}

/// A number as the table knows it.
pub fn number_record(item: &Item) -> Result<(Tn, NumberRecord), Error> {
    let record = NumberRecord { account: item.get("account_number")?, held_by: item.optional("held_by")? };
    Ok((item.get("telephone_number")?, record))
}

/// What is known of all versions of a PON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PonRow {
    pub latest: Version,
    pub confirmed: Option<PortOutId>,
}

impl PonRow {
    pub fn read(item: &Item) -> Result<Self, Error> {
        Ok(Self { latest: item.get("latest_version")?, confirmed: item.optional("confirmed_id")? })
    }

    pub fn item(&self, key: Key) -> Item {
        Item::at(key)
            .with("latest_version", string(self.latest.to_string()))
            .with_some("confirmed_id", self.confirmed.as_ref().map(|id| string(id.as_str())))
    }
}

/// A port-out with the fingerprint of the PIN it carried.
#[derive(Debug, Clone)]
pub struct PortOutRecord {
    /// The port-out.
    pub port_out: PortOut,
    /// Of its PIN, if it carried one; never read where it is not needed.
    pub fingerprint: Option<Fingerprint>,
}

impl PortOutRecord {
    pub(super) fn read(item: &Item) -> Result<Self, Error> {
        let content = Content {
            account_number: item.get("account_number")?,
            zip_code: item.optional("zip_code")?,
            numbers: numbers(item)?,
            desired_due_date: item.optional("desired_due_date")?,
        };
        let port_out = PortOut {
            id: item.get("port_out_id")?,
            spid: item.get("spid")?,
            pon: item.get("pon")?,
            version: item.get("port_out_version")?,
            content,
            outcome: outcome(item)?,
            received_at: item.get("received_at")?,
        };
        Ok(Self { port_out, fingerprint: item.optional("pin_fingerprint")? })
    }

    pub(super) fn item(&self) -> Item {
        let PortOut { id, spid, pon, version, content, outcome, received_at } = &self.port_out;
        let rejections = outcome.rejections().iter().map(rejection_value).collect();
        let date = |date: Date| string(date.to_string());
        Item::at(Key::port_out(id))
            .with("port_out_id", string(id.as_str()))
            .with("spid", string(spid.as_str()))
            .with("pon", string(pon.as_str()))
            .with("port_out_version", string(version.to_string()))
            .with("account_number", string(content.account_number.as_str()))
            .with(
                "telephone_numbers",
                AttributeValue::L(content.numbers.as_slice().iter().map(tn_value).collect()),
            )
            .with_some("zip_code", content.zip_code.as_ref().map(|zip| string(zip.as_str())))
            .with_some("desired_due_date", content.desired_due_date.map(date))
            .with("port_out_status", string(outcome.status()))
            .with_some("foc_date", outcome.foc_date().map(date))
            .with("rejections", AttributeValue::L(rejections))
            .with("received_at", time(*received_at))
            .with_some("pin_fingerprint", self.fingerprint.as_ref().map(|f| string(f.expose_stored())))
            .with("list_pk", string(key::port_outs_list(&content.account_number)))
            .with("list_sk", string(format!("{}#{id}", crate::timestamp::millis(*received_at))))
    }
}

fn tn_value(tn: &Tn) -> AttributeValue {
    string(tn.to_string())
}

fn numbers(item: &Item) -> Result<TelephoneNumbers, Error> {
    let corrupt = || Error::corrupt("telephone_numbers");
    let tn = |value: &AttributeValue| value.as_s().ok().and_then(|text| text.parse().ok());
    let numbers: Option<Vec<Tn>> = item.list("telephone_numbers")?.iter().map(tn).collect();
    numbers.ok_or_else(corrupt)?.try_into().map_err(|_| corrupt())
}

fn outcome(item: &Item) -> Result<Outcome, Error> {
    match item.text("port_out_status")? {
        "confirmed" => Ok(Outcome::Confirmed(item.get("foc_date")?)),
        "superseded" => Ok(Outcome::Superseded(item.get("foc_date")?)),
        "rejected" => {
            let read: Result<_, _> = item.list("rejections")?.iter().map(rejection).collect();
            Ok(Outcome::Rejected(read?))
        }
        _ => Err(Error::corrupt("port_out_status")),
    }
}

fn rejection_value(rejection: &Rejection) -> AttributeValue {
    let texts =
        [("code", rejection.code.as_str()), ("field", &rejection.field), ("detail", &rejection.detail)];
    let mut map: HashMap<_, _> =
        texts.into_iter().map(|(name, text)| (name.to_owned(), string(text))).collect();
    if let Some(tn) = &rejection.telephone_number {
        map.insert("telephone_number".to_owned(), tn_value(tn));
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
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn order(outcome: Outcome) -> PortOutRecord {
        let numbers: Vec<Tn> = vec!["2065550123".parse().unwrap(), "2065550100".parse().unwrap()];
        let content = Content {
            account_number: "CONTOSO".parse().unwrap(),
            zip_code: Some("98052-1234".parse().unwrap()),
            numbers: numbers.try_into().unwrap(),
            desired_due_date: Some("2026-12-01".parse().unwrap()),
        };
        let (spid, pon) = ("A123".parse().unwrap(), "TX-1001".parse().unwrap());
        let id = PortOutId::of(&spid, &pon, Version::FIRST);
        let received_at = "2026-11-23T16:04:05.678Z".parse().unwrap();
        let port_out = PortOut { id, spid, pon, version: Version::FIRST, content, outcome, received_at };
        PortOutRecord { port_out, fingerprint: None }
    }

    #[test]
    fn an_order_reads_back_whatever_its_outcome() {
        let date = "2026-12-01".parse().unwrap();
        let reason = Rejection {
            code: RejectionCode::TnNotFound,
            field: "/telephone_numbers/1".into(),
            telephone_number: Some("2065550100".parse().unwrap()),
            detail: "…".into(),
        };
        let outcomes = [Outcome::Confirmed(date), Outcome::Superseded(date), Outcome::Rejected(vec![reason])];
        for outcome in outcomes {
            let record = order(outcome.clone());
            let read = PortOutRecord::read(&record.item()).unwrap().port_out;
            assert_eq!(read.outcome, outcome);
            assert!(read.content.same(&record.port_out.content));
            assert_eq!((read.id, read.received_at), (record.port_out.id, record.port_out.received_at));
        }
    }

    #[test]
    fn a_damaged_order_is_an_error_that_names_the_attribute() {
        let item = order(Outcome::Confirmed("2026-12-01".parse().unwrap())).item();
        for (name, value) in
            [("port_out_status", string("ported")), ("foc_date", string("soon")), ("spid", number(1))]
        {
            let error = PortOutRecord::read(&item.clone().with(name, value)).err().unwrap();
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Corrupt, name));
        }
        let broken = item.with("telephone_numbers", AttributeValue::L(vec![string("12")]));
        assert_eq!(PortOutRecord::read(&broken).err().unwrap().to_string(), "telephone_numbers");
    }

    #[test]
    fn a_pin_without_its_digest_is_corrupt_and_not_a_wrong_pin() {
        let set = PinStatus { version: 1, last_set: None, failed_attempts: 0 };
        assert_eq!(digest(&Item::default(), &set).err().unwrap().kind(), ErrorKind::Corrupt);
        assert!(digest(&Item::default(), &PinStatus::default()).unwrap().is_none());
        let broken = Item::default().with("pin_digest", string("pbkdf2-sha256$1"));
        assert_eq!(digest(&broken, &set).err().unwrap().kind(), ErrorKind::Corrupt);
    }

    #[test]
    fn a_count_reads_back_and_outlives_the_longest_wait() {
        let last = "2026-11-23T16:04:05.678Z".parse().unwrap();
        let row = AttemptsRow { attempts: CarrierAttempts::recorded(7, last), pin_version: 3 };
        let item = row.item(Key::attempts(&"CONTOSO".parse().unwrap(), &"A123".parse().unwrap()));
        assert_eq!(AttemptsRow::read(&item).unwrap(), row);
        let kept = item.number::<i64>("expires_at").unwrap() - last.as_second();
        assert!(kept > shared::attempts::LONGEST_WAIT.as_secs());
    }
}
