//! What `status` may do: read, and never a digest or a fingerprint.

use crate::error::Error;
use crate::store::item::Item;
use crate::store::key::{self, Index, Key};
use crate::store::records::account::{self, AccountRecord};
use crate::store::records::port_out::{self, PortOutRecord};
use crate::store::records::{number, pin, union};
use crate::store::tables::Tables;
use shared::account::{Account, AccountNumber};
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;
use shared::snapshot::NumberRecord;
use shared::telephone_number::Tn;

/// Reads what responses show.
#[derive(Clone)]
pub struct StatusReader(Tables);

/// Sorts before every telephone number.
const BEFORE_ALL: &str = "+";

impl StatusReader {
    /// Creates a reader of these tables.
    pub fn new(tables: Tables) -> Self {
        Self(tables)
    }

    /// Reads an account.
    pub async fn account(&self, account: &AccountNumber) -> Result<Option<AccountRecord>, Error> {
        let item = self.0.get(Key::account(account), account::ATTRIBUTES).await?;
        item.as_ref().map(AccountRecord::read).transpose()
    }

    /// Reads an account with the status of its PIN.
    pub async fn account_with_pin(&self, number: &AccountNumber) -> Result<Option<Account>, Error> {
        let attributes = union(&[&["pk", "sk"], account::ATTRIBUTES, pin::STATUS_ATTRIBUTES]);
        let [record, pin_item] = self.0.get_each([Key::account(number), Key::pin(number)], &attributes).await?;
        let Some(record) = record.as_ref().map(AccountRecord::read).transpose()? else { return Ok(None) };
        let status = pin_item.as_ref().map(pin::status).transpose()?.unwrap_or_default();
        Ok(Some(record.account(status)))
    }

    /// Reads a number.
    pub async fn number(&self, tn: &Tn) -> Result<Option<NumberRecord>, Error> {
        let item = self.0.get(Key::number(tn), number::ATTRIBUTES).await?;
        item.as_ref().map(|item| number::read(item).map(|(_, record)| record)).transpose()
    }

    /// Reads a port-out without its fingerprint.
    pub async fn port_out(&self, id: &PortOutId) -> Result<Option<PortOut>, Error> {
        let item = self.0.get(Key::port_out(id), port_out::ATTRIBUTES).await?;
        item.as_ref().map(|item| PortOutRecord::read(item).map(|record| record.port_out)).transpose()
    }

    /// Reads up to `limit` numbers of an account after `after`, in order; eventually consistent.
    pub async fn numbers(
        &self,
        account: &AccountNumber,
        after: Option<&Tn>,
        limit: usize,
    ) -> Result<Vec<Tn>, Error> {
        numbers_of(&self.0, account, after, limit).await
    }
}

/// Reads up to `limit` numbers of an account after `after`, for every store that lists them.
pub async fn numbers_of(
    tables: &Tables,
    account: &AccountNumber,
    after: Option<&Tn>,
    limit: usize,
) -> Result<Vec<Tn>, Error> {
    let after = after.map_or(BEFORE_ALL.to_owned(), Tn::to_string);
    let items = tables.list(Index::Lists, key::numbers_list(account), &after, limit).await?;
    items.iter().map(|item: &Item| item.get("list_sk")).collect()
}
