//! Items as types, and back: accounts, counts, numbers, port-outs and PONs.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::item::{Item, n, s, time};
use super::key::{self, Key};
use crate::digest::fingerprint::Fingerprint;
use crate::digest::stored::PinDigest;
use crate::rules::account::{Account, PinStatus, Profile};
use crate::rules::attempts::CarrierAttempts;
use crate::rules::decide::NumberRecord;
use crate::rules::numbers::NumberList;
use crate::rules::order::{OrderId, Version};
use crate::rules::port_out::{Content, Outcome, PortOut, Rejection, RejectionCode};
use crate::rules::tn::Tn;
use crate::trouble::Trouble;

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
pub const ORDER_ATTRIBUTES: &[&str] = &[
    "order_id",
    "spid",
    "pon",
    "order_version",
    "account_number",
    "telephone_numbers",
    "zip_code",
    "desired_due_date",
    "order_status",
    "foc_date",
    "rejections",
    "received_at",
];

/// The attributes that a decision needs: of an account, a carrier's count, a port-out, a PON and numbers.
pub const DOSSIER_ATTRIBUTES: &[&str] = &[
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
    "order_id",
    "order_status",
    "order_version",
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
    pub(super) fn read(item: &Item) -> Result<Self, Trouble> {
        let profile = Profile {
            country: item.get("country")?,
            name: item.maybe("account_name")?,
            zip_code: item.maybe("zip_code")?,
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

fn pin_status(item: &Item) -> Result<PinStatus, Trouble> {
    let version = item.maybe_number("pin_version")?.unwrap_or(0);
    if version == 0 {
        return Ok(PinStatus::default());
    }
    let last_set = Some((item.get("pin_updated_at")?, item.text("pin_updated_by")?.to_owned()));
    Ok(PinStatus { version, last_set, failed_attempts: item.number("failed_attempts")? })
}

/// The digest of an account's PIN, which stands there exactly if there is a PIN.
pub fn digest(item: &Item, pin: &PinStatus) -> Result<Option<PinDigest>, Trouble> {
    match (pin.is_set(), item.maybe("pin_digest")?) {
        (true, None) => Err(Trouble::corrupt("pin_digest")),
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
    pub fn read(item: &Item) -> Result<Self, Trouble> {
        let last_failed_at = Timestamp::from_millisecond(item.number("last_failed_at")?);
        let last_failed_at = last_failed_at.map_err(|_| Trouble::corrupt("last_failed_at"))?;
        let attempts = CarrierAttempts::recorded(item.number("failures")?, last_failed_at);
        Ok(Self { attempts, pin_version: item.number("pin_version")? })
    }

    pub fn item(&self, key: Key) -> Item {
        let last = self.attempts.last_failed_at();
        let expires = last.as_second().saturating_add(ATTEMPTS_KEPT.as_secs());
        Item::at(key)
            .with("failures", n(self.attempts.failures()))
            .with("last_failed_at", n(last.as_millisecond()))
            .with("pin_version", n(self.pin_version))
            .with("expires_at", n(expires))
    }
}

/// A number as the table knows it.
pub fn number(item: &Item) -> Result<(Tn, NumberRecord), Trouble> {
    let record = NumberRecord { account: item.get("account_number")?, held_by: item.maybe("held_by")? };
    Ok((item.get("telephone_number")?, record))
}

/// What is known of all versions of a PON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PonRow {
    pub latest: Version,
    pub confirmed: Option<OrderId>,
}

impl PonRow {
    pub fn read(item: &Item) -> Result<Self, Trouble> {
        Ok(Self { latest: item.get("latest_version")?, confirmed: item.maybe("confirmed_id")? })
    }

    pub fn item(&self, key: Key) -> Item {
        Item::at(key)
            .with("latest_version", s(self.latest.to_string()))
            .with_some("confirmed_id", self.confirmed.as_ref().map(|id| s(id.as_str())))
    }
}

/// A port-out with the fingerprint of the PIN it carried.
#[derive(Debug, Clone)]
pub struct OrderRecord {
    /// The port-out.
    pub port_out: PortOut,
    /// Of its PIN, if it carried one; never read where it is not needed.
    pub fingerprint: Option<Fingerprint>,
}

impl OrderRecord {
    pub(super) fn read(item: &Item) -> Result<Self, Trouble> {
        let content = Content {
            account_number: item.get("account_number")?,
            zip_code: item.maybe("zip_code")?,
            numbers: numbers(item)?,
            desired_due_date: item.maybe("desired_due_date")?,
        };
        let port_out = PortOut {
            id: item.get("order_id")?,
            spid: item.get("spid")?,
            pon: item.get("pon")?,
            version: item.get("order_version")?,
            content,
            outcome: outcome(item)?,
            received_at: item.get("received_at")?,
        };
        Ok(Self { port_out, fingerprint: item.maybe("pin_fingerprint")? })
    }

    pub(super) fn item(&self) -> Item {
        let PortOut { id, spid, pon, version, content, outcome, received_at } = &self.port_out;
        let rejections = outcome.rejections().iter().map(rejection_value).collect();
        let date = |date: Date| s(date.to_string());
        Item::at(Key::port_out(id))
            .with("order_id", s(id.as_str()))
            .with("spid", s(spid.as_str()))
            .with("pon", s(pon.as_str()))
            .with("order_version", s(version.to_string()))
            .with("account_number", s(content.account_number.as_str()))
            .with(
                "telephone_numbers",
                AttributeValue::L(content.numbers.as_slice().iter().map(tn_value).collect()),
            )
            .with_some("zip_code", content.zip_code.as_ref().map(|zip| s(zip.as_str())))
            .with_some("desired_due_date", content.desired_due_date.map(date))
            .with("order_status", s(outcome.status()))
            .with_some("foc_date", outcome.foc_date().map(date))
            .with("rejections", AttributeValue::L(rejections))
            .with("received_at", time(*received_at))
            .with_some("pin_fingerprint", self.fingerprint.as_ref().map(|f| s(f.expose_stored())))
            .with("list_pk", s(key::port_outs_list(&content.account_number)))
            .with("list_sk", s(format!("{}#{id}", crate::text::millis(*received_at))))
    }
}

fn tn_value(tn: &Tn) -> AttributeValue {
    s(tn.to_string())
}

fn numbers(item: &Item) -> Result<NumberList, Trouble> {
    let corrupt = || Trouble::corrupt("telephone_numbers");
    let tn = |value: &AttributeValue| value.as_s().ok().and_then(|text| text.parse().ok());
    let numbers: Option<Vec<Tn>> = item.list("telephone_numbers")?.iter().map(tn).collect();
    numbers.ok_or_else(corrupt)?.try_into().map_err(|_| corrupt())
}

fn outcome(item: &Item) -> Result<Outcome, Trouble> {
    match item.text("order_status")? {
        "confirmed" => Ok(Outcome::Confirmed(item.get("foc_date")?)),
        "superseded" => Ok(Outcome::Superseded(item.get("foc_date")?)),
        "rejected" => {
            let read: Result<_, _> = item.list("rejections")?.iter().map(rejection).collect();
            Ok(Outcome::Rejected(read?))
        }
        _ => Err(Trouble::corrupt("order_status")),
    }
}

fn rejection_value(rejection: &Rejection) -> AttributeValue {
    let texts =
        [("code", rejection.code.as_str()), ("field", &rejection.field), ("detail", &rejection.detail)];
    let mut map: HashMap<_, _> = texts.into_iter().map(|(name, text)| (name.to_owned(), s(text))).collect();
    if let Some(tn) = &rejection.telephone_number {
        map.insert("telephone_number".to_owned(), tn_value(tn));
    }
    AttributeValue::M(map)
}

fn rejection(value: &AttributeValue) -> Result<Rejection, Trouble> {
    let corrupt = Trouble::corrupt("rejections");
    let Ok(map) = value.as_m() else { return Err(corrupt) };
    let item = Item::of(map.clone());
    Ok(Rejection {
        code: RejectionCode::parse(item.text("code")?).ok_or(corrupt)?,
        field: item.text("field")?.to_owned(),
        telephone_number: item.maybe("telephone_number")?,
        detail: item.text("detail")?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trouble::TroubleKind;

    fn order(outcome: Outcome) -> OrderRecord {
        let numbers: Vec<Tn> = vec!["2065550123".parse().unwrap(), "2065550100".parse().unwrap()];
        let content = Content {
            account_number: "CONTOSO".parse().unwrap(),
            zip_code: Some("98052-1234".parse().unwrap()),
            numbers: numbers.try_into().unwrap(),
            desired_due_date: Some("2026-12-01".parse().unwrap()),
        };
        let (spid, pon) = ("A123".parse().unwrap(), "TX-1001".parse().unwrap());
        let id = OrderId::of(&spid, &pon, Version::FIRST);
        let received_at = "2026-11-23T16:04:05.678Z".parse().unwrap();
        let port_out = PortOut { id, spid, pon, version: Version::FIRST, content, outcome, received_at };
        OrderRecord { port_out, fingerprint: None }
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
            let read = OrderRecord::read(&record.item()).unwrap().port_out;
            assert_eq!(read.outcome, outcome);
            assert!(read.content.same(&record.port_out.content));
            assert_eq!((read.id, read.received_at), (record.port_out.id, record.port_out.received_at));
        }
    }

    #[test]
    fn a_damaged_order_is_an_error_that_names_the_attribute() {
        let item = order(Outcome::Confirmed("2026-12-01".parse().unwrap())).item();
        for (name, value) in [("order_status", s("ported")), ("foc_date", s("soon")), ("spid", n(1))] {
            let trouble = OrderRecord::read(&item.clone().with(name, value)).err().unwrap();
            assert_eq!((trouble.kind(), trouble.to_string().as_str()), (TroubleKind::Corrupt, name));
        }
        let broken = item.with("telephone_numbers", AttributeValue::L(vec![s("12")]));
        assert_eq!(OrderRecord::read(&broken).err().unwrap().to_string(), "telephone_numbers");
    }

    #[test]
    fn a_pin_without_its_digest_is_corrupt_and_not_a_wrong_pin() {
        let set = PinStatus { version: 1, last_set: None, failed_attempts: 0 };
        assert_eq!(digest(&Item::default(), &set).err().unwrap().kind(), TroubleKind::Corrupt);
        assert!(digest(&Item::default(), &PinStatus::default()).unwrap().is_none());
        let broken = Item::default().with("pin_digest", s("pbkdf2-sha256$1"));
        assert_eq!(digest(&broken, &set).err().unwrap().kind(), TroubleKind::Corrupt);
    }

    #[test]
    fn a_count_reads_back_and_outlives_the_longest_wait() {
        let last = "2026-11-23T16:04:05.678Z".parse().unwrap();
        let row = AttemptsRow { attempts: CarrierAttempts::recorded(7, last), pin_version: 3 };
        let item = row.item(Key::attempts(&"CONTOSO".parse().unwrap(), &"A123".parse().unwrap()));
        assert_eq!(AttemptsRow::read(&item).unwrap(), row);
        let kept = item.number::<i64>("expires_at").unwrap() - last.as_second();
        assert!(kept > crate::rules::attempts::LONGEST_WAIT.as_secs());
    }
}
