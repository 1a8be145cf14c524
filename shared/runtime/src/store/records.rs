//! Items as types, and back: accounts, counts, numbers, port-outs and PONs.

use std::collections::HashMap;
use std::sync::LazyLock;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use crate::error::Error;
use crate::pin_hash::digest::PinDigest;
use crate::pin_hash::fingerprint::Fingerprint;
use crate::store::deliveries::Delivered;
use crate::store::item::{Item, number, string, time};
use crate::store::key::{self, Key};
use shared::account::{Account, PinStatus, Profile};
use shared::attempts::CarrierAttempts;
use shared::port_out::{Content, Outcome, PortOut, Rejection, RejectionCode};
use shared::port_out_id::{PortOutId, Version};
use shared::snapshot::NumberRecord;
use shared::telephone_number::Tn;
use shared::telephone_numbers::TelephoneNumbers;
use shared::zip_code::ZipCodes;

/// The attributes of an account that a function without access to digests may read.
pub const ACCOUNT_ATTRIBUTES: &[&str] = &[
    "account_number",
    "country",
    "account_name",
    "zip_codes",
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

/// The attributes of a PON.
const PON_ATTRIBUTES: &[&str] = &[
    "latest_version",
    "confirmed_id",
    "content_hash",
    "port_out_status",
    "foc_date",
    "rejections",
    "received_at",
    "pin_fingerprint",
];

/// The attributes of a carrier's count on an account.
const ATTEMPTS_ATTRIBUTES: &[&str] = &["failures", "last_failed_at", "pin_version"];

/// The attributes of a number.
const NUMBER_ATTRIBUTES: &[&str] = &["telephone_number", "account_number", "held_by"];

/// The attributes that a decision needs, of every kind of item that it reads: the union of their own lists, so that
/// none can lack what its reader asks for.
pub static SNAPSHOT_ATTRIBUTES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut all = [
        &["pk", "sk", "pin_digest", "pin_fingerprint"],
        ACCOUNT_ATTRIBUTES,
        ATTEMPTS_ATTRIBUTES,
        NUMBER_ATTRIBUTES,
        PON_ATTRIBUTES,
        PORT_OUT_ATTRIBUTES,
        Delivered::ATTRIBUTES,
    ]
    .concat();
    all.sort_unstable();
    all.dedup();
    all
});

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
    pub revision: u64,
}

impl AccountRecord {
    pub(super) fn read(item: &Item) -> Result<Self, Error> {
        let profile = Profile {
            country: item.get("country")?,
            name: item.optional("account_name")?,
            zip_codes: zip_codes(item)?,
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

/// All versions of a PON.
#[derive(Debug, Clone)]
pub struct PonRow {
    pub latest: Version,
    pub confirmed: Option<PortOutId>,
    pub attempt: Option<LatestAttempt>,
}

/// The latest version of a PON in a protocol without versions: what it takes to recognize its repetition and to repeat
/// its answer, so that neither needs a second read.
#[derive(Debug, Clone)]
pub struct LatestAttempt {
    pub content_hash: String,
    pub outcome: Outcome,
    pub received_at: Timestamp,
    pub fingerprint: Option<Fingerprint>,
}

impl PonRow {
    pub fn read(item: &Item) -> Result<Self, Error> {
        Ok(Self {
            latest: item.get("latest_version")?,
            confirmed: item.optional("confirmed_id")?,
            attempt: LatestAttempt::read(item)?,
        })
    }

    pub fn item(&self, key: Key) -> Item {
        let item = Item::at(key)
            .with("latest_version", string(self.latest.to_string()))
            .with_some("confirmed_id", self.confirmed.as_ref().map(|id| string(id.as_str())));
        match &self.attempt {
            Some(attempt) => attempt.add_to(item),
            None => item,
        }
    }
}

impl LatestAttempt {
    fn read(item: &Item) -> Result<Option<Self>, Error> {
        let Some(content_hash) = item.optional_text("content_hash")? else { return Ok(None) };
        Ok(Some(Self {
            content_hash: content_hash.to_owned(),
            outcome: outcome(item)?,
            received_at: item.get("received_at")?,
            fingerprint: item.optional("pin_fingerprint")?,
        }))
    }

    fn add_to(&self, item: Item) -> Item {
        let item = item.with("content_hash", string(&self.content_hash));
        with_answer(item, &self.outcome, self.received_at, self.fingerprint.as_ref())
    }
}

/// Adds an answer, which a port-out and a PON's latest attempt store alike.
fn with_answer(
    item: Item,
    outcome: &Outcome,
    received_at: Timestamp,
    fingerprint: Option<&Fingerprint>,
) -> Item {
    let rejections = outcome.rejections().iter().map(rejection_value).collect();
    item.with("port_out_status", string(outcome.status()))
        .with_some("foc_date", outcome.foc_date().map(|date| string(date.to_string())))
        .with("rejections", AttributeValue::L(rejections))
        .with("received_at", time(received_at))
        .with_some("pin_fingerprint", fingerprint.map(|f| string(f.expose_stored())))
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

    pub fn item(&self) -> Item {
        let PortOut { id, spid, pon, version, content, outcome, received_at } = &self.port_out;
        let numbers = content.numbers.as_slice().iter().map(tn_value).collect();
        let item = Item::at(Key::port_out(id))
            .with("port_out_id", string(id.as_str()))
            .with("spid", string(spid.as_str()))
            .with("pon", string(pon.as_str()))
            .with("port_out_version", string(version.to_string()))
            .with("account_number", string(content.account_number.as_str()))
            .with("telephone_numbers", AttributeValue::L(numbers))
            .with_some("zip_code", content.zip_code.as_ref().map(|zip| string(zip.as_str())))
            .with_some("desired_due_date", content.desired_due_date.map(|date| string(date.to_string())))
            .with("list_pk", string(key::port_outs_list(&content.account_number)))
            .with("list_sk", string(format!("{}#{id}", crate::timestamp::millis(*received_at))));
        with_answer(item, outcome, *received_at, self.fingerprint.as_ref())
    }
}

fn tn_value(tn: &Tn) -> AttributeValue {
    string(tn.to_string())
}

fn numbers(item: &Item) -> Result<TelephoneNumbers, Error> {
    let numbers = item.parsed_list("telephone_numbers")?;
    TelephoneNumbers::try_from(numbers).map_err(|_| Error::corrupt("telephone_numbers"))
}

fn zip_codes(item: &Item) -> Result<ZipCodes, Error> {
    ZipCodes::try_from(item.parsed_list("zip_codes")?).map_err(|_| Error::corrupt("zip_codes"))
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
