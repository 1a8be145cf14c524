//! What `set-pin` may do: read an account without its digest, and write a digest that it never reads.

use jiff::Timestamp;

use super::event::{Actor, Event};
use super::item::{n, s, time};
use super::key::Key;
use super::records::{ACCOUNT_ATTRIBUTES, AccountRecord};
use super::status_reader::numbers_of;
use super::table::{Table, Written};
use super::write::Write;
use crate::digest::stored::PinDigest;
use crate::rules::account::{Account, AccountNumber, Country};
use crate::rules::tn::Tn;
use crate::trouble::Trouble;

/// Writes PINs.
#[derive(Clone)]
pub struct PinWriter(Table);

/// How many of an account's own numbers a new PIN is compared with: one page of the index.
pub const OWN_NUMBERS_COMPARED: usize = 1_000;

impl PinWriter {
    /// A writer to this table.
    pub fn new(table: Table) -> Self {
        Self(table)
    }

    /// An account, without its digest.
    pub async fn account(&self, account: &AccountNumber) -> Result<Option<AccountRecord>, Trouble> {
        let item = self.0.get(Key::account(account), ACCOUNT_ATTRIBUTES).await?;
        item.as_ref().map(AccountRecord::read).transpose()
    }

    /// The account's numbers, the first [`OWN_NUMBERS_COMPARED`] of them.
    pub async fn own_numbers(&self, account: &AccountNumber) -> Result<Vec<Tn>, Trouble> {
        numbers_of(&self.0, account, None, OWN_NUMBERS_COMPARED).await
    }

    /// Makes this the PIN's next version and ends every count, if the account is still as it was read.
    /// `None`: it is not; read again.
    pub async fn set(
        &self,
        read: &Account,
        digest: &PinDigest,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Option<u64>, Trouble> {
        let next = read.pin.version.saturating_add(1);
        let change = "SET #pin_digest = :digest, #pin_version = :next, #pin_updated_at = :now, \
                      #pin_updated_by = :actor, #failed_attempts = :zero";
        let unchanged = match read.pin.version {
            0 => "#country = :us AND attribute_not_exists(#pin_version)",
            _ => "#country = :us AND #pin_version = :read",
        };
        let values = [
            ("digest", s(digest.expose_stored())),
            ("next", n(next)),
            ("read", n(read.pin.version)),
            ("now", time(now)),
            ("actor", s(&actor.0)),
            ("zero", n(0)),
            ("us", s(Country::US.as_str())),
        ];
        let writes = vec![
            Write::update(Key::account(&read.number), change, unchanged, &values),
            Event::pin_set(&read.number, next).write(actor, now)?,
        ];
        match self.0.transact(writes).await? {
            Written::Done => Ok(Some(next)),
            Written::Refused(_) => Ok(None),
        }
    }
}
