//! What `set-pin` may do: read an account and how its PIN was hashed, and write a digest that it never reads.

use jiff::Timestamp;

use crate::error::Error;
use crate::pin_hash::digest::{PinDigest, StoredPin};
use crate::pin_hash::parameters::HashParameters;
use crate::store::audit_event::Event;
use crate::store::item::{number, string, time};
use crate::store::key::Key;
use crate::store::reads;
use crate::store::records::account::{self, AccountRecord};
use crate::store::records::{pin, union};
use crate::store::tables::{Tables, Written};
use crate::store::write::Write;
use shared::account::{Account, AccountNumber};
use shared::actor::Actor;
use shared::telephone_number::Tn;

/// Writes PINs.
#[derive(Clone)]
pub struct PinWriter(Tables);

/// An account whose PIN is to be set.
#[derive(Debug)]
pub struct PinOwner {
    /// The account.
    pub account: Account,
    /// How its PIN was hashed, if it has one.
    pub parameters: Option<HashParameters>,
}

/// The outcome of setting a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinSet {
    /// It is set, as this version.
    Done(u64),
    /// Nothing was written: the PIN changed since it was read, or it is the one that is already set.
    ChangedOrSame,
    /// Nothing was written: the account changed since it was read.
    Stale,
}

/// Numbers of an account that a new PIN is compared with: one page of the index.
pub const OWN_NUMBERS_COMPARED: usize = 1_000;

/// Place of the PIN's write in the transaction.
const PIN: usize = 0;

impl PinWriter {
    /// Creates a writer to these tables.
    pub fn new(tables: Tables) -> Self {
        Self(tables)
    }

    /// Reads an account and how its PIN was hashed.
    pub async fn owner(&self, number: &AccountNumber) -> Result<Option<PinOwner>, Error> {
        let attributes =
            union(&[&["pk", "sk"], account::ATTRIBUTES, pin::STATUS_ATTRIBUTES, pin::PARAMETERS]);
        let keys = [Key::account(number), Key::pin(number)];
        let [record, pin_item] = self.0.get_each(keys, &attributes).await?;
        let Some(record) = record.as_ref().map(AccountRecord::read).transpose()? else { return Ok(None) };
        let status = pin_item.as_ref().map(pin::status).transpose()?.unwrap_or_default();
        let parameters = pin_item.as_ref().map(pin::parameters).transpose()?;
        Ok(Some(PinOwner { account: record.account(status), parameters }))
    }

    /// Reads the first [`OWN_NUMBERS_COMPARED`] numbers of an account.
    pub async fn own_numbers(&self, account: &AccountNumber) -> Result<Vec<Tn>, Error> {
        reads::numbers_of(&self.0, account, None, OWN_NUMBERS_COMPARED).await
    }

    /// Writes the PIN's next version and resets its counts, unless the PIN is the one that was read, whose digest under
    /// its own parameters is `same`. DynamoDB compares them, so that nothing here has to read a digest.
    pub async fn set(
        &self,
        read: &Account,
        same: Option<&PinDigest>,
        new: &StoredPin,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<PinSet, Error> {
        let next = read.pin.version.saturating_add(1);
        let change = "SET #pin_parameters = :parameters, #pin_digest = :digest, #pin_version = :next, \
                      #pin_updated_at = :now, #pin_updated_by = :actor, #failed_attempts = :zero, \
                      #consecutive_failures = :zero, #count_period = :period REMOVE #pin_failed_at, #pin_disclosed_at";
        let unchanged = match (read.pin.version, same) {
            (0, _) => "attribute_not_exists(#pk)",
            (_, None) => "#pin_version = :read",
            (_, Some(_)) => "#pin_version = :read AND #pin_digest <> :same",
        };
        let mut values = vec![
            ("parameters", string(new.parameters.stored())),
            ("digest", string(new.digest.expose_stored())),
            ("next", number(next)),
            ("read", number(read.pin.version)),
            ("now", time(now)),
            ("actor", string(actor.as_str())),
            ("zero", number(0)),
            ("period", number(read.pin.failures.period.saturating_add(1))),
        ];
        values.extend(same.map(|digest| ("same", string(digest.expose_stored()))));
        // What decisions rest on moves with the PIN; and the account must still be one whose PIN may be set.
        let moved = "SET #decision_version = #decision_version + :one";
        let country = [("one", number(1)), ("country", string(read.profile.country.as_str()))];
        let writes = vec![
            Write::update(Key::pin(&read.number), change, unchanged, &values),
            Write::update(Key::account(&read.number), moved, "#country = :country", &country),
            Event::pin_set(&read.number, next).write(actor, now)?,
        ];
        Ok(match self.0.transact(writes).await? {
            Written::Done => PinSet::Done(next),
            Written::Refused(places) if places.contains(&PIN) => PinSet::ChangedOrSame,
            Written::Refused(_) => PinSet::Stale,
        })
    }
}
