//! What `status` may do: read, and never a digest or a fingerprint.

use crate::error::Error;
use crate::store::item::Item;
use crate::store::key::{self, Key};
use crate::store::records::{ACCOUNT_ATTRIBUTES, AccountRecord, PORT_OUT_ATTRIBUTES, PortOutRecord};
use crate::store::table::Table;
use shared::account::AccountNumber;
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;
use shared::telephone_number::Tn;

/// Reads what responses show.
#[derive(Clone)]
pub struct StatusReader(Table);

/// Sorts before every telephone number.
const BEFORE_ALL: &str = "+";

impl StatusReader {
    /// Creates a reader of this table.
    pub fn new(table: Table) -> Self {
        Self(table)
    }

    /// Reads an account without its digest.
    pub async fn account(&self, account: &AccountNumber) -> Result<Option<AccountRecord>, Error> {
        let item = self.0.get(Key::account(account), ACCOUNT_ATTRIBUTES).await?;
        item.as_ref().map(AccountRecord::read).transpose()
    }

    /// Reads a port-out without its fingerprint.
    pub async fn port_out(&self, id: &PortOutId) -> Result<Option<PortOut>, Error> {
        let item = self.0.get(Key::port_out(id), PORT_OUT_ATTRIBUTES).await?;
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
    table: &Table,
    account: &AccountNumber,
    after: Option<&Tn>,
    limit: usize,
) -> Result<Vec<Tn>, Error> {
    let after = after.map_or(BEFORE_ALL.to_owned(), Tn::to_string);
    let items = table.list(key::numbers_list(account), &after, limit).await?;
    items.iter().map(|item: &Item| item.get("list_sk")).collect()
}
