//! What `provision` may do: write accounts and numbers, and nothing of a PIN.

use jiff::Timestamp;

use crate::error::Error;
use crate::store::audit_event::Event;
use crate::store::commit::Commit;
use crate::store::item::{number, string, strings, time};
use crate::store::key::{self, Key};
use crate::store::reads;
use crate::store::records::account::AccountRecord;
use crate::store::records::number as number_record;
use crate::store::tables::{Tables, Written};
use crate::store::write::Write;
use shared::account::{AccountNumber, Profile};
use shared::actor::Actor;
use shared::telephone_number::Tn;
use shared::telephone_numbers::TelephoneNumbers;

/// Writes accounts and numbers.
#[derive(Clone)]
pub struct Provisioner(Tables);

/// The outcome of an assignment of numbers.
#[derive(Debug, PartialEq, Eq)]
pub enum Assigned {
    /// All of them belong to the account now.
    All,
    /// There is no such account.
    NoAccount,
    /// None was assigned: those at these places in the list belong to another account.
    Elsewhere(Vec<usize>),
}

/// The outcome of a removal of a number.
#[derive(Debug, PartialEq, Eq)]
pub enum Removed {
    /// The number does not belong to the account, now if not before.
    Gone,
    /// There is no such account.
    NoAccount,
    /// A confirmed port-out holds the number.
    Held,
}

/// Place of the account's check in the transactions; the numbers follow.
const ACCOUNT: usize = 0;
/// Place of the first number.
const FIRST_NUMBER: usize = 1;

impl Provisioner {
    /// Creates a writer to these tables.
    pub fn new(tables: Tables) -> Self {
        Self(tables)
    }

    /// Reads an account.
    pub async fn account(&self, account: &AccountNumber) -> Result<Option<AccountRecord>, Error> {
        reads::account(&self.0, account).await
    }

    /// Creates or replaces an account's profile, unless it changed since it was read; its PIN stays.
    pub async fn write_account(
        &self,
        account: &AccountNumber,
        profile: &Profile,
        read: Option<&AccountRecord>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Commit<()>, Error> {
        let condition = match read {
            None => "attribute_not_exists(#pk)",
            Some(_) => "#revision = :read",
        };
        let revision = read.map_or(0, |record| record.revision);
        let mut values = vec![
            ("account", string(account.as_str())),
            ("country", string(profile.country.as_str())),
            ("zip_codes", strings(profile.zip_codes.as_slice().iter().map(|zip| zip.as_str()))),
            ("now", time(now)),
            ("created", time(read.map_or(now, |record| record.created_at))),
            ("read", number(revision)),
            ("revision", number(revision.saturating_add(1))),
            ("zero", number(0)),
            ("one", number(1)),
        ];
        values.extend(profile.name.as_ref().map(|name| ("name", string(name.as_str()))));
        let writes = vec![
            Write::update(Key::account(account), account_change(profile), condition, &values),
            Event::account_written(account, read.is_none()).write(actor, now)?,
        ];
        self.0.commit(writes).await
    }

    /// Assigns all of these numbers to the account, or none.
    pub async fn assign(
        &self,
        account: &AccountNumber,
        numbers: &TelephoneNumbers,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Assigned, Error> {
        let mut writes = vec![Write::check(Key::account(account), "attribute_exists(#pk)", &[])];
        writes.extend(numbers.as_slice().iter().map(|tn| assignment(account, tn, now)));
        writes.push(Event::numbers_assigned(account, numbers.as_slice()).write(actor, now)?);
        Ok(match self.0.transact(writes).await? {
            Written::Done => Assigned::All,
            Written::Refused(places) if places.contains(&ACCOUNT) => Assigned::NoAccount,
            Written::Refused(places) => {
                Assigned::Elsewhere(places.into_iter().map(|p| p.saturating_sub(FIRST_NUMBER)).collect())
            }
        })
    }

    async fn why_not_removed(&self, account: &AccountNumber, tn: &Tn) -> Result<Removed, Error> {
        let item = self.0.get(Key::number(tn), number_record::ATTRIBUTES).await?;
        let owner =
            item.as_ref().map(number_record::read).transpose()?.and_then(|(_, record)| record.account);
        Ok(if owner.as_ref() == Some(account) { Removed::Held } else { Removed::Gone })
    }

    /// Removes a number from the account, unless a confirmed port-out holds it.
    pub async fn remove(
        &self,
        account: &AccountNumber,
        tn: &Tn,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Removed, Error> {
        let free = "#account_number = :account AND (attribute_not_exists(#held_by) OR #held_until <= :now)";
        let values = [("account", string(account.as_str())), ("now", time(now))];
        let writes = vec![
            Write::check(Key::account(account), "attribute_exists(#pk)", &[]),
            Write::delete(Key::number(tn), free, &values),
            Event::number_removed(account, tn).write(actor, now)?,
        ];
        match self.0.transact(writes).await? {
            Written::Done => Ok(Removed::Gone),
            Written::Refused(places) if places.contains(&ACCOUNT) => Ok(Removed::NoAccount),
            Written::Refused(_) => self.why_not_removed(account, tn).await,
        }
    }
}

/// Sets what is given and removes what is not: nothing of the old profile stays.
fn account_change(profile: &Profile) -> String {
    let name = match profile.name {
        Some(_) => ", #account_name = :name",
        None => " REMOVE #account_name",
    };
    format!(
        "SET #account_number = :account, #country = :country, #zip_codes = :zip_codes, #created_at = :created, \
         #updated_at = :now, #revision = :revision, #decision_version = if_not_exists(#decision_version, :zero) + :one{name}"
    )
}

fn assignment(account: &AccountNumber, tn: &Tn, now: Timestamp) -> Write {
    let change = "SET #telephone_number = :tn, #account_number = :account, #list_pk = :list, #list_sk = :tn, \
                  #assigned_at = if_not_exists(#assigned_at, :now)";
    let free = "attribute_not_exists(#account_number) OR #account_number = :account";
    let values = [
        ("tn", string(tn.to_string())),
        ("account", string(account.as_str())),
        ("list", string(key::numbers_list(account))),
        ("now", time(now)),
    ];
    Write::update(Key::number(tn), change, free, &values)
}
