//! What `set-pin` may do: read an account without its digest, and write a digest that it never reads.

use jiff::Timestamp;

use crate::error::Error;
use crate::pin_hash::digest::PinDigest;
use crate::store::audit_event::Event;
use crate::store::commit::Commit;
use crate::store::item::{number, string, time};
use crate::store::key::Key;
use crate::store::records::{ACCOUNT_ATTRIBUTES, AccountRecord};
use crate::store::status_reader::numbers_of;
use crate::store::table::Table;
use crate::store::write::Write;
use shared::account::{Account, AccountNumber};
use shared::actor::Actor;
use shared::telephone_number::Tn;

/// Writes PINs.
#[derive(Clone)]
pub struct PinWriter(Table);

/// Numbers of an account that a new PIN is compared with: one page of the index.
pub const OWN_NUMBERS_COMPARED: usize = 1_000;

impl PinWriter {
    /// Creates a writer to this table.
    pub fn new(table: Table) -> Self {
        Self(table)
    }

    /// Reads an account without its digest.
    pub async fn account(&self, account: &AccountNumber) -> Result<Option<AccountRecord>, Error> {
        let item = self.0.get(Key::account(account), ACCOUNT_ATTRIBUTES).await?;
        item.as_ref().map(AccountRecord::read).transpose()
    }

    /// Reads the first [`OWN_NUMBERS_COMPARED`] numbers of an account.
    pub async fn own_numbers(&self, account: &AccountNumber) -> Result<Vec<Tn>, Error> {
        numbers_of(&self.0, account, None, OWN_NUMBERS_COMPARED).await
    }

    /// Writes the PIN's next version and resets the count of wrong PINs, unless the account changed since it was read.
    pub async fn set(
        &self,
        read: &Account,
        digest: &PinDigest,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Commit<u64>, Error> {
        let next = read.pin.version.saturating_add(1);
        let change = "SET #pin_digest = :digest, #pin_version = :next, #pin_updated_at = :now, \
                      #pin_updated_by = :actor, #failed_attempts = :zero";
        let unchanged = match read.pin.version {
            0 => "#country = :country AND attribute_not_exists(#pin_version)",
            _ => "#country = :country AND #pin_version = :read",
        };
        let values = [
            ("digest", string(digest.expose_stored())),
            ("next", number(next)),
            ("read", number(read.pin.version)),
            ("now", time(now)),
            ("actor", string(actor.as_str())),
            ("zero", number(0)),
            ("country", string(read.profile.country.as_str())),
        ];
        let writes = vec![
            Write::update(Key::account(&read.number), change, unchanged, &values),
            Event::pin_set(&read.number, next).write(actor, now)?,
        ];
        Ok(self.0.commit(writes).await?.map(|()| next))
    }
}
