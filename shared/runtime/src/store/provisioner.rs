//! What `provision` may do: write accounts and numbers, and nothing of a PIN.

use jiff::Timestamp;

use crate::error::Error;
use crate::store::audit_event::Event;
use crate::store::commit::Commit;
use crate::store::item::{Item, number, string, strings, time};
use crate::store::key::{self, Key};
use crate::store::records::{ACCOUNT_ATTRIBUTES, AccountRecord};
use crate::store::table::{Table, Written};
use crate::store::write::Write;
use shared::account::{AccountNumber, Profile};
use shared::actor::Actor;
use shared::telephone_number::Tn;
use shared::telephone_numbers::TelephoneNumbers;

/// Writes accounts and numbers.
#[derive(Clone)]
pub struct Provisioner(Table);

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
    /// Creates a writer to this table.
    pub fn new(table: Table) -> Self {
        Self(table)
    }

    /// Reads an account without its digest.
    pub async fn account(&self, account: &AccountNumber) -> Result<Option<AccountRecord>, Error> {
        let item = self.0.get(Key::account(account), ACCOUNT_ATTRIBUTES).await?;
        item.as_ref().map(AccountRecord::read).transpose()
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
        writes.push(Event::numbers_assigned(account, numbers.as_slice().len()).write(actor, now)?);
        Ok(match self.0.transact(writes).await? {
            Written::Done => Assigned::All,
            Written::Refused(places) if places.contains_key(&ACCOUNT) => Assigned::NoAccount,
            Written::Refused(places) => {
                let mut elsewhere: Vec<_> =
                    places.into_keys().map(|p| p.saturating_sub(FIRST_NUMBER)).collect();
                elsewhere.sort_unstable();
                Assigned::Elsewhere(elsewhere)
            }
        })
    }

    /// Removes a number from the account, unless a confirmed port-out holds it.
    pub async fn remove(
        &self,
        account: &AccountNumber,
        tn: &Tn,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Removed, Error> {
        let free = "#account_number = :account AND attribute_not_exists(#held_by)";
        let writes = vec![
            Write::check(Key::account(account), "attribute_exists(#pk)", &[]),
            Write::delete(Key::number(tn), free, &[("account", string(account.as_str()))]),
            Event::number_removed(account, tn).write(actor, now)?,
        ];
        match self.0.transact(writes).await? {
            Written::Done => Ok(Removed::Gone),
            Written::Refused(places) if places.contains_key(&ACCOUNT) => Ok(Removed::NoAccount),
            Written::Refused(mut places) => why_not_removed(account, places.remove(&FIRST_NUMBER).flatten()),
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
         #updated_at = :now, #revision = :revision{name}"
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

fn why_not_removed(account: &AccountNumber, found: Option<Item>) -> Result<Removed, Error> {
    let Some(item) = found else { return Ok(Removed::Gone) };
    let ours = item.get::<AccountNumber>("account_number")? == *account;
    Ok(if ours { Removed::Held } else { Removed::Gone })
}
